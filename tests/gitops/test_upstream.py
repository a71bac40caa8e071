"""What is known of charts upstream."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.releases import releases
from gitops.upstream import DESTRUCTIVE, HOST_ACCESS, REGISTRIES, HostAccess, Retirement
from tests.support.stacks import variant

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


@pytest.mark.parametrize("settings", [{}, {"log_collector": "promtail"}, {"network": {"load_balancer": "cilium"}}])
def test_addons_are_declared_as_what_is_known_of_their_charts(settings: dict[str, Any]) -> None:
    found = [(item, item.declared.home.addon) for item in releases(platform(variant(**settings))) if item.declared.home]
    assert found
    for release, addon in found:
        uses_host = any(access.is_used(release.values) for access in HOST_ACCESS.get(release.chart, ()))
        assert (addon.name, uses_host) == (addon.name, addon.pod_security == "privileged")
        assert (addon.name, release.chart in DESTRUCTIVE) == (addon.name, addon.retain)


def test_registries_are_registries() -> None:
    assert [item for item in REGISTRIES.values() if not item.startswith("oci://") or item.endswith("/")] == []
    assert all(HOST_ACCESS.values())
