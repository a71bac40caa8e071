"""How a stack file is read: where things stand, and what is refused before it is built."""

import pytest

from gitops.config.document import read_document, spelled
from gitops.errors import ConfigError, Problem


def refused(text: str) -> Problem:
    with pytest.raises(ConfigError) as caught:
        read_document(text, "f.yaml")
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "rule", "where", "what"),
    [
        ("a: 1\nb: [\n", "yaml", "f.yaml:3", "it is no valid YAML: did not find expected node content"),
        ("a: 1\nb: &x c\n", "alias", "f.yaml:2", "YAML anchors and aliases are not read"),
        ("a: &x {}\n", "alias", "f.yaml:1", "YAML anchors and aliases are not read"),
        ("a: &x []\n", "alias", "f.yaml:1", "YAML anchors and aliases are not read"),
        ("a:\n  b: *x\n", "alias", "f.yaml:2", "YAML anchors and aliases are not read"),
        (f"\na: {'[' * 32}{']' * 32}", "depth", "f.yaml:2", "values nest deeper than 32 levels"),
        ("", "empty", "f.yaml", "it is empty"),
        ("# only a comment", "empty", "f.yaml", "it is empty"),
        ("text", "empty", "f.yaml", "it is no mapping of keys to values"),
        ("a: \x01", "yaml", "f.yaml", "it is no valid YAML: control characters are not allowed"),
        ("a: \ud800", "yaml", "f.yaml", "it is no valid YAML: surrogates not allowed"),
        (" " * (256 * 1024 + 1), "size", "f.yaml", "it has 262145 characters"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_followed_is_refused_where_it_starts_to(
    text: str, rule: str, where: str, what: str
) -> None:
    problem = refused(text)
    assert (problem.rule, problem.where, problem.what) == (f"config/{rule}", where, what)
    assert problem.fix


def test_what_is_just_within_the_limits_is_read() -> None:
    assert read_document(f"a: {'[' * 31}{']' * 31}", "f").data["a"]
    assert read_document(f"a: 1\n#{'x' * (256 * 1024 - 6)}", "f").data == {"a": 1}
    assert read_document("a: []\n" * 1 + "".join(f"k{i}: [[]]\n" for i in range(100)), "f").data["k99"] == [[]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("9007199254740992", 2**53),
        # What YAML 1.1 would guess at, and Pulumi does not.
        ("yes", "yes"),
        ("on", "on"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ('"1"', "1"),
        ("'true'", "true"),
    ],
)
def test_a_scalar_is_read_as_pulumi_reads_it(text: str, value: object) -> None:
    read = read_document(f"a: {text}", "f").data["a"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["9007199254740993", "-9007199254740993", "1.0e+999", ".inf", "-.inf", ".nan"])
def test_a_number_that_json_does_not_keep_is_a_problem(text: str) -> None:
    ((line, problem),) = read_document(f"b: 1\na: {text}", "f").problems
    assert (line, problem.where, problem.fix) == (2, "f:2: a", "quote it, if it is meant as text")
    assert problem.what == f'"{text}" is too large a number'


def test_a_key_that_is_there_twice_is_a_problem_and_the_first_counts() -> None:
    document = read_document("a: 1\nb: 2\na: 3\n", "f")
    assert document.data == {"a": 1, "b": 2}
    ((_, problem),) = document.problems
    assert (problem.rule, problem.where) == ("config/duplicate-key", "f:1: a")
    assert problem.what == '"a" is there twice'


def test_a_number_of_thousands_of_digits_is_a_problem_like_another() -> None:
    ((_, problem),) = read_document(f"a: {'9' * 5000}", "f").problems
    assert problem.what.endswith("… is too large a number")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1: a", '"1"'), ("? [x]\n: a", '"?"'), ("? !!str [x]\n: a", '"?"'), ("null: a", '"null"')],
)
def test_a_key_that_is_no_text_is_a_problem(text: str, shown: str) -> None:
    document = read_document(text, "f")
    ((_, problem),) = document.problems
    assert problem.what == f"{shown} is no text"
    assert problem.fix == "quote the key"
    assert document.data == {}


def test_a_place_is_the_line_of_the_key_or_of_the_nearest_above() -> None:
    document = read_document("config:\n  x:y:\n    a: 1\n", "f")
    assert document.where(("config", "x:y", "a")) == "f:3: x:y.a"
    assert document.where(("config", "x:y", "missing")) == "f:2: x:y.missing"
    assert document.where(("other",)) == "f: other"
    assert document.where(()) == "f"


def test_problems_come_in_the_order_of_the_file_and_once_each() -> None:
    document = read_document("a: 1\nb: 2\n", "f")
    for path in (("b",), ("a",), ("b",), ("c",)):
        document.add("x", path, "y", "z")
    assert [problem.where for problem in document.sorted()] == ["f: c", "f:1: a", "f:2: b"]


def test_a_path_reads_as_it_is_written() -> None:
    assert spelled(("config", "homelab:a", "b", 0, "c")) == "homelab:a.b[0].c"
