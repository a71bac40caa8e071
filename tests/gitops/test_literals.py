"""Text that no variable of Flux's can be is escaped; everything else is left as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.envsubst import evaluate, references
from gitops.envsubst_syntax import TemplateError
from gitops.literals import escaped, with_literals
from gitops.objects import ConfigMap, Metadata, Namespace
from tests.support.platforms import release, widget


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${1}", "$${1}"),
        ("a ${1} ${2}", "a $${1} $${2}"),
        ("${{ secrets.TOKEN }}", "$${{ secrets.TOKEN }}"),
        ("${}", "$${}"),
        ("${__from:date:iso}", "$${__from:date:iso}"),
        ("${__data.fields[1]}", "$${__data.fields[1]}"),
        ("${a.b}", "$${a.b}"),
        ("${a[0]}", "$${a[0]}"),
        ("${call(1)}", "$${call(1)}"),
        ("${!indirect}", "$${!indirect}"),
        ("$$${1}", "$$$${1}"),
    ],
)
def test_what_no_variable_can_be_called_stays_as_it_is_written(text: str, expected: str) -> None:
    assert escaped(text) == expected
    assert "$" in evaluate(expected, {})


@pytest.mark.parametrize(
    "text",
    ["${domain}", "${domain:-x}", "${#domain}", "${domain/a/b}", "$${1}", "$1", "$$", "${domain ", "${domian}", ""],
)
def test_what_flux_reads_or_a_slip_is_left_alone(text: str) -> None:
    assert escaped(text) == text


@given(st.text(alphabet="a_1${}.[: "))
def test_text_that_flux_can_read_is_never_changed(text: str) -> None:
    try:
        known = dict.fromkeys(references(text), "x")
    except TemplateError:
        return
    if not any(name.startswith("__") or not name.isidentifier() for name in known):
        assert escaped(text) == text


@given(st.text(alphabet="a_1${}.[: "))
def test_escaping_twice_changes_nothing_more(text: str) -> None:
    assert escaped(escaped(text)) == escaped(text)


def test_free_form_content_is_escaped_and_the_rest_is_not() -> None:
    config = with_literals(ConfigMap(metadata=Metadata(name="x", namespace="y"), data={"a": "${1}"}))
    assert config.manifest()["data"] == {"a": "$${1}"}
    assert with_literals(widget("x", a=["${1}", 1])).manifest()["spec"] == {"a": ["$${1}", 1]}
    assert with_literals(release("x", a={"b": "${1}"})).manifest()["spec"]["values"] == {"a": {"b": "$${1}"}}
    namespace = Namespace(metadata=Metadata(name="x"))
    assert with_literals(namespace) is namespace
