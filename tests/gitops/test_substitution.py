"""Flux's substitution in objects."""

from types import MappingProxyType
from typing import Any

import pytest

from gitops.documents import from_yaml, to_yaml
from gitops.errors import SubstitutionError
from gitops.substitution import SUBSTITUTE, opted_out, substitute, variables_used

VALUES = {
    "replicas": "2",
    "enabled": "true",
    "text": "quoted",
    "list": '["a", "b"]',
    "blocks": '[{"start": "1.2.3.4"}]',
    "date": "2026-01-01",
    "lines": "one\ntwo",
    "colon": "a: b",
    "quote": '"',
}


def widget(spec: Any, **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.org/v1",
        "kind": "Widget",
        "metadata": {"name": "x", "namespace": "widgets", **metadata},
        "spec": spec,
    }


def result(value: Any) -> Any:
    return substitute(widget({"v": value}), VALUES)["spec"]["v"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # The result is parsed as YAML again, so a variable that stands alone takes the type that it spells.
        ("${replicas}", 2),
        ("${enabled}", True),
        ("${list}", ["a", "b"]),
        ("${blocks}", [{"start": "1.2.3.4"}]),
        ("${quote}${replicas}${quote}", "2"),
        ("${text}", "quoted"),
        ("x-${replicas}", "x-2"),
        # A date is text in JSON, so it stays text.
        ("${date}", "2026-01-01"),
        # Newlines in values are stripped.
        ("${lines}", "onetwo"),
        # Text that was text stays text.
        (["1", "yes", "${text}"], ["1", "yes", "quoted"]),
        ("a $${b} $c", "a ${b} $c"),
        ("first ${text}\nsecond: $${x}\n", "first quoted\nsecond: ${x}\n"),
        ("${none:-fallback}", "fallback"),
    ],
)
def test_a_field_becomes_what_flux_makes_of_it(value: Any, expected: Any) -> None:
    assert result(value) == expected
    assert type(result(value)) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0x1F", 31),
        ("0b11", 3),
        ("0o17", 15),
        ("017", 15),
        ("08", 8.0),
        ("-1_000", -1000),
        ("+1", 1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", float(2**64)),
        ("1e999", "1e999"),
        ("22:22", "22:22"),
        ("1.2.3", "1.2.3"),
        ("y", True),
        ("Off", False),
        ("~", None),
        ("'1'", "1"),
    ],
)
def test_a_value_is_typed_as_go_reads_yaml(text: str, expected: Any) -> None:
    read = substitute(widget({"v": "${v}"}), {"v": text})["spec"]["v"]
    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"), [("true", "true"), ("1", "1"), ("1.50", "1.5"), ("'<<'", "<<"), ("host", "host")]
)
def test_every_key_is_text(text: str, expected: str) -> None:
    assert substitute(widget({"${v}": 1}), {"v": text})["spec"] == {expected: 1}


@pytest.mark.parametrize(
    ("key", "text", "what"),
    [
        ("v", ".inf", "JSON has no number '.inf'"),
        ("v", "!!binary aa", "it has a YAML tag"),
        ("${v}", "<<", "a key is no text"),
        ("${v}", "~", "a key is no text"),
        ("v", "[" * 900 + "]" * 900, "maximum recursion depth exceeded"),
    ],
)
def test_what_json_does_not_hold_is_refused(key: str, text: str, what: str) -> None:
    with pytest.raises(SubstitutionError) as caught:
        substitute(widget({key: "${v}"}), {"v": text})
    assert what in caught.value.problems[0].what


def test_text_that_yaml_escapes_is_no_template() -> None:
    with pytest.raises(SubstitutionError) as caught:
        substitute(widget({"v": "${\N{DESERET CAPITAL LETTER LONG I}:-x}"}), VALUES)
    assert "escapes characters" in caught.value.problems[0].what


def test_keys_are_text_too() -> None:
    assert substitute(widget({"host-${text}": 1}), VALUES)["spec"] == {"host-quoted": 1}
    assert variables_used(widget({"host-${text}": 1})) == {"text"}


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_an_object_opts_out_by_label_or_annotation(field: str) -> None:
    manifest = widget({"v": "${unknown}"}, **{field: {SUBSTITUTE: "disabled"}})
    assert opted_out(manifest)
    assert substitute(manifest, VALUES) == manifest
    assert variables_used(manifest) == frozenset()


def test_another_value_opts_nothing_out() -> None:
    assert not opted_out(widget({}, labels={SUBSTITUTE: "enabled"}, annotations={}))


def test_an_object_without_a_dollar_is_copied() -> None:
    manifest = widget({"v": [1, 2.5, None, "0644"]})
    copy = substitute(MappingProxyType(manifest), VALUES)
    assert copy == manifest
    copy["spec"]["v"].append(1)
    assert manifest["spec"]["v"] == [1, 2.5, None, "0644"]


def test_frozen_values_are_substituted_like_plain_ones() -> None:
    frozen = MappingProxyType({"v": ("${text}", MappingProxyType({"w": "${replicas}"}))})
    assert substitute(widget(frozen), VALUES)["spec"] == {"v": ["quoted", {"w": 2}]}


def test_every_text_that_flux_refuses_is_reported_with_its_field() -> None:
    manifest = widget({"hosts": ["ok", "www.${domian}"], "bad": "${"})
    with pytest.raises(SubstitutionError) as caught:
        substitute(manifest, {"domain": "example.org"})
    assert [(problem.rule, problem.where, problem.what, problem.fix) for problem in caught.value.problems] == [
        (
            "variables/substitution",
            "Widget widgets/x: spec.hosts[1]",
            "no variable is called 'domian'",
            "declared are domain; for a literal dollar write $$",
        ),
        (
            "variables/substitution",
            "Widget widgets/x: spec.bad",
            "unable to parse variable name at '${'",
            "declared are domain; for a literal dollar write $$",
        ),
    ]


def test_without_variables_the_fix_says_so() -> None:
    with pytest.raises(SubstitutionError, match="declared are none;"):
        substitute(widget("${a}"), {})


def test_an_unknown_variable_is_empty_where_it_is_not_strict() -> None:
    assert substitute(widget({"v": "a${unknown}b"}), VALUES, strict=False)["spec"]["v"] == "ab"


@pytest.mark.parametrize("name", ["1a", "a-b", "", "a.b"])
def test_a_name_that_is_no_variable_fails_every_object(name: str) -> None:
    with pytest.raises(SubstitutionError) as caught:
        substitute(widget("${a}"), {"a": "", name: ""})
    (problem,) = caught.value.problems
    assert problem.rule == "variables/name"
    assert problem.where == f"variable {name!r}"


@pytest.mark.parametrize(("text", "value"), [("'${v}: x'", "'"), ("x: ${v}", "a: b")])
def test_a_value_that_breaks_the_yaml_is_reported(text: str, value: str) -> None:
    with pytest.raises(SubstitutionError) as caught:
        substitute(widget({"v": text, "w": "${v}"}), {"v": f"{value}\t: [{value}"})
    (problem,) = caught.value.problems
    assert problem.where == "Widget widgets/x"
    assert problem.what.startswith("the object is no YAML any more once its variables are replaced: ")


def test_malformed_text_uses_no_variables() -> None:
    assert variables_used(widget({"a": "${", "b": "${c}"})) == {"c"}


def test_yaml_is_read_as_it_was_written() -> None:
    documents = [{"a": "1", "b": "yes", "c": "2026-01-01", "d": "x\ny\n", "e": "é", "f": None, "g": "=", "h": "<<"}]
    assert list(from_yaml(to_yaml(documents))) == documents


def test_text_of_several_lines_is_written_as_a_block() -> None:
    assert to_yaml([{"a": "x\ny\n"}]) == "---\na: |\n  x\n  y\n"


def test_empty_documents_are_left_out() -> None:
    assert list(from_yaml("---\n---\na: 1\n---\n")) == [{"a": 1}]


def test_a_lone_equals_sign_is_text_as_for_kubernetes() -> None:
    assert list(from_yaml("a: [=, '!=']")) == [{"a": ["=", "!="]}]


def test_text_that_is_no_yaml_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="did not find expected"):
        list(from_yaml("a: [1"))
