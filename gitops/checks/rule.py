"""Rules: pure functions that say where something does not hold, with what people need to know about them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import getdoc
from typing import Generic, TypeAlias, TypeVar

from gitops.errors import Problem, Severity, SubstitutionError, Violation
from gitops.platform import Platform
from gitops.profile import policies

_Subject = TypeVar("_Subject")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule(Generic[_Subject]):
    """One rule.

    Attributes:
        id: Stable, `family/name`.
        check: Finds the violations; its docstring says what goes wrong in a cluster without the rule.
        severity: How bad a violation is.
        closed_by: The policy of `strict` that closes the rule: a violation is a warning without that policy.
    """

    id: str
    check: Callable[[_Subject], Iterable[Violation]]
    severity: Severity = Severity.ERROR
    closed_by: str | None = None

    @property
    def family(self) -> str:
        """First part of the id."""
        return self.id.partition("/")[0]

    @property
    def text(self) -> str:
        """What goes wrong without it."""
        return getdoc(self.check) or ""

    def problems(self, subject: _Subject, *, is_open: bool = False) -> Iterator[Problem]:
        """The violations as problems; warnings where the policy is left out that would close the rule."""
        hint = f"; the policy {self.closed_by} of profile strict does it" if is_open else ""
        for found in self.check(subject):
            yield Problem(
                rule=self.id,
                where=found.where,
                what=found.what,
                fix=f"{found.fix}{hint}",
                severity=Severity.WARNING if is_open else self.severity,
                object=found.object,
                field=found.field,
                source=found.source,
                confidential=found.confidential,
            )


PlatformRule: TypeAlias = Rule[Platform]
"""A rule of one stack."""

ProjectRule: TypeAlias = Rule[Mapping[str, Platform]]
"""A rule of all stacks together, by name."""

_Check: TypeAlias = Callable[[Platform], Iterable[Violation]]
_ProjectCheck: TypeAlias = Callable[[Mapping[str, Platform]], Iterable[Violation]]


def rule(
    name: str, *, severity: Severity = Severity.ERROR, closed_by: str | None = None
) -> Callable[[_Check], PlatformRule]:
    """Make a function of one platform the rule `name`."""
    return lambda check: Rule(id=name, check=check, severity=severity, closed_by=closed_by)


def project_rule(name: str, *, severity: Severity = Severity.ERROR) -> Callable[[_ProjectCheck], ProjectRule]:
    """Make a function of all platforms the rule `name`."""
    return lambda check: Rule(id=name, check=check, severity=severity)


def problems(platform: Platform, rules: Iterable[PlatformRule]) -> Iterator[Problem]:
    """What the rules find; a rule that a policy closes is a warning where the platform lacks that policy."""
    active = {policy.name for policy in policies(platform)}
    for item in rules:
        # What cannot be substituted is for `variables/substitution` to report, and no other rule can look behind it.
        with suppress(SubstitutionError):
            yield from item.problems(platform, is_open=item.closed_by is not None and item.closed_by not in active)
