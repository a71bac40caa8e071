"""What can be wrong, as data: a finding says where, what, which rule and how to fix it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override

from gitops.objects import ObjectKey


class Severity(StrEnum):
    """How bad a finding is; warnings never change an exit status."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One place where a rule does not hold.

    Attributes:
        what: What is wrong, with the value.
        fix: What the user can do about it.
        object: The object that it is about.
        field: Field path in that object; without one the config key, `homelab:network.api_host`.
        source: Where that was declared, `file:line`.
        confidential: What stands in the field must not be shown.
    """

    what: str
    fix: str
    object: ObjectKey | None = None
    field: str = ""
    source: str = ""
    confidential: bool = False

    @property
    def where(self) -> str:
        """The place for people: source, object and field, as far as they are known."""
        return ": ".join(str(part) for part in (self.source, self.object, self.field) if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One finding.

    Attributes:
        rule: Stable id, `family/name`.
        where: Config key with its file and line, or object and field path with the
            Python file and line that declared it.
        what: What is wrong, with the value.
        fix: What the user can do about it.
        severity: Errors stop a plan, a preview and an up.
        object: The object of `where`.
        field: The field path, or config key, of `where`.
        source: The `file:line` of `where`.
        confidential: What stands there must not be shown.
    """

    rule: str
    where: str
    what: str
    fix: str
    severity: Severity = Severity.ERROR
    object: ObjectKey | None = None
    field: str = ""
    source: str = ""
    confidential: bool = False

    @override
    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.what}\n  rule: {self.rule}\n  fix:  {self.fix}"


class GitOpsError(Exception):
    """A mistake that the user can fix: shown without a traceback."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ConfigError(GitOpsError):
    """The stack's config holds mistakes; all of them are in `problems`."""


class StackNotFoundError(GitOpsError):
    """There is no such stack, or its file cannot be read."""


class PlatformError(GitOpsError):
    """The platform that the config and the add-ons make cannot work."""


class SubstitutionError(GitOpsError):
    """Flux would fail to substitute variables in an object."""
