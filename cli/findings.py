"""Findings for people, and as JSON."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from rich.text import Text
from typing_extensions import TypedDict

from cli.location import Location
from cli.terminal import console, show_json
from gitops.checks.finding import Finding
from gitops.errors import Severity

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


class FoundProblem(TypedDict):
    """One finding; what is not known of its place is null."""

    rule: str
    severity: str
    stacks: list[str]
    object: str | None
    field: str | None
    file: str
    line: int | None
    excerpt: str | None
    what: str
    fix: str
    waived: str | None


class Found(TypedDict):
    """What `homelab check` finds; `errors` and `warnings` leave out what is waived."""

    stacks: list[str]
    findings: list[FoundProblem]
    errors: int
    warnings: int
    waived: int


def show_findings_json(stacks: tuple[str, ...], placed: Mapping[Finding, Location]) -> None:
    """The findings as JSON."""
    errors, warnings, waived = _counts(placed)
    listed = [_as_data(finding, location) for finding, location in placed.items()]
    show_json(Found(stacks=list(stacks), findings=listed, errors=errors, warnings=warnings, waived=waived))


def show_findings(stacks: tuple[str, ...], placed: Mapping[Finding, Location]) -> None:
    """The findings family by family, each with the line that it is about; then what is waived, and the counts."""
    out = console()
    open_findings = [finding for finding in placed if finding.reason is None]
    for family, members in groupby(open_findings, key=lambda finding: finding.family):
        out.print(Text(family, style="bold"))
        for finding in members:
            out.print(_paragraph(finding, placed[finding]), end="\n\n")
    for finding in (finding for finding in placed if finding.reason is not None):
        out.print(_waived(finding))
    out.print(_summary(stacks, placed))


def _paragraph(finding: Finding, location: Location) -> Text:
    problem = finding.problem
    subject = f"{problem.object}: {problem.field}".removesuffix(": ") if problem.object else problem.field
    lines = [
        Text.assemble("  ", (problem.severity, _STYLES[problem.severity]), f" {problem.rule}", (_of(finding), "dim")),
        Text(f"    {subject or problem.where}"),
        Text(f"    {problem.what}"),
        *_excerpt(location),
        Text(f"    fix: {problem.fix}", style="green"),
    ]
    return Text("\n").join(lines)


def _of(finding: Finding) -> str:
    return f"  {', '.join(finding.stacks)}" if finding.stacks else ""


def _excerpt(location: Location) -> Iterable[Text]:
    place = location.file if location.line is None else f"{location.file}:{location.line}"
    yield Text(f"     --> {place}", style="dim")
    shown = location.excerpt
    if shown:
        number = f"{shown.line:>7} | "
        yield Text(f"{number}{shown.text}")
        yield Text(f"{' ' * (len(number) - 2)}| {' ' * (shown.column - 1)}{'^' * shown.width}", style="bold")


def _waived(finding: Finding) -> Text:
    problem = finding.problem
    return Text.assemble(
        ("waived ", "dim"), f"{problem.rule}", (f"{_of(finding)}  {problem.what}; because {finding.reason}", "dim")
    )


def _summary(stacks: tuple[str, ...], placed: Mapping[Finding, Location]) -> Text:
    errors, warnings, waived = _counts(placed)
    counts = f"{_plural(errors, 'error')}, {_plural(warnings, 'warning')}, {waived} waived"
    return Text(f"{_plural(len(stacks), 'stack')}: {counts}", style="bold")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _counts(placed: Iterable[Finding]) -> tuple[int, int, int]:
    severities = [None if finding.reason is not None else finding.problem.severity for finding in placed]
    return severities.count(Severity.ERROR), severities.count(Severity.WARNING), severities.count(None)


def _as_data(finding: Finding, location: Location) -> FoundProblem:
    problem = finding.problem
    return FoundProblem(
        rule=problem.rule,
        severity=problem.severity.value,
        stacks=list(finding.stacks),
        object=str(problem.object) if problem.object else None,
        field=problem.field or None,
        file=location.file,
        line=location.line,
        excerpt=location.excerpt.text.strip() if location.excerpt else None,
        what=problem.what,
        fix=problem.fix,
        waived=finding.reason,
    )
