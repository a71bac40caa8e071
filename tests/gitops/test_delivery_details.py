"""Deliveries: what they wait for, keep and hand on, on platforms other than the shipped ones."""

from dataclasses import replace

from addons.catalogue import platform
from gitops.delivery import delivery_of
from gitops.delivery.registration import Registration
from gitops.flux import PRUNE_ANNOTATION
from gitops.objects import Metadata, Unstructured
from gitops.platform import Platform
from gitops.pulumi_annotations import WAIT_FOR
from tests.support.platforms import addon, small, thing
from tests.support.stacks import variant


def registered(planned: Platform) -> dict[str, Registration]:
    return {item.name: item for item in delivery_of(planned).registrations(planned)}


def test_git_without_a_pinned_commit_waits_for_ready_alone() -> None:
    manifest = registered(platform(variant()))["network-reconciliation"].manifest
    assert manifest["metadata"]["annotations"][WAIT_FOR] == "condition=Ready"


def test_direct_keeps_what_flux_would_not_prune() -> None:
    metadata = Metadata(name="kept", namespace="widgets", annotations={PRUNE_ANNOTATION: "disabled"})
    kept = Unstructured(api_version="example.org/v1", kind="Widget", metadata=metadata)
    items = registered(small(addon("a", kept, thing("Widget", "other")), delivery="direct"))
    retained = {name for name, item in items.items() if item.retain_on_delete}
    assert retained == {"network-widget-widgets/kept"}


def test_a_layer_takes_the_variables_only_where_it_uses_them() -> None:
    planned = small()
    variables = {"substituteFrom": [{"kind": "ConfigMap", "name": "cluster-vars"}]}
    assert registered(planned)["network-reconciliation"].manifest["spec"]["postBuild"] == variables
    plain = planned.map_layers(lambda layer: replace(layer, uses_variables=False))
    assert "postBuild" not in registered(plain)["network-reconciliation"].manifest["spec"]


def test_after_the_bootstrap_comes_what_waits_for_its_last_steps_alone() -> None:
    items = registered(platform(variant(bootstrap="install")))
    waited = set(items["cluster-vars"].depends_on)
    assert "bootstrap-flux" in waited
    assert waited.isdisjoint(items["bootstrap-flux"].depends_on)
