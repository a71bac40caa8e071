"""What `homelab check` shows: problems of all stacks, the same one once, family by family."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gitops.checks.report import Report
from gitops.errors import Problem, Severity

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A problem with the stacks that have it.

    Attributes:
        problem: What is wrong.
        stacks: Where; none for what is wrong between stacks.
        reason: Why it is waived, where it is.
    """

    problem: Problem
    stacks: tuple[str, ...]
    reason: str | None = None

    @property
    def family(self) -> str:
        """The family of its rule."""
        return self.problem.rule.partition("/")[0]


def findings(reports: Mapping[str, Report], project: Report) -> tuple[Finding, ...]:
    """The findings of every report: families with errors first, and in a family the errors first; waived ones last."""
    stacks: dict[tuple[Problem, str | None], list[str]] = {}
    for stack, report in (*reports.items(), ("", project)):
        for key in _keys(report):
            stacks.setdefault(key, []).append(stack)
    found = tuple(
        Finding(problem=problem, stacks=tuple(filter(None, names)), reason=reason)
        for (problem, reason), names in stacks.items()
    )
    return _sorted(found)


def _keys(report: Report) -> Iterable[tuple[Problem, str | None]]:
    yield from ((problem, None) for problem in report.problems)
    yield from ((item.problem, item.waiver.waiver.reason) for item in report.waived)


def _sorted(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    worst: dict[str, int] = {}
    for item in found:
        worst[item.family] = min(_rank(item), worst.get(item.family, len(_RANK)))
    return tuple(
        sorted(found, key=lambda item: (item.reason is not None, worst[item.family], item.family, _rank(item)))
    )


def _rank(item: Finding) -> int:
    return _RANK[item.problem.severity]
