"""Deliveries: one platform, several ways into the cluster, the same objects in the end."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.catalogue import KNOWN, platform, seed
from gitops.delivery import DELIVERIES as AVAILABLE
from gitops.delivery import delivery_of
from gitops.delivery.files import registered_files
from gitops.delivery.registration import Registration
from gitops.errors import PlatformError, Problem
from gitops.objects import ConfigMap, Metadata, ObjectKey
from gitops.pulumi_annotations import WAIT_FOR
from tests.support.stacks import COMMIT, DELIVERIES, PROFILES, STACKS, shipped, stack_config, variant

GIT = stack_config("odyssey")["homelab:git"]


def registered(stack: str = "odyssey", **settings: object) -> dict[str, Registration]:
    planned = platform(variant(stack, **settings))
    return {item.name: item for item in delivery_of(planned).registrations(planned)}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("stack", STACKS)
def test_all_deliveries_expand_to_the_same_objects(stack: str, profile: str) -> None:
    expanded = {
        name: AVAILABLE[name].expand(platform(shipped(stack, profile=profile, delivery=name))) for name in DELIVERIES
    }
    assert len(expanded["git"]) > 20
    assert all(objects == expanded["git"] for objects in expanded.values())


@given(
    off=st.sets(st.sampled_from(sorted(KNOWN.addons)), max_size=4),
    without=st.sets(st.sampled_from(KNOWN.policies), max_size=4),
    load_balancer=st.sampled_from(["metallb", "cilium"]),
    management=st.booleans(),
)
@settings(max_examples=15)
def test_deliveries_agree_on_generated_platforms(
    off: set[str],
    without: set[str],
    load_balancer: str,
    management: bool,  # noqa: FBT001 — drawn by Hypothesis
) -> None:
    choices: dict[str, Any] = {
        "addons": {name: {"enabled": False} for name in off},
        "profile": {"use": "strict", "without": sorted(without)},
        "network": {"load_balancer": load_balancer},
        "management": management,
    }
    try:
        expanded = [AVAILABLE[name].expand(platform(variant(delivery=name, **choices))) for name in DELIVERIES]
    except PlatformError:
        return
    assert all(objects == expanded[0] for objects in expanded)


@pytest.mark.parametrize("delivery", DELIVERIES)
@pytest.mark.parametrize("stack", STACKS)
def test_nothing_depends_on_what_is_registered_later(stack: str, delivery: str) -> None:
    planned = platform(variant(stack, delivery=delivery))
    items = delivery_of(planned).registrations(planned)
    # A component's commands run before its objects.
    ran = {item.name: item.component for item in delivery_of(planned).commands(planned)}
    place = {name: [item.component for item in items].index(component) - 1 for name, component in ran.items()}
    place |= {item.name: index for index, item in enumerate(items)}
    assert all(place[name] < index for index, item in enumerate(items) for name in item.depends_on)


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_nothing_that_pulumi_registers_holds_a_variable(delivery: str) -> None:
    layers = [item for item in registered(delivery=delivery).values() if item.key.kind != "Kustomization"]
    assert [item.name for item in layers if "${" in json.dumps(item.manifest)] == []


def test_git_registers_a_source_at_the_clusters_own_branch() -> None:
    spec = registered()["flux-source"].manifest["spec"]
    assert spec == {
        "interval": "1m",
        "url": "ssh://git@github.com/cicci8ino/homelab",
        "ref": {"branch": "rendered/odyssey"},
        "secretRef": {"name": "flux-system"},
    }


def test_git_pins_a_commit_and_waits_for_it() -> None:
    items = registered(git={**GIT, "commit": COMMIT})
    assert items["flux-source"].manifest["spec"]["ref"]["commit"] == COMMIT
    annotations = items["network-reconciliation"].manifest["metadata"]["annotations"]
    assert json.loads(annotations[WAIT_FOR]) == [
        "condition=Ready",
        f"jsonpath={{.status.lastAppliedRevision}}=rendered/odyssey@sha1:{COMMIT}",
    ]


def test_a_public_repository_needs_no_secret() -> None:
    items = registered(git={"url": "https://example.org/homelab.git"})
    assert "secretRef" not in items["flux-source"].manifest["spec"]


def test_git_without_a_repository_is_an_error_for_the_platform_too() -> None:
    planned = platform(variant(delivery="direct", git=None))
    with pytest.raises(PlatformError) as caught:
        AVAILABLE["git"].registrations(planned)
    assert caught.value.problems == (
        Problem(
            rule="delivery/git-url",
            where="homelab:git.url",
            what="delivery git has no repository to deliver from",
            fix="set homelab:git.url, or choose delivery direct",
        ),
    )


def test_layers_carry_the_shard_only_where_it_is_declared() -> None:
    with_shard = registered()["network-reconciliation"].manifest
    without = registered(shards=[])["network-reconciliation"].manifest
    assert with_shard["metadata"]["labels"] == {"sharding.fluxcd.io/key": "infra"}
    assert with_shard["spec"]["commonMetadata"]["labels"]["sharding.fluxcd.io/key"] == "infra"
    assert "labels" not in without["metadata"]
    assert without["spec"]["commonMetadata"]["labels"] == {"toolkit.fluxcd.io/tenant": "network"}


def test_under_seed_layers_are_registered_one_after_the_other() -> None:
    items = registered(profile="seed")
    edges = {name: items[name].depends_on[-1] for name in items if name.endswith("-reconciliation")}
    assert edges == {
        "common-configs-reconciliation": "flux-source",
        "network-reconciliation": "common-configs-reconciliation",
        "secret-reconciliation": "network-reconciliation",
        "infra-reconciliation": "secret-reconciliation",
        "log-reconciliation": "infra-reconciliation",
    }


def test_under_strict_layers_wait_for_the_source_and_the_variables_only() -> None:
    items = registered()
    layers = [item for name, item in items.items() if name.endswith("-reconciliation")]
    carriers = ("cluster-vars", "cluster-vars-derived", "flux-source")
    assert {item.depends_on for item in layers} == {carriers}


def test_direct_waits_for_releases_until_they_are_ready() -> None:
    item = registered(delivery="direct")["network-helmrelease-metallb/metallb"]
    assert item.manifest["metadata"]["annotations"][WAIT_FOR] == "condition=Ready"
    assert str(item.timeout) == "6m"


def test_direct_waits_at_least_as_long_as_a_release_may_take() -> None:
    item = registered(delivery="direct", profile="seed")["infra-helmrelease-longhorn-system/longhorn"]
    assert str(item.timeout) == "15m"


def test_direct_orders_a_release_after_its_namespace_source_and_gates() -> None:
    items = registered(delivery="direct")
    assert items["network-helmrelease-nginx-ingress/nginx"].depends_on == (
        "network-namespace-nginx-ingress",
        "network-ocirepository-nginx-ingress/nginx",
        "network-ipaddresspool-metallb/standard",
        "network-ipaddresspool-metallb/reserved",
        "network-l2advertisement-metallb/standard",
    )


def test_direct_starts_namespaces_and_sources_at_once() -> None:
    items = registered(delivery="direct")
    assert items["log-namespace-grafana"].depends_on == ()
    assert items["log-ocirepository-grafana/grafana"].depends_on == ("log-namespace-grafana",)


def test_direct_makes_a_release_wait_for_the_secret_that_it_needs() -> None:
    items = registered(delivery="direct")
    needed = items["log-externalsecret-grafana/grafana-admin"]
    assert needed.name in items["log-helmrelease-grafana/grafana"].depends_on
    assert needed.depends_on[0] == "log-namespace-grafana"
    assert "infra-clustersecretstore-onepassword" in needed.depends_on


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("network-clusterissuer-cluster-ca", "condition=Ready"),
        ("network-bundle-homelab-root-ca", "condition=Synced"),
        ("infra-clustersecretstore-onepassword", "condition=Ready"),
        ("network-ipaddresspool-metallb/standard", None),
    ],
)
def test_direct_waits_for_the_condition_of_each_kind(name: str, condition: str | None) -> None:
    annotations = registered(delivery="direct")[name].manifest["metadata"].get("annotations", {})
    assert annotations.get(WAIT_FOR) == condition


def test_direct_under_seed_waits_for_releases_only() -> None:
    items = registered(delivery="direct", profile="seed")
    assert "annotations" not in items["network-clusterissuer-cluster-ca"].manifest["metadata"]


@pytest.mark.parametrize("profile", PROFILES)
def test_direct_keeps_what_holds_data_with_what_that_needs_and_every_namespace(profile: str) -> None:
    items = registered(delivery="direct", profile=profile)
    kept = {name for name, item in items.items() if item.retain_on_delete}
    assert {"infra-helmrelease-longhorn-system/longhorn", "network-helmrelease-kube-system/cilium"} <= kept
    assert "secret-helmrelease-1password/1password-connect" in kept
    assert {name for name in items if "-namespace-" in name and name.startswith(("network", "infra", "log"))} <= kept
    assert "log-helmrelease-grafana/grafana" not in kept


def test_common_configs_are_applied_by_whoever_delivers() -> None:
    key = ObjectKey("", "ConfigMap", "flux-system", "common-configs-vars")
    for name in DELIVERIES:
        expanded = AVAILABLE[name].expand(platform(shipped("ithaca", delivery=name)))
        assert expanded[key]["data"] == {"mgmt_domain": "k8s.cicci8ino.it"}


def test_files_for_review_are_one_object_each() -> None:
    files = registered_files(platform(shipped("odyssey")), "pulumi/odyssey")
    assert "pulumi/odyssey/kustomization-network-reconciliation.yaml" in files
    assert all(text.count("\nkind: ") == 1 for text in files.values())
    assert len(files) == len(registered())


def test_files_for_review_name_the_namespace_where_kind_and_name_are_shared() -> None:
    planned = seed(variant(delivery="direct", profile="seed"))
    twins = tuple(
        ConfigMap(metadata=Metadata(name="twin", namespace=namespace), data={}) for namespace in ("one", "two")
    )
    doubled = planned.map_layers(lambda layer: replace(layer, objects=twins) if layer.name == "network" else layer)
    files = registered_files(doubled, "x")
    assert {"x/configmap-twin-one.yaml", "x/configmap-twin-two.yaml", "x/configmap-cluster-vars.yaml"} <= files.keys()
    assert len(files) == len(delivery_of(doubled).registrations(doubled))


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_every_object_belongs_to_the_component_of_its_layer(delivery: str) -> None:
    items = registered(delivery=delivery)
    components = {name: item.component for name, item in items.items()}
    assert components["cluster-vars"] == "cluster"
    assert components["wedding-website-ingress"] == "wedding-website"
    layers = {component for name, component in components.items() if name.startswith(f"{component}-")}
    assert {"network", "secret", "infra", "log", "common-configs"} <= layers


def test_layers_time_out_as_flux_does() -> None:
    items = registered()
    for name, item in items.items():
        expected = item.manifest["spec"]["timeout"] if name.endswith("-reconciliation") else None
        assert (str(item.timeout) if item.timeout else None) == expected


def test_direct_times_out_only_what_it_waits_for() -> None:
    for item in registered(delivery="direct").values():
        waits = WAIT_FOR in item.manifest["metadata"].get("annotations", {})
        assert bool(item.timeout) == waits, item.name


def test_a_gate_is_the_release_alone_where_there_is_one() -> None:
    items = registered(delivery="direct")
    gates = items["network-bundle-homelab-root-ca"].depends_on
    assert gates == ("network-helmrelease-trust-manager/trust-manager",)


def test_expansion_keeps_what_is_not_control() -> None:
    expanded = AVAILABLE["git"].expand(platform(shipped("odyssey")))
    namespace = expanded[ObjectKey("", "Namespace", "", "metallb")]
    assert namespace["metadata"]["name"] == "metallb"
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"
    assert "annotations" not in namespace["metadata"]
    ingress = expanded[ObjectKey("networking.k8s.io", "Ingress", "wedding-website", "wedding-website-ingress")]
    assert ingress["metadata"]["annotations"] == {
        "cert-manager.io/cluster-issuer": "cluster-ca",
        "nginx.org/hsts": "true",
    }
    assert "labels" not in expanded[ObjectKey("", "ConfigMap", "flux-system", "common-configs-vars")]["metadata"]


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_expansion_leaves_out_what_carries(delivery: str) -> None:
    expanded = AVAILABLE[delivery].expand(platform(shipped("odyssey", delivery=delivery)))
    assert {key.kind for key in expanded}.isdisjoint(
        {"Kustomization", "GitRepository", "ResourceSet", "ResourceSetInputProvider"}
    )
    assert [key.name for key in expanded if key.kind == "ConfigMap"] == ["common-configs-vars"]
