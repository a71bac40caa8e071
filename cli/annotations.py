"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change."""

import sys
from collections.abc import Mapping

from cli.location import Location
from gitops.checks.finding import Finding


def show_annotations(_stacks: tuple[str, ...], placed: Mapping[Finding, Location]) -> None:
    """One command a finding; what is waived is left out."""
    for finding, location in placed.items():
        if finding.reason is None:
            sys.stdout.write(_command(finding, location))


def _command(finding: Finding, location: Location) -> str:
    problem = finding.problem
    properties = {"file": location.file, "line": str(location.line or 1), "title": problem.rule}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    stacks = f"{', '.join(finding.stacks)}: " if finding.stacks else ""
    message = f"{stacks}{problem.where}: {problem.what}\nfix: {problem.fix}"
    return f"::{problem.severity} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    """Escaped as the runner's toolkit escapes a message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
