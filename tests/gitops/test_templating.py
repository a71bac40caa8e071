"""Templates of the Flux Operator: they make what Flux's own substitution makes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.errors import SubstitutionError
from gitops.objects import Manifest
from gitops.substitution import SUBSTITUTE, substitute
from gitops.templating import build, template, uses_inputs

VALUES = {
    "name": "odyssey",
    "replicas": "3",
    "ranges": '["a-b", "c-d"]',
    "empty": "",
    "yes": "yes",
    "open": "<<",
    "less": "<",
    "colon": "a: b",
    "quote": "it's",
}


def widget(**spec: Any) -> Manifest:
    return {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "x"}, "spec": spec}


@pytest.mark.parametrize(
    ("text", "templated"),
    [
        ("plain", "plain"),
        ("${name}", "<< inputs.name >>"),
        ("a.${name}:${replicas}", "a.<< inputs.name >>:<< inputs.replicas >>"),
        ("$${name}", "${name}"),
        ("$name", "$name"),
        ("{{ .Values.x }} >> y", "{{ .Values.x }} >> y"),
        ("<< inputs.name >>", "<< `<<` >> inputs.name >>"),
        ("cat <<EOF", "cat << `<<` >>EOF"),
        ("<<<", "<< `<<<` >>"),
        ("a<${name}", "a<< `<` >><< inputs.name >>"),
        ("a<b", "a<b"),
        ("<<", "<</* : */>><< `<<` >>"),
    ],
)
def test_text_becomes_the_operators_template(text: str, templated: str) -> None:
    assert template(widget(text=text), VALUES)["spec"]["text"] == templated


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${replicas}", 3),
        ("${yes}", True),
        ("${empty}", None),
        ("${ranges}", ["a-b", "c-d"]),
        ("${name}-${replicas}", "odyssey-3"),
        ("${less}${less} inputs.name >>", "<< inputs.name >>"),
    ],
)
def test_a_field_becomes_what_its_input_spells(text: str, value: object) -> None:
    built = build(template(widget(field=text), VALUES), VALUES)
    assert built["spec"]["field"] == value
    assert type(built["spec"]["field"]) is type(value)


def test_keys_are_templates_too() -> None:
    made = template({**widget(), "spec": {"${name}": "x", "<<": "y"}}, VALUES)
    assert list(made["spec"]) == ["<< inputs.name >>", "<</* : */>><< `<<` >>"]
    assert build(made, VALUES)["spec"] == {"odyssey": "x", "<<": "y"}


def test_an_object_that_opted_out_keeps_its_text() -> None:
    item = widget(text="${name} << $$")
    item["metadata"]["annotations"] = {SUBSTITUTE: "disabled"}
    made = template(item, VALUES)
    assert made["spec"]["text"] == "${name} << `<<` >> $$"
    assert build(made, {}) == item


def test_an_expansion_that_does_more_than_stand_for_a_value_is_filled_in_at_once() -> None:
    item = widget(count="${missing:=5}", name="${name^^}", list=["${ranges}"], literal="<<")
    made = template(item, VALUES)
    assert made["spec"] == {"count": 5, "name": "ODYSSEY", "list": [["a-b", "c-d"]], "literal": "<</* : */>><< `<<` >>"}
    assert build(made, {}) == substitute(item, VALUES)


def test_text_that_flux_would_refuse_is_refused() -> None:
    with pytest.raises(SubstitutionError):
        template(widget(text="${name"), VALUES)


@pytest.mark.parametrize(
    ("text", "needed"), [("${name}", True), ("<< inputs.name >>", False), ("plain", False), ("${name^^}", False)]
)
def test_inputs_are_needed_where_a_variable_stands(text: str, needed: bool) -> None:  # noqa: FBT001 — parametrised
    assert uses_inputs(template(widget(list=[text], number=1), VALUES)) is needed


FRAGMENTS = [*(f"${{{name}}}" for name in VALUES), "${name:-x}", *"$<>`'\"{}[]#:|*&!%@-?~ \n\t\\y1", "$$", "<<", ": "]
TEXTS = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=6).map("".join)


@given(st.dictionaries(TEXTS, st.one_of(TEXTS, st.lists(TEXTS, max_size=3), st.booleans(), st.none()), max_size=3))
def test_templates_make_what_substitution_makes(spec: dict[str, Any]) -> None:
    item = {**widget(), "spec": spec}
    try:
        expected = substitute(item, VALUES)
    except SubstitutionError:
        return
    assert build(template(item, VALUES), VALUES) == expected
