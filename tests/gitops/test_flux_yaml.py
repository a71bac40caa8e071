"""YAML is read as sigs.k8s.io/yaml reads it, and written so that it is read as it was."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops import flux_yaml

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(st.characters(codec="ascii", categories=["L", "N"])),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), children, max_size=2)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-7", -7),
        ("+5", 5),
        ("017", 15),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("08", 8.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2.0**64),
        ("-9223372036854775808", -(2**63)),
        ("-9223372036854775809", -(2.0**63)),
        ("y", True),
        ("Off", False),
        ("~", None),
        ("", None),
    ],
)
def test_plain_text_is_a_number_or_a_word(text: str, value: object) -> None:
    read = flux_yaml.read(f"a: {text}")["a"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    "text", ["22:22", "2020-01-01", "1e400", "._5", "0x1FFFFFFFFFFFFFFFF", "yEs", "1.2.3", "=", "_1"]
)
def test_what_is_no_number_is_text(text: str) -> None:
    assert flux_yaml.read(f"a: {text}") == {"a": text}
    assert flux_yaml.is_text(text)


@pytest.mark.parametrize("text", ['"12"', "'y'", '"~"'])
def test_what_is_quoted_is_text(text: str) -> None:
    assert flux_yaml.read(f"a: {text}") == {"a": text[1:-1]}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1000000", "1000000"),
        ("1.50", "1.5"),
        ("1e10", "1e+10"),
        ("y", "true"),
        ("off", "false"),
        ('"<<"', "<<"),
        ("word", "word"),
    ],
)
def test_a_key_is_text(text: str, key: str) -> None:
    assert flux_yaml.read(f"{text}: a") == {key: "a"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("~: a", "a key is no text"),
        ("<<: {a: b}", "a key is no text"),
        ("[a]: b", "a key is no text"),
        ("a: .nan", "JSON has no number '.nan'"),
        ("a: -.inf", "JSON has no number '-.inf'"),
        ("a: !!binary b", "it has a YAML tag"),
        ("a: [", "did not find expected node content"),
    ],
)
def test_what_json_does_not_have_is_refused(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(what)}$"):
        flux_yaml.read(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("word", "a: word\n"),
        ("12", 'a: "12"\n'),
        ("${port}", "a: ${port}\n"),
        ("one\ntwo\n", "a: |\n  one\n  two\n"),
        (12, "a: 12\n"),
        (True, "a: true\n"),
        (None, "a: null\n"),
        (["x"], "a:\n- x\n"),
    ],
)
def test_text_is_plain_wherever_plain_text_means_the_same(value: Any, text: str) -> None:
    assert flux_yaml.write({"a": value}) == text


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert flux_yaml.read(flux_yaml.write({"a": value})) == {"a": value}
