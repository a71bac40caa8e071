"""Findings as SARIF 2.1.0, which code hosts and editors read."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from cli.location import Location
from cli.terminal import show_json
from gitops.checks import ALL_RULES
from gitops.checks.finding import Finding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def show_sarif(_stacks: tuple[str, ...], placed: Mapping[Finding, Location]) -> None:
    """One run with every rule, and a result a finding; what is waived is suppressed, with its reason."""
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.text.partition("\n")[0]},
            "fullDescription": {"text": rule.text},
            "defaultConfiguration": {"level": rule.severity.value},
        }
        for rule in ALL_RULES
    ]
    driver = {"name": "homelab", "semanticVersion": version("homelab"), "rules": rules}
    results = [_result(finding, location) for finding, location in placed.items()]
    show_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]})


def _result(finding: Finding, location: Location) -> dict[str, Any]:
    problem = finding.problem
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "level": problem.severity.value,
        "message": {"text": f"{problem.where}: {problem.what}\nfix: {problem.fix}"},
        "locations": [_location(finding, location)],
        "properties": {"stacks": list(finding.stacks)},
    }
    if finding.reason is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.reason}]
    return result


def _location(finding: Finding, location: Location) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": location.file}}
    if location.line is not None:
        place["region"] = {"startLine": location.line}
    found: dict[str, Any] = {"physicalLocation": place}
    if finding.problem.object:
        name = f"{finding.problem.object}: {finding.problem.field}".removesuffix(": ")
        found["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "object"}]
    return found
