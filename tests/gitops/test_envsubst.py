"""Flux's substitution in one text; the expectations were read off fluxcd/pkg/envsubst itself."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.envsubst import UnknownVariableError, escape, evaluate, references
from gitops.envsubst_syntax import TemplateError

VALUES = {
    "back": "-3",
    "w": "aß",
    "far": "-99",
    "a": "hello/world",
    "n": "1",
    "e": "",
    "p": "a.b.c",
    "path": "/usr/lib/x.so",
    "u": "hé",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("no dollar }{", "no dollar }{"),
        ("${a}", "hello/world"),
        ("x${n}y${n}z", "x1y1z"),
        ("${e}", ""),
        # `$var` is left alone.
        ("$a $1 $", "$a $1 $"),
        # `$$` is an escape anywhere, and what follows it is text.
        ("$$", "$"),
        ("$$$$", "$$"),
        ("$$$", "$$"),
        ("$${a}", "${a}"),
        ("$$${a}", "$hello/world"),
        ("$$$${a}", "$${a}"),
        # Defaults, and what upstream takes for one.
        ("${x:-d}", "d"),
        ("${x:=d}", "d"),
        ("${x=d}", "d"),
        ("${e:-d}", "d"),
        ("${e=d}", "d"),
        ("${a:-d}", "hello/world"),
        ("${x:-}", ""),
        ("${x:+d}", "d"),
        ("${x:?d}", "d"),
        ("${x:-a${n}b}", "a1b"),
        ("${x:-${e:-deep}}", "deep"),
        ("${x:-$$}", "$$"),
        # Substrings count bytes.
        ("${a:6}", "world"),
        ("${a:0:5}", "hello"),
        ("${a:-3}", "hello/world"),
        ("${a: -3}", "hello/world"),
        ("${a:99}", ""),
        ("${a:9223372036854775807}", ""),
        ("${a:9223372036854775808}", "hello/world"),
        ("${a:3:99}", "lo/world"),
        ("${a:6::2}", "wo"),
        ("${a:${n}}", "ello/world"),
        ("${u:1}", "é"),
        ("${a:${back}}", "rld"),
        ("${a:${back}:2}", "rl"),
        ("${a:${far}}", "hello/world"),
        ("${a:${far}:2}", "he"),
        ("${a:0:${back}}", "hello/wo"),
        ("${a:2:0}", ""),
        ("${a:+1}", "hello/world"),
        ("${a:1:-1}", "ello/worl"),
        ("${a:5:-9}", ""),
        ("${a:x}", "hello/world"),
        ("${a:1:x}", "hello/world"),
        # Case and length.
        ("${a^}", "Hello/world"),
        ("${a^^}", "HELLO/WORLD"),
        ("${a,}", "hello/world"),
        ("${a,,}", "hello/world"),
        ("${e^}", ""),
        ("${#a}", "11"),
        ("${#u}", "3"),
        # Patterns at an end; `*` matches slashes.
        ("${p#*.}", "b.c"),
        ("${p##*.}", "c"),
        ("${p%.*}", "a.b"),
        ("${p%%.*}", "a"),
        ("${path##*/}", "x.so"),
        ("${a#x}", "hello/world"),
        ("${a#?}", "ello/world"),
        ("${a#[a-h]}", "ello/world"),
        ("${a#[^a]}", "ello/world"),
        ("${a#[}", "hello/world"),
        ("${a#h[}", "hello/world"),
        ("${a%d[a-}", "hello/world"),
        ("${a#[z-a]}", "hello/world"),
        # Replacement; a slash in the pattern is escaped.
        ("${a/l/L}", "heLlo/world"),
        ("${a//l/L}", "heLLo/worLd"),
        ("${a/l}", None),
        ("${a/l/}", "helo/world"),
        ("${a//l/}", "heo/word"),
        ("${a/#he/J}", "Jllo/world"),
        ("${a/#lo/J}", "hello/world"),
        ("${a/#he/}", "hello/world"),
        ("${a/%ld/X}", "hello/worX"),
        ("${a/%he/X}", "hello/world"),
        ("${a/%ld/}", "hello/world"),
        ("${a/\\//-}", "hello-world"),
        ("${a/o\\/w/\\\\}", "hell\\orld"),
        ("${a/${x:-l}/L}", "heLlo/world"),
        ("${a/l/${n}}", "he1lo/world"),
        ("${a/$$/x}", "hello/world"),
        ("${a,^}${a^,}", "hello/worldhello/world"),
        ("${w:0:2}${w:2}", "aß"),
        # Upstream turns round for `%`, and makes a replacement character of half a character.
        ("${w^^}", "Aß"),
        ("${w%ß}", "a"),
        ("${w%?}", "a\N{REPLACEMENT CHARACTER}"),
        ("${a#[a--]}${a#[h\\-]}", "hello/worldello/world"),
        # Names may start with a digit.
        ("${1:-one}", "one"),
    ],
)
def test_a_text_is_evaluated_as_upstream_does(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(TemplateError):
            evaluate(text, VALUES)
    else:
        assert evaluate(text, VALUES) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${", "unable to parse variable name at '${'"),
        ("${}", "unable to parse variable name at '${}'"),
        ("a ${-b}", "unable to parse variable name at '${-b}'"),
        ("${#}", "bad substitution at '${#}'"),
        ("${a", "missing closing brace at '${a'"),
        ("${a-d}", "missing closing brace at '${a-d}'"),
        ("${a+d}", "missing closing brace at '${a+d}'"),
        ("${#a:1}", "bad substitution at '${#a:1}'"),
        ("${a:}", "unable to parse substitution within function at '${a:}'"),
        ("${a:-x", "unable to parse substitution within function at '${a:-x'"),
        ("${a#}", "unable to parse substitution within function at '${a#}'"),
        ("${a/l", "bad substitution at '${a/l'"),
        ("${a:1", "bad substitution at '${a:1'"),
        ("${a:é}", "bad substitution at '${a:é}'"),
        ("${a:", "bad substitution at '${a:'"),
        ("${w:1:1}", "the result is no UTF-8: a character is cut in two"),
        ("${w:2}", "the result is no UTF-8: a character is cut in two"),
        ("${a:-" * 102 + "}" * 102, f"expansions deeper than 100 at '${{a:-${{a:-{'}' * 30}'"),
        (f"${{a{'b' * 99}!", f"missing closing brace at '${{a{'b' * 37}'"),
    ],
)
def test_a_malformed_text_is_an_error_that_shows_where(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        evaluate(text, VALUES)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["${x}", "${x^^}", "${#x}", "${x/a/b}", "${x#a}", "${x:1}", "${a:-${x}}"])
def test_an_unknown_variable_without_a_default_is_an_error_in_strict_mode(text: str) -> None:
    with pytest.raises(UnknownVariableError) as caught:
        evaluate(text, VALUES)
    assert caught.value.name == "x"
    assert str(caught.value) == "no variable is called 'x'"


@pytest.mark.parametrize(("text", "expected"), [("${x}", ""), ("a${x^^}b", "ab"), ("${#x}", "0")])
def test_an_unknown_variable_is_empty_where_it_is_not_strict(text: str, expected: str) -> None:
    assert evaluate(text, VALUES, strict=False) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$a $${b}", set()),
        ("${a} ${b:-x} ${#c}", {"a", "b", "c"}),
        ("${a:-${b/${c}/${d}}}", {"a", "b", "c", "d"}),
    ],
)
def test_references_are_found_in_arguments_too(text: str, names: set[str]) -> None:
    assert references(text) == names


UPSTREAM = json.loads((Path(__file__).parents[1] / "data" / "envsubst.json").read_text(encoding="utf-8"))
"""Generated texts, whether unknown names are an error, and what Flux's envsubst v1.7.1 made of them; null: refused."""


@pytest.mark.parametrize(("text", "strict", "expected"), UPSTREAM["cases"])
def test_a_generated_text_becomes_what_upstream_made_of_it(text: str, *, strict: bool, expected: str | None) -> None:
    try:
        result = evaluate(text, UPSTREAM["variables"], strict=strict)
    except (TemplateError, UnknownVariableError):
        result = None
    assert result == expected


TOKENS = [
    "$",
    "$$",
    "${",
    "}",
    "{",
    "${a}",
    "a",
    "n",
    ":-",
    ":",
    "#",
    "%",
    "/",
    "^",
    ",",
    "=",
    "\\",
    "*",
    " ",
    "1",
    "x",
]
TEMPLATES = st.lists(st.sampled_from(TOKENS), max_size=12).map("".join)


@given(TEMPLATES)
def test_escaped_text_evaluates_to_itself(text: str) -> None:
    assert evaluate(escape(text), {}) == text


@given(st.text())
def test_text_without_a_dollar_is_left_alone(text: str) -> None:
    clean = text.replace("$", "")
    assert evaluate(clean, {}) == clean == escape(clean)


@given(TEMPLATES)
def test_any_text_is_evaluated_or_refused(text: str) -> None:
    try:
        result = evaluate(text, VALUES)
    except TemplateError:
        return
    assert evaluate(text, dict(reversed(VALUES.items()))) == result


@given(st.lists(st.sampled_from(["${a}", "${n}", "text", "$$", " "]), max_size=6))
def test_nothing_known_is_left_over(parts: list[str]) -> None:
    result = evaluate("".join(parts), VALUES)
    assert "${a}" not in result
    assert result.count("hello/world") == parts.count("${a}")
