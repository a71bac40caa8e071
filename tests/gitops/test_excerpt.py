"""Where a field stands in YAML text."""

import pytest

from gitops.excerpt import Excerpt, excerpt

TEXT = """\
metadata:
  name: x
  annotations:
    metallb.io/address-pool: a
    metallb.io: b
    metallb.io/address: c
spec:
  hosts:
    - www
    - rules:
        - deep
  text: |
    one
    two
"""


@pytest.mark.parametrize(
    ("field", "line", "column", "width"),
    [
        ("metadata.name", 2, 3, 4),
        ("metadata.annotations.metallb.io/address-pool", 4, 5, 23),
        ("metadata.annotations.metallb.io", 5, 5, 10),
        ("metadata.annotations.metallb.io/addresses", 3, 3, 11),
        ("metadata.name[0]", 2, 3, 4),
        ("spec.hosts[0]", 9, 7, 3),
        ("spec.hosts[1].rules[0]", 11, 11, 4),
        ("spec.hosts[1]", 10, 7, 6),
        ("spec.hosts[7]", 8, 3, 5),
        ("spec.nowhere.deep", 7, 1, 4),
        ("spec.text", 12, 3, 4),
        ("spec.text.deeper", 12, 3, 4),
    ],
)
def test_a_field_is_found_by_its_path(field: str, line: int, column: int, width: int) -> None:
    assert excerpt(TEXT, field) == Excerpt(line=line, column=column, width=width, text=TEXT.splitlines()[line - 1])


@pytest.mark.parametrize("text", ["", "- a", "a: [", "b: 1"])
def test_what_is_not_there_has_no_excerpt(text: str) -> None:
    assert excerpt(text, "a.b") is None
