"""Delivery inline: what is in the ResourceSets, what they wait for, and what they keep."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.delivery.inline import registrations
from gitops.delivery.registration import Registration
from gitops.pulumi_annotations import WAIT_FOR
from tests.support.stacks import variant

OPERATOR = "fluxcd.controlplane.io"


def registered(stack: str = "odyssey", **settings: Any) -> dict[str, Registration]:
    planned = platform(variant(stack, delivery="inline", **settings))
    return {item.name: item for item in registrations(planned)}


def spec(name: str, **settings: Any) -> dict[str, Any]:
    found: dict[str, Any] = registered(**settings)[name].manifest["spec"]
    return found


def dependencies(name: str, **settings: Any) -> list[str]:
    return [f"{item['kind']} {item['name']}" for item in spec(name, **settings).get("dependsOn", [])]


def annotations(name: str, kind: str, **settings: Any) -> dict[str, str]:
    (found,) = [item for item in spec(name, **settings)["resources"] if item["kind"] == kind]
    kept: dict[str, str] = found["metadata"].get("annotations", {})
    return kept


def test_the_values_are_the_inputs_of_one_static_provider() -> None:
    item = registered()["cluster-vars"]
    assert (item.key.kind, item.component) == ("ResourceSetInputProvider", "cluster")
    assert item.manifest["spec"]["type"] == "Static"
    values = item.manifest["spec"]["defaultValues"]
    assert values["storage_replica"] == "1"
    assert values["load_balancer_ranges"] == '["192.168.20.65-192.168.20.65", "192.168.20.68-192.168.20.126"]'
    assert len(values["revision"]) == 12


def test_each_bundle_is_a_resource_set_and_each_layer_one_more() -> None:
    planned = platform(variant(delivery="inline"))
    sets = {item.key.name for item in registrations(planned) if item.key.kind == "ResourceSet"}
    assert sets == {bundle.name for bundle in planned.bundles} | {layer.kustomization for layer in planned.layers}


def test_variables_are_inputs_and_a_list_stands_alone_in_its_field() -> None:
    standard, reserved, _ = spec("network-metallb-configs")["resources"]
    assert standard["spec"]["addresses"] == "<< inputs.load_balancer_ranges >>"
    assert reserved["spec"]["addresses"][0] == "<< inputs.dns_ip >>-<< inputs.dns_ip >>"


def test_a_bundle_reads_inputs_only_where_it_uses_them() -> None:
    provider = {"kind": "ResourceSetInputProvider", "name": "cluster-vars"}
    assert spec("network-nginx-controllers")["inputsFrom"] == [provider]
    assert "inputsFrom" not in spec("network-trust-manager-controllers")
    assert "ResourceSetInputProvider cluster-vars" not in dependencies("network-trust-manager-controllers")


def test_a_bundle_waits_for_the_inputs_of_its_own_revision() -> None:
    items = registered()
    revision = items["cluster-vars"].manifest["spec"]["defaultValues"]["revision"]
    first = items["network-nginx-controllers"].manifest["spec"]["dependsOn"][0]
    assert (first["kind"], first["ready"]) == ("ResourceSetInputProvider", True)
    assert first["readyExpr"].endswith(f"status.exportedInputs.exists(e, e.revision == '{revision}')")


def test_without_revisions_the_inputs_only_have_to_be_there() -> None:
    settings = {"profile": "seed"}
    assert "revision" not in spec("cluster-vars", **settings)["defaultValues"]
    first = spec("network-nginx-controllers", **settings)["dependsOn"][0]
    assert first["ready"] is True
    assert "readyExpr" not in first
    assert "inputs" not in spec("network-reconciliation", **settings)


def test_bundles_wait_for_healthy_bundles() -> None:
    assert dependencies("network-nginx-controllers") == [
        "ResourceSetInputProvider cluster-vars",
        "ResourceSet metallb-configs",
    ]
    assert spec("network-metallb-configs")["dependsOn"][1] == {
        "apiVersion": "fluxcd.controlplane.io/v1",
        "kind": "ResourceSet",
        "name": "metallb-controllers",
        "namespace": "flux-system",
        "ready": True,
    }
    assert spec("network-nginx-controllers")["wait"] is True


def test_cel_judges_the_kinds_that_kstatus_cannot() -> None:
    (store,) = [item for item in spec("log-grafana-controllers")["dependsOn"] if item["kind"] == "ClusterSecretStore"]
    assert store == {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ClusterSecretStore",
        "name": "onepassword",
        "ready": True,
        "readyExpr": "status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
    }


def test_crds_that_a_controller_registers_itself_are_waited_for() -> None:
    network = {"load_balancer": "cilium"}
    waited = dependencies("network-cilium-configs", network=network)
    assert waited[-2:] == [
        "CustomResourceDefinition ciliumloadbalancerippools.cilium.io",
        "CustomResourceDefinition ciliuml2announcementpolicies.cilium.io",
    ]
    assert spec("network-cilium-controllers", network=network)["wait"] is True


def test_a_layer_is_ready_when_all_its_bundles_are() -> None:
    planned = platform(variant(delivery="inline"))
    (network,) = [layer for layer in planned.layers if layer.name == "network"]
    waited = dependencies("network-reconciliation")
    assert {f"ResourceSet {bundle.name}" for bundle in network.bundles} <= set(waited)
    assert "ClusterIssuer cluster-ca" in waited


def test_pulumi_waits_for_the_inputs_and_for_layers_as_long_as_they_may_take() -> None:
    items = registered()
    waiting = {name for name, item in items.items() if WAIT_FOR in item.manifest["metadata"].get("annotations", {})}
    layers = {name for name in items if name.endswith("-reconciliation")}
    assert waiting - {"wedding-website-ingress"} == {"cluster-vars", *layers}
    timeout = items["log-reconciliation"].manifest["metadata"]["annotations"][f"{OPERATOR}/reconcileTimeout"]
    assert str(items["log-reconciliation"].timeout) == timeout


@pytest.mark.parametrize(
    "settings",
    [
        {"addons": {"grafana": {"values": {"replicas": 2}}}},
        {"network": {"api_host": "other.example.org"}},
    ],
)
def test_a_changed_layer_changes_its_resource_set_so_none_is_ready_with_old_health(settings: dict[str, Any]) -> None:
    before, after = spec("log-reconciliation"), spec("log-reconciliation", **settings)
    assert before["inputs"] != after["inputs"]


def test_an_unchanged_layer_keeps_its_resource_set() -> None:
    changed = {"addons": {"grafana": {"values": {"replicas": 2}}}}
    assert spec("network-reconciliation") == spec("network-reconciliation", **changed)


def test_under_seed_layers_follow_each_other() -> None:
    waited = dependencies("secret-1password-connect-controllers", profile="seed")
    assert "ResourceSet network-reconciliation" in waited
    items = registered(profile="seed")
    assert "network-reconciliation" in items["secret-1password-connect-controllers"].depends_on
    assert "wait" not in items["secret-reconciliation"].manifest["spec"]


def test_pulumi_deletes_in_reverse_order() -> None:
    items = registered()
    assert items["network-metallb-configs"].depends_on == ("cluster-vars", "network-metallb-controllers")
    assert set(items["network-reconciliation"].depends_on) > {"network-metallb-configs", "network-nginx-controllers"}


def test_what_holds_data_or_the_network_survives_its_resource_set() -> None:
    kept = {f"{OPERATOR}/prune": "disabled"}
    assert kept.items() <= annotations("infra-longhorn-controllers", "HelmRelease").items()
    assert annotations("network-metallb-configs", "L2Advertisement") == kept
    assert annotations("log-grafana-controllers", "HelmRelease") == {}
    assert kept.items() <= annotations("log-grafana-controllers", "Namespace").items()
    assert annotations("network-cert-manager-configs", "ClusterIssuer", profile="seed") == kept


def test_the_layers_own_objects_stand_in_its_resource_set() -> None:
    (resource,) = spec("common-configs-reconciliation")["resources"]
    assert resource["metadata"]["name"] == "common-configs-vars"
    labels = registered()["common-configs-reconciliation"].manifest["metadata"]["labels"]
    assert labels == {"toolkit.fluxcd.io/tenant": "common"}


def test_intervals_and_timeouts_are_those_of_the_bundle() -> None:
    noted = registered()["infra-longhorn-controllers"].manifest["metadata"]["annotations"]
    assert noted == {f"{OPERATOR}/reconcileEvery": "1h", f"{OPERATOR}/reconcileTimeout": "16m"}


def test_a_layer_without_objects_of_its_own_says_so_as_the_operator_s_api_demands() -> None:
    assert spec("network-reconciliation")["resourcesTemplate"] == ""
    assert "resources" not in spec("network-reconciliation")
    assert "resourcesTemplate" not in spec("common-configs-reconciliation")
