"""What the rules find, less what is waived."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gitops.checks.rule import PlatformRule, ProjectRule, Rule, problems
from gitops.errors import Problem, Severity, Violation
from gitops.platform import Platform
from gitops.waiver import Waiver


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredWaiver:
    """A waiver with the place of its declaration: an add-on's `file:line`, or nothing for the stack's config."""

    waiver: Waiver
    source: str = ""

    def covers(self, problem: Problem) -> bool:
        """Whether it waives a problem: one of its rule, in what declares the waiver."""
        here = not self.source or problem.source == self.source
        named = self.waiver.object in {"", str(problem.object)}
        return here and named and problem.rule == self.waiver.rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Waived:
    """A problem that a waiver covers."""

    problem: Problem
    waiver: DeclaredWaiver


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What was found, and what is waived of it."""

    problems: tuple[Problem, ...]
    waived: tuple[Waived, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a plan, a preview and an up."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def with_problems(self, more: tuple[Problem, ...]) -> "Report":
        """The same report with more problems."""
        return replace(self, problems=self.problems + more)


def unused(idle: Iterable[DeclaredWaiver]) -> Iterator[Violation]:
    """A waiver that waives nothing would hide the next violation of its rule, which nobody has looked at."""
    for item in idle:
        yield Violation(
            what=f"nothing violates {item.waiver.rule}, which is waived: {item.waiver.reason}",
            fix="remove the waiver, or correct its rule and object",
            field="" if item.source else "homelab:waivers",
            source=item.source,
        )


UNUSED = Rule(id="waivers/unused", check=unused, severity=Severity.WARNING)


def waivers(platform: Platform) -> tuple[DeclaredWaiver, ...]:
    """Every waiver of a platform: those of its add-ons, and those of its config."""
    chosen = platform.cluster.waivers
    return (
        *(DeclaredWaiver(waiver=item, source=addon.declared_at) for addon in platform.addons for item in addon.waivers),
        *(
            DeclaredWaiver(waiver=Waiver(rule=item.rule, reason=item.reason, object=item.object or ""))
            for item in chosen
        ),
    )


def report(platform: Platform, rules: Iterable[PlatformRule]) -> Report:
    """What the rules find on one platform."""
    return _report(problems(platform, rules), waivers(platform))


def project_report(platforms: Mapping[str, Platform], rules: Iterable[ProjectRule]) -> Report:
    """What the rules find on all platforms together; any of them can waive it."""
    found = (problem for rule in rules for problem in rule.problems(platforms))
    return _report(found, tuple(item for platform in platforms.values() for item in waivers(platform)))


def unused_waivers(platform: Platform, *reports: Report) -> tuple[Problem, ...]:
    """The waivers of a platform that waive nothing in any of the reports."""
    used = {item.waiver for part in reports for item in part.waived}
    return tuple(UNUSED.problems([item for item in waivers(platform) if item not in used]))


def _report(found: Iterable[Problem], declared: tuple[DeclaredWaiver, ...]) -> Report:
    weighed = [(problem, next((item for item in declared if item.covers(problem)), None)) for problem in found]
    return Report(
        problems=tuple(problem for problem, waiver in weighed if waiver is None),
        waived=tuple(Waived(problem=problem, waiver=waiver) for problem, waiver in weighed if waiver),
    )
