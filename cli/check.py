"""`homelab check`: everything that can be known to be wrong before a cluster is asked."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from addons.catalogue import checked
from cli.annotations import show_annotations
from cli.findings import show_findings, show_findings_json
from cli.location import locations
from cli.options import ProfileOption
from cli.project import cluster_of, stacks
from cli.sarif import show_sarif
from gitops.checks import PROJECT_RULES
from gitops.checks.finding import Finding, findings
from gitops.checks.report import Report, project_report, unused_waivers
from gitops.errors import ConfigError, Severity
from gitops.platform import Platform

_FINDINGS = 1


class Format(StrEnum):
    """Formats of a list of findings."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def check(
    stack: Annotated[list[str] | None, typer.Argument(metavar="[STACK]...", help="Stacks; all when none.")] = None,
    profile: ProfileOption = None,
    output: Annotated[Format, typer.Option("--output", "-o", help="Format of the findings.")] = Format.TEXT,
) -> None:
    """List what is wrong with stacks, each and together; status 1 when there are errors."""
    names = tuple(dict.fromkeys(stack or stacks()))
    platforms, found = _found(names, profile)
    placed = locations(found, platforms)
    show = {
        Format.TEXT: show_findings,
        Format.JSON: show_findings_json,
        Format.SARIF: show_sarif,
        Format.GITHUB: show_annotations,
    }[output]
    show(names, placed)
    if any(item.reason is None and item.problem.severity is Severity.ERROR for item in found):
        raise typer.Exit(_FINDINGS)


def _found(names: tuple[str, ...], profile: str | None) -> tuple[Mapping[str, Platform], tuple[Finding, ...]]:
    platforms: dict[str, Platform] = {}
    reports: dict[str, Report] = {}
    for name in names:
        try:
            platforms[name], reports[name] = checked(cluster_of(name, profile=profile))
        except ConfigError as error:
            reports[name] = Report(problems=error.problems)
    project = project_report(platforms, PROJECT_RULES)
    for name, platform in platforms.items():
        reports[name] = reports[name].with_problems(unused_waivers(platform, reports[name], project))
    return platforms, findings(reports, project)
