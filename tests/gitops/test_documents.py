"""YAML text: read by Flux as it was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops import flux_yaml
from gitops.documents import from_yaml, to_yaml

NAMED = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}


@pytest.mark.parametrize("text", ["y", "n", "on", "1e3", "08", "0o7", "0x1F", "1_000", "~", "", "22:22", "2026-11-25"])
def test_text_that_looks_like_something_else_stays_text_for_flux(text: str) -> None:
    written = to_yaml([{**NAMED, "data": {text or "empty": text}}])
    assert flux_yaml.read(written)["data"] == {text or "empty": text}


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=12))
def test_flux_reads_what_was_written(text: str) -> None:
    manifest = {**NAMED, "data": {"key": text}}
    assert flux_yaml.read(to_yaml([manifest])) == manifest
    assert list(from_yaml(to_yaml([manifest]))) == [manifest]


def test_text_is_written_as_people_do() -> None:
    data = {"plain": "word", "number": "12", "lines": "one\ntwo\n"}
    assert to_yaml([data]) == "---\nplain: word\nnumber: '12'\nlines: |\n  one\n  two\n"


def test_a_date_and_an_equals_sign_are_text() -> None:
    assert list(from_yaml("a: 2026-11-25\nb: =\n")) == [{"a": "2026-11-25", "b": "="}]


def test_empty_documents_are_left_out() -> None:
    assert list(from_yaml("---\n---\na: 1\n---\n# nothing\n")) == [{"a": 1}]
