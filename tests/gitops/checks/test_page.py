"""The committed page of rules is that of the code."""

from gitops.checks import ALL_RULES
from gitops.checks.page import page
from tests.golden import golden


def test_the_page_of_rules_is_not_stale() -> None:
    text = page(ALL_RULES)
    assert golden("../../docs/checks.md", text) == text


def test_the_page_lists_every_rule_under_its_family() -> None:
    text = page(ALL_RULES)
    headings = [line for line in text.splitlines() if line.startswith("##")]
    assert {line for line in headings if line.startswith("### ")} == {f"### {rule.id}" for rule in ALL_RULES}
    assert len(headings) == len(ALL_RULES) + len({rule.family for rule in ALL_RULES})
