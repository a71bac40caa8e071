"""Delivery inline: bundles and layers that are reconciled in other ways than the shipped ones."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.addon import Addon, Reconciliation
from gitops.delivery.inline import registrations
from gitops.flux.kustomization import NamespacedObjectKindReference
from gitops.inventory import inventory
from gitops.platform import Platform
from tests.support.platforms import addon, small, thing, with_reconciliation
from tests.support.stacks import shipped, variant

KEPT = {"fluxcd.controlplane.io/prune": "disabled"}


def specs(planned: Platform) -> dict[str, Any]:
    return {item.key.name: item.manifest.get("spec") for item in registrations(planned)}


def planned(item: Addon | None = None, **changes: Any) -> Platform:
    """A layer of one bundle, reconciled with some changes."""
    return with_reconciliation(
        small(item or addon("a", thing("Widget", "w")), delivery="inline"), "a-controllers", **changes
    )


def kept(planned: Platform, name: str) -> bool:
    (resource,) = specs(planned)[name]["resources"]
    found: dict[str, str] = resource["metadata"].get("annotations", {})
    return found == KEPT


def test_a_bundle_that_is_pruned_is_removed_and_any_other_is_kept() -> None:
    assert not kept(planned(prune=True), "a-controllers")
    assert kept(planned(prune=False), "a-controllers")
    assert kept(planned(prune=True, deletion_policy="Orphan"), "a-controllers")
    assert kept(planned(replace(addon("a", thing("Widget", "w")), retain=True), prune=True), "a-controllers")


@pytest.mark.parametrize(
    ("prune", "retain", "expected"), [(True, False, False), (False, False, True), (True, True, True)]
)
def test_a_layer_s_own_objects_are_kept_where_nothing_is_pruned_or_all_is_retained(
    *, prune: bool, retain: bool, expected: bool
) -> None:
    (layer,) = small().layers
    own = replace(layer, objects=(thing("Widget", "w"),), reconciliation=Reconciliation(prune=prune))
    one = replace(small(delivery="inline", retain=retain), layers=(own,))
    assert kept(one, "network-reconciliation") is expected


def test_a_bundle_that_waits_for_nothing_says_nothing_of_it() -> None:
    assert "wait" not in specs(planned(wait=None))["a-controllers"]
    assert specs(planned(wait=True))["a-controllers"]["wait"] is True


def test_a_health_check_of_the_bundles_own_object_is_left_to_the_operator() -> None:
    own, other = (NamespacedObjectKindReference(api_version="example.org/v1", kind="Widget", name=n) for n in "wx")
    waited = specs(planned(health_checks=(own, other)))["network-reconciliation"]["dependsOn"]
    assert [item["name"] for item in waited] == ["a-controllers", "x"]


def test_the_revision_is_that_of_any_layer_that_has_one() -> None:
    made = platform(variant(delivery="inline"))
    first = made.layers[0].name
    without = made.map_layers(
        lambda layer: (
            replace(layer, reconciliation=replace(layer.reconciliation, substitute={}))
            if layer.name == first
            else layer
        )
    )
    assert specs(without)["cluster-vars"]["defaultValues"] == specs(made)["cluster-vars"]["defaultValues"]


def test_a_resource_set_is_an_entry_of_its_own_without_its_templates() -> None:
    entries = inventory(platform(shipped("odyssey", delivery="inline")))
    specs = [entry.manifest["spec"] for key, entry in entries.items() if key.kind == "ResourceSet"]
    assert {spec["wait"] for spec in specs} == {True}
    assert not any("resources" in spec for spec in specs)
