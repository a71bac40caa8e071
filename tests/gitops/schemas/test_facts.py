"""CRDs stripped to facts, and facts compared with CRDs."""

from typing import Any

from gitops.objects import Manifest
from gitops.schemas.facts import differences, facts_of

NAME = "example.org/v1/Widget"


def crd(spec: dict[str, Any], *, served: bool = True, **root: Any) -> Manifest:
    schema = {"type": "object", "description": "A widget.", "properties": {"spec": spec, "status": {}}, **root}
    version = {"name": "v1", "served": served, "schema": {"openAPIV3Schema": schema}}
    return {
        "spec": {"group": "example.org", "scope": "Cluster", "names": {"kind": "Widget"}, "versions": [version]},
    }


def spec_of(spec: dict[str, Any]) -> Any:
    return facts_of(crd(spec))[NAME]["schema"]["properties"]["spec"]


def test_facts_hold_the_scope_and_what_every_object_has_but_no_status() -> None:
    facts = facts_of(crd({"type": "string"}))[NAME]
    assert facts["scope"] == "Cluster"
    assert facts["schema"] == {
        "type": "object",
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {},
            "spec": {"type": "string"},
        },
        "additionalProperties": False,
    }


def test_versions_that_are_not_served_are_left_out() -> None:
    assert facts_of(crd({}, served=False)) == {}


def test_prose_is_dropped_and_limits_are_kept() -> None:
    limits = {"type": "string", "enum": ["a"], "default": "a", "pattern": "^a$", "maxLength": 1, "format": "x"}
    assert spec_of({**limits, "description": "Text.", "title": "T", "example": "a"}) == limits


def test_a_field_that_is_called_description_is_kept() -> None:
    spec = {"type": "object", "properties": {"description": {"type": "string", "description": "Text."}}}
    assert spec_of(spec)["properties"] == {"description": {"type": "string"}}


def test_a_structure_is_closed_unless_it_is_said_to_be_open() -> None:
    assert spec_of({"type": "object"}) == {"type": "object", "additionalProperties": False}
    assert spec_of({"type": "object", "x-kubernetes-preserve-unknown-fields": True}) == {"type": "object"}
    assert spec_of({"type": "object", "additionalProperties": True}) == {"type": "object"}
    values = {"type": "object", "additionalProperties": {"type": "string", "description": "A label."}}
    assert spec_of(values) == {"type": "object", "additionalProperties": {"type": "string"}}


def test_items_and_required_fields_are_kept() -> None:
    item = {"type": "object", "properties": {"b": {}, "a": {}}, "required": ["b", "a"]}
    assert spec_of({"type": "array", "items": item})["items"] == {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {}, "b": {}},
        "additionalProperties": False,
    }


def test_choices_limit_a_structure_and_do_not_close_it() -> None:
    choice = {"required": ["a"], "properties": {"a": {"description": "A."}}, "type": "object"}
    spec = {"type": "object", "properties": {"a": {}}, "oneOf": [choice], "not": {"items": {"title": "T"}}}
    assert spec_of(spec)["oneOf"] == [{"type": "object", "required": ["a"], "properties": {"a": {}}}]
    assert spec_of(spec)["not"] == {"items": {}}


def test_numbers_that_may_be_text_and_values_that_may_be_null_have_both_types() -> None:
    either = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert spec_of(either) == {"type": ["integer", "string"]}
    assert spec_of({"type": "string", "nullable": True}) == {"type": ["string", "null"]}


def test_expressions_are_kept_without_their_messages_or_not_at_all() -> None:
    rule = {"rule": "self > 1", "message": "must be more than 1", "fieldPath": ".a", "reason": "FieldValueInvalid"}
    manifest = crd({"type": "array", "items": {"type": "integer", "x-kubernetes-validations": [rule]}, "enum": [[1]]})
    kept = {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 1", "fieldPath": ".a"}]}
    assert facts_of(manifest)[NAME]["schema"]["properties"]["spec"]["items"] == kept
    without = facts_of(manifest, expressions=False)[NAME]["schema"]["properties"]["spec"]
    assert without == {"type": "array", "enum": [[1]], "items": {"type": "integer"}}


def test_expressions_of_choices_are_left_out_with_the_others() -> None:
    manifest = crd({"oneOf": [{"required": ["a"], "x-kubernetes-validations": [{"rule": "self.a > 1"}]}]})
    facts = facts_of(manifest, expressions=False)[NAME]
    assert facts["schema"]["properties"]["spec"] == {"oneOf": [{"required": ["a"]}]}


def test_limits_of_a_name_are_kept_and_metadata_stays_open() -> None:
    manifest = crd({}, properties={"metadata": {"type": "object", "properties": {"name": {"maxLength": 3}}}})
    metadata = facts_of(manifest)[NAME]["schema"]["properties"]["metadata"]
    assert metadata == {"type": "object", "properties": {"name": {"maxLength": 3}}}


def test_equal_facts_do_not_differ() -> None:
    manifest = crd({"type": "string", "description": "Text.", "x-kubernetes-validations": [{"rule": "self != ''"}]})
    assert differences(facts_of(manifest), [manifest]) == {}


def test_differences_name_the_place_in_the_facts() -> None:
    served = crd({"type": "string", "maxLength": 2})
    committed = facts_of(crd({"type": "string", "pattern": "^a$"}))
    places = ("schema.properties.spec.maxLength", "schema.properties.spec.pattern")
    assert differences(committed, [served]) == {NAME: places}


def test_a_kind_that_is_not_committed_differs_as_a_whole() -> None:
    assert differences({}, [crd({})]) == {NAME: ("schema", "scope")}


def test_expressions_that_were_left_out_are_not_compared() -> None:
    served = crd({"type": "string", "x-kubernetes-validations": [{"rule": "self != ''"}]})
    facts = {name: item | {"expressions": False} for name, item in facts_of(served, expressions=False).items()}
    assert differences(facts, [served]) == {}


def test_an_expression_that_changed_is_a_difference() -> None:
    committed, served = (crd({"x-kubernetes-validations": [{"rule": rule}]}) for rule in ("self != ''", "self != 'a'"))
    place = "schema.properties.spec.x-kubernetes-validations"
    assert differences(facts_of(committed), [served]) == {NAME: (place,)}


def test_a_mapping_of_values_that_was_closed_is_a_difference() -> None:
    committed = crd({"type": "object", "additionalProperties": {"type": "string"}})
    place = "schema.properties.spec.additionalProperties"
    assert differences(facts_of(committed), [crd({"type": "object"})]) == {NAME: (place,)}
