"""Flux is told all edges that are needed and no more, and what is waited for can be reached in time."""

from dataclasses import replace
from typing import Any

import pytest

from gitops.addon import Addon
from gitops.checks.edges import (
    declared_edges,
    existing_targets,
    narrow_gates,
    running_objects,
    sufficient_bundle_timeouts,
    sufficient_layer_timeouts,
)
from gitops.checks.waiting import earlier
from gitops.duration import Duration
from gitops.flux import SHARD_LABEL, NamespacedObjectKindReference
from gitops.objects import Metadata, Unstructured
from gitops.platform import Platform
from tests.support.platforms import SEED, STRICT, addon, listed, release, small, thing, whats, with_reconciliation


def told(item: Addon, *targets: str) -> Addon:
    """An add-on whose controllers wait for these, as Flux is told."""
    bundle = item.controllers
    reconciliation = replace(bundle.reconciliation, depends_on=targets)
    return replace(item, controllers=replace(bundle, reconciliation=reconciliation))


def with_layer_edges(platform: Platform, *targets: str) -> Platform:
    return platform.map_layers(
        lambda layer: replace(layer, reconciliation=replace(layer.reconciliation, depends_on=targets))
    )


def test_an_edge_that_leads_nowhere_is_found() -> None:
    (problem,) = listed(small(told(addon("a"), "b-controllers")), [existing_targets])
    assert problem.what == "it waits for b-controllers, which does not exist"
    assert problem.where == "addons/network/a.py:1: Kustomization flux-system/a-controllers: spec.dependsOn"
    assert whats(small(told(addon("a"), "b-controllers"), addon("b")), existing_targets) == []


def test_a_layers_edge_that_leads_nowhere_is_found() -> None:
    assert whats(with_layer_edges(small(), "infra"), existing_targets) == ["it waits for infra, which does not exist"]
    assert whats(SEED, existing_targets) == []


def test_an_edge_to_another_kind_is_found() -> None:
    assert whats(small(told(addon("a", release("x")), "x")), existing_targets) == [
        "it waits for x, which is a HelmRelease and no Kustomization"
    ]


def kustomization(name: str, **labels: str) -> Unstructured:
    """A Kustomization that an add-on applies itself."""
    return Unstructured(
        api_version="kustomize.toolkit.fluxcd.io/v1",
        kind="Kustomization",
        metadata=Metadata(name=name, namespace="flux-system", labels=labels),
    )


def test_an_edge_to_a_kustomization_of_a_shard_that_nobody_runs_is_found() -> None:
    item = told(addon("a", kustomization("x", **{SHARD_LABEL: "nobody"})), "x")
    assert whats(small(item, shards=["infra"]), existing_targets) == [
        "it waits for x, of shard nobody, which nobody runs"
    ]
    assert whats(small(item, shards=["nobody"]), existing_targets) == []
    assert whats(small(told(addon("a", kustomization("x")), "x")), existing_targets) == []


def test_a_bundle_that_waits_for_the_layer_that_waits_for_it_is_found() -> None:
    item = told(addon("a"), "network-reconciliation")
    assert whats(small(item), existing_targets) == ["it waits for network-reconciliation, which waits for it"]
    assert whats(small(item, waits=False), existing_targets) == []


@pytest.mark.parametrize(("spec", "count"), [({"suspend": True}, 1), ({"suspend": False}, 0), ({}, 0)])
def test_a_suspended_object_is_found(spec: dict[str, Any], count: int) -> None:
    item = thing("HelmRelease", "x", "helm.toolkit.fluxcd.io", spec=spec)
    assert len(whats(small(addon("a", item)), running_objects)) == count
    assert whats(small(addon("a", thing("Widget", "x", spec=spec))), running_objects) == []


def test_what_flux_is_not_told_is_found() -> None:
    needing = addon("a", needs=("b-controllers",), after=("c-controllers", "d-controllers"))
    others = (addon("b"), addon("c"))
    assert whats(small(needing, *others), declared_edges) == [
        "it needs b-controllers, and Flux is not told",
        "it needs c-controllers, and Flux is not told",
    ]
    assert whats(small(told(needing, "b-controllers", "c-controllers"), *others), declared_edges) == []
    assert whats(small(needing, *others, delivery="direct"), declared_edges) == []


def test_a_bundle_that_does_not_exist_is_no_edge_to_tell() -> None:
    assert whats(small(addon("a", needs=("nowhere",))), declared_edges) == []


def test_what_comes_before_by_another_way_needs_no_edge() -> None:
    first, second = addon("a"), told(addon("b"), "a-controllers")
    last = told(addon("c", after=("a-controllers",)), "b-controllers")
    assert whats(small(first, second, last), declared_edges) == []


def test_layers_that_wait_for_each_other_order_their_bundles() -> None:
    before = earlier(SEED)
    assert "cilium-controllers" in before["longhorn-controllers"]
    assert "longhorn-controllers" not in before["cilium-controllers"]
    assert earlier(with_layer_edges(small(addon("a")), "elsewhere"))["a-controllers"] == frozenset()


def test_bundles_that_wait_for_each_other_are_each_before_both() -> None:
    looped = small(told(addon("a"), "b-controllers"), told(addon("b"), "a-controllers"))
    assert earlier(looped)["a-controllers"] == {"a-controllers", "b-controllers"}


def test_a_delivery_that_does_not_exist_yet_orders_as_flux_is_told() -> None:
    platform = small(told(addon("a"), "b-controllers"), addon("b"))
    strange = replace(platform, cluster=platform.cluster.model_copy(update={"delivery": "pigeon"}))
    assert earlier(strange)["a-controllers"] == {"b-controllers"}


def test_a_layer_that_waits_for_a_whole_layer_is_found() -> None:
    assert whats(SEED, narrow_gates)[:1] == ["all of it waits for all of network-reconciliation"]
    assert whats(STRICT, narrow_gates) == []


def test_an_edge_that_is_not_needed_is_found() -> None:
    assert whats(small(told(addon("a"), "b-controllers"), addon("b")), narrow_gates) == [
        "it waits for b-controllers, which it does not need"
    ]
    needing = told(addon("a", after=("b-controllers",)), "b-controllers")
    assert whats(small(needing, addon("b")), narrow_gates) == []
    assert whats(small(told(addon("a"), "nowhere")), narrow_gates) == []


def test_a_gate_of_two_releases_is_found() -> None:
    needing = told(addon("a", needs=("b-controllers",)), "b-controllers")
    assert whats(small(needing, addon("b", release("x"), release("y"))), narrow_gates) == [
        "it has 2 releases, and others wait for all of them"
    ]
    assert whats(small(addon("b", release("x"), release("y"))), narrow_gates) == []


def with_layer_timeout(platform: Platform, timeout: Duration) -> Platform:
    return platform.map_layers(
        lambda layer: replace(layer, reconciliation=replace(layer.reconciliation, timeout=timeout))
    )


def test_a_layer_that_gives_up_before_its_slowest_path_is_found_with_the_arithmetic() -> None:
    platform = small(addon("a", release("a")), addon("b", needs=("a-controllers",)))
    assert whats(with_layer_timeout(platform, Duration.minutes(10)), sufficient_layer_timeouts) == [
        "it waits 10m, but its slowest path may take a-controllers 5m + 30s + b-controllers 5m = 10m30s"
    ]
    assert whats(with_layer_timeout(platform, Duration.parse("10m30s")), sufficient_layer_timeouts) == []


def test_a_layer_that_does_not_wait_needs_no_time() -> None:
    platform = small(addon("a", release("a")), waits=False)
    assert whats(with_layer_timeout(platform, Duration.minutes(1)), sufficient_layer_timeouts) == []


CHECK = NamespacedObjectKindReference(
    api_version="helm.toolkit.fluxcd.io/v2", kind="HelmRelease", name="x", namespace="widgets"
)


def test_a_bundle_that_gives_up_before_its_release_is_found() -> None:
    platform = small(addon("a", release("x", Duration.minutes(6)), release("y")))
    assert whats(platform, sufficient_bundle_timeouts) == []
    waiting = with_reconciliation(platform, "a-controllers", wait=True)
    assert whats(waiting, sufficient_bundle_timeouts) == ["it waits 5m, and HelmRelease widgets/x may take 6m"]
    checking = with_reconciliation(platform, "a-controllers", health_checks=(CHECK,))
    assert whats(checking, sufficient_bundle_timeouts) == ["it waits 5m, and HelmRelease widgets/x may take 6m"]
    assert (
        whats(with_reconciliation(waiting, "a-controllers", timeout=Duration.minutes(6)), sufficient_bundle_timeouts)
        == []
    )
