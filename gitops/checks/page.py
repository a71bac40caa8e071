"""The page that lists every rule, made from the rules themselves."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gitops.checks.rule import Rule


def page(rules: Iterable[Rule[Any]]) -> str:
    """Markdown: the rules family by family."""
    families: dict[str, list[Rule[Any]]] = {}
    for rule in rules:
        families.setdefault(rule.family, []).append(rule)
    return "\n".join(_lines(families))


def meaning(rule: Rule[Any]) -> str:
    """How bad a violation is, and when."""
    if rule.closed_by is None:
        return str(rule.severity)
    return f"{rule.severity} under the policy {rule.closed_by}, warning without it"


def _lines(families: Mapping[str, Iterable[Rule[Any]]]) -> Iterator[str]:
    yield "# Checks"
    yield ""
    yield "Made from the rules by `make golden`. Errors stop a plan, a preview and an up; warnings stop nothing."
    yield "`homelab check` runs all rules on all stacks, `homelab explain RULE` prints one of these paragraphs."
    yield ""
    yield "A rule is waived where the thing is declared, with a reason: on an add-on by"
    yield "`waivers=(Waiver(rule=…, reason=…),)`, on a stack by `homelab:waivers: [{rule: …, reason: …}]`."
    yield "A waiver that waives nothing is a finding itself."
    for family, members in families.items():
        yield from ("", f"## {family}")
        for rule in members:
            yield from ("", f"### {rule.id}", "", f"*{meaning(rule)}*", "", rule.text)
    yield ""
