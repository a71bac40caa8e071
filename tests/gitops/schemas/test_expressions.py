"""CEL rules, evaluated as an API server evaluates them."""

import sys

import pytest

from gitops.schemas import expressions
from gitops.schemas.catalogue import committed_facts
from gitops.schemas.expressions import holds, is_evaluated

ONE_OF = "has(self.chart) != has(self.chartRef)"


@pytest.mark.parametrize(("value", "expected"), [({"chart": {}}, True), ({"chartRef": {}}, True), ({}, False)])
def test_a_rule_sees_the_value_as_self(value: object, expected: object) -> None:
    assert holds(ONE_OF, value) is expected


def test_a_rule_that_fails_to_evaluate_does_not_hold() -> None:
    assert holds("self.a == 1", {"a": 1})
    assert not holds("self.a == 1", {})


def test_the_functions_that_kubernetes_adds_are_known_as_far_as_they_are_used() -> None:
    assert holds("isIP(self)", "fe80::1")
    assert not holds("isIP(self)", "10.0.0.256")
    assert holds("self.substring(6).contains('/')", "oci://a/b")
    assert holds("duration(self).getMilliseconds() % 1000 == 0", "10s")


def test_a_transition_rule_is_taken_to_hold() -> None:
    assert holds("self == oldSelf", 1)
    assert not is_evaluated("self == oldSelf")


def test_a_text_or_field_that_is_called_as_the_object_before_makes_no_transition_rule() -> None:
    assert not holds("self.oldSelf != 'oldSelf'", {"oldSelf": "oldSelf"})


def test_a_rule_with_an_unknown_function_is_taken_to_hold() -> None:
    assert holds("quantity(self).isGreaterThan(quantity('1'))", "0")
    assert not is_evaluated("quantity(self).isGreaterThan(quantity('1'))")


def test_without_the_library_every_rule_is_taken_to_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    caches = (expressions._environment, expressions._program)
    for cached in caches:
        cached.cache_clear()
    try:
        assert holds(ONE_OF, {})
        assert not is_evaluated(ONE_OF)
    finally:
        for cached in caches:
            cached.cache_clear()


def _rules(schema: object) -> set[str]:
    if isinstance(schema, list):
        return {rule for item in schema for rule in _rules(item)}
    if not isinstance(schema, dict):
        return set()
    own = {item["rule"] for item in schema.get("x-kubernetes-validations", ())}
    return own | {rule for item in schema.values() for rule in _rules(item)}


def test_of_the_committed_rules_only_the_transition_rule_is_not_evaluated() -> None:
    rules = {rule for facts in committed_facts().values() for rule in _rules(facts["schema"])}
    assert len(rules) > 50
    assert {rule for rule in rules if not is_evaluated(rule)} == {"self == oldSelf"}
