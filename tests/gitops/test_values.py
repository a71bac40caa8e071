"""Texts of a config, each refused for what is wrong with it."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gitops.values import Domain, GitUrl, Pattern


def is_taken(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


def test_a_domain_has_253_characters_at_most() -> None:
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert (len(longest), is_taken(Domain, longest), is_taken(Domain, f"{longest}a")) == (253, True, False)


@pytest.mark.parametrize(("text", "taken"), [("^a$", True), ("a$", False), ("^a", False), ("^($", False)])
def test_a_pattern_is_anchored_at_both_ends(text: str, *, taken: bool) -> None:
    assert is_taken(Pattern, text) is taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("https://example.org/a", True),
        ("https:///a", False),
        ("https://example.org/a b", False),
        ("https://me:word@example.org", False),
        ("ftp://example.org", False),
        ("https://[::1", False),
    ],
)
def test_a_url_has_a_scheme_a_host_and_no_password(text: str, *, taken: bool) -> None:
    assert is_taken(GitUrl, text) is taken
