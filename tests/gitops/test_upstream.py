"""What is known of charts upstream."""

from typing import Any

import pytest

from gitops.upstream import HOST_ACCESS, REGISTRIES, HostAccess, Retirement

MOVED = Retirement(
    charts=("a",), repositories=("https://old.example.org/charts",), status="moved", since="2026", successor="b"
)


@pytest.mark.parametrize("repository", ["https://old.example.org/charts", "https://old.example.org/charts/deeper"])
def test_a_retirement_is_for_an_address_and_what_is_below_it(repository: str) -> None:
    assert MOVED.is_of("a", repository)


@pytest.mark.parametrize(
    ("chart", "repository"),
    [
        ("b", "https://old.example.org/charts"),
        ("a", "https://old.example.org/charts2"),
        ("a", "https://new.example.org"),
    ],
)
def test_other_charts_and_addresses_are_not_meant(chart: str, repository: str) -> None:
    assert not MOVED.is_of(chart, repository)


@pytest.mark.parametrize(
    ("values", "default", "used"),
    [({}, True, True), ({}, False, False), ({"a": {"b": False}}, True, False), ({"a": {"b": True}}, False, True)],
)
def test_access_to_the_node_hangs_on_a_value_or_its_default(
    values: dict[str, Any], *, default: bool, used: bool
) -> None:
    assert HostAccess(what="x", value="a.b", default=default).is_used(values) is used


def test_access_that_hangs_on_nothing_is_always_used() -> None:
    assert HostAccess(what="x").is_used({})


def test_registries_are_registries() -> None:
    assert [item for item in REGISTRIES.values() if not item.startswith("oci://") or item.endswith("/")] == []
    assert all(HOST_ACCESS.values())
