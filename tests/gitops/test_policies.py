"""What strict adds: each policy by itself, and the whole in its order."""

from dataclasses import fields
from typing import Any

import pytest
import yaml

from addons.catalogue import platform, seed
from gitops.addon import Bundle
from gitops.duration import Duration
from gitops.flux import HelmRelease
from gitops.graph import REQUEUE
from gitops.layer import Layer
from gitops.objects import Namespace
from gitops.platform import Platform
from gitops.policies import Policy
from gitops.profile import PROFILES, STRICT, policies, steps
from gitops.rendering import tree
from gitops.substitution import substitute
from tests.support.stacks import COMMIT, STACKS, shipped, stack_config, variant

STRICT_ODYSSEY = platform(shipped("odyssey"))
SEED_ODYSSEY = platform(shipped("odyssey", profile="seed"))


def only(name: str, **settings: Any) -> Platform:
    """A platform under one policy."""
    others = [policy.name for policy in STRICT if policy.name != name]
    return platform(variant(profile={"use": "strict", "without": others}, **settings))


def bundle(planned: Platform, name: str) -> Bundle:
    return next(item for item in planned.bundles if item.name == name)


def layer(planned: Platform, name: str) -> Layer:
    return next(item for item in planned.layers if item.name == name)


def release(planned: Platform, name: str) -> HelmRelease:
    objects = (item for part in planned.bundles for item in part.objects)
    return next(item for item in objects if isinstance(item, HelmRelease) and item.metadata.name == name)


def manifests(planned: Platform, name: str) -> list[dict[str, Any]]:
    return [substitute(item.manifest(), planned.values) for item in bundle(planned, name).objects]


def test_a_bundle_is_itself_only_with_its_own_objects() -> None:
    cilium = bundle(SEED_ODYSSEY, "cilium-controllers")
    assert cilium.with_objects(cilium.objects) is cilium
    assert cilium.with_objects(cilium.objects[:-1]).objects == cilium.objects[:-1]


def test_seed_has_no_policies() -> None:
    assert PROFILES["seed"] == ()
    made = seed(shipped("odyssey", profile="seed"))
    assert all(getattr(made, item.name) == getattr(SEED_ODYSSEY, item.name) for item in fields(Platform))


def test_every_policy_says_why_in_one_line() -> None:
    assert all(policy.reason.endswith(".") and len(policy.reason) > 40 for policy in STRICT)


def test_a_policy_without_a_docstring_gives_no_reason() -> None:
    assert Policy("plain", lambda planned: planned).reason == ""


def test_a_policy_is_left_out_by_name() -> None:
    planned = seed(variant(profile={"use": "strict", "without": ["watch"]}))
    assert [policy.name for policy in policies(planned)] == [policy.name for policy in STRICT if policy.name != "watch"]


@pytest.mark.parametrize("stack", STACKS)
def test_every_policy_changes_every_stack_except_the_website_where_there_is_none(stack: str) -> None:
    before = seed(shipped(stack))
    for policy, after in steps(before):
        assert (after != before) == (policy.name != "website-tls" or bool(before.website)), policy.name
        before = after


def test_gates_wait_for_health() -> None:
    gated = only("health-gates")
    assert all(item.reconciliation.wait for item in gated.bundles)
    assert all(item.reconciliation.wait for item in gated.layers)


def test_seed_waits_for_nothing() -> None:
    assert {item.reconciliation.wait for item in SEED_ODYSSEY.bundles} == {None}
    assert {item.reconciliation.wait for item in SEED_ODYSSEY.layers} == {None}


def test_a_gate_on_crds_of_run_time_names_them_because_wait_would_ignore_them() -> None:
    gated = only("health-gates", network={"load_balancer": "cilium"})
    reconciliation = bundle(gated, "cilium-controllers").reconciliation
    assert reconciliation.wait is False
    assert [(item.kind, item.name, item.namespace) for item in reconciliation.health_checks] == [
        ("HelmRelease", "cilium", "kube-system"),
        ("CustomResourceDefinition", "ciliumloadbalancerippools.cilium.io", None),
        ("CustomResourceDefinition", "ciliuml2announcementpolicies.cilium.io", None),
    ]


@pytest.mark.parametrize(
    ("name", "kind", "condition"),
    [
        ("cert-manager-configs", "ClusterIssuer", "Ready"),
        ("trust-manager-configs", "Bundle", "Synced"),
        ("external-secrets-configs", "ClusterSecretStore", "Ready"),
        ("grafana-controllers", "ExternalSecret", "Ready"),
    ],
)
def test_kinds_that_kstatus_cannot_judge_get_expressions(name: str, kind: str, condition: str) -> None:
    (check,) = bundle(STRICT_ODYSSEY, name).reconciliation.health_check_exprs
    assert check.kind == kind
    assert check.current == f"status.conditions.exists(e, e.type == '{condition}' && e.status == 'True')"
    assert check.failed == f"status.conditions.exists(e, e.type == '{condition}' && e.status == 'False')"


def test_a_bundle_waits_longer_than_its_release() -> None:
    for item in STRICT_ODYSSEY.bundles:
        for part in item.objects:
            if isinstance(part, HelmRelease):
                assert part.spec.timeout is not None
                assert item.reconciliation.timeout > part.spec.timeout


def test_a_layer_waits_as_long_as_its_slowest_path() -> None:
    timeouts = [
        bundle(STRICT_ODYSSEY, name).reconciliation.timeout for name in ("cilium-controllers", "longhorn-controllers")
    ]
    prometheus = bundle(STRICT_ODYSSEY, "kube-prometheus-stack-controllers").reconciliation.timeout
    path = timeouts[0] + REQUEUE + timeouts[1] + REQUEUE + prometheus
    assert layer(STRICT_ODYSSEY, "infra").reconciliation.timeout >= path


def test_a_layer_without_bundles_keeps_its_timeout() -> None:
    assert layer(STRICT_ODYSSEY, "common-configs").reconciliation.timeout == Duration.minutes(5)


def test_bundles_wait_for_what_they_need_across_layers() -> None:
    ordered = only("bundle-edges")
    assert bundle(ordered, "grafana-controllers").reconciliation.depends_on == (
        "external-secrets-configs",
        "longhorn-controllers",
        "nginx-controllers",
        "victoria-metrics-controllers",
        "victoria-logs-controllers",
    )
    assert {item.reconciliation.depends_on for item in ordered.layers} == {()}
    assert {item.follows for item in ordered.layers} == {None}


def test_seed_orders_layers_and_configs_as_the_article() -> None:
    edges = {item.name: item.reconciliation.depends_on for item in SEED_ODYSSEY.bundles}
    assert edges["metallb-configs"] == ("metallb-controllers",)
    assert {targets for name, targets in edges.items() if name.endswith("-controllers")} == {()}
    assert layer(SEED_ODYSSEY, "network").reconciliation.depends_on == ()
    assert layer(SEED_ODYSSEY, "log").reconciliation.depends_on == ("infra-reconciliation",)


def test_the_revision_reaches_bundles_through_their_layer() -> None:
    revised = only("revision")
    (value,) = {item.reconciliation.substitute["revision"] for item in revised.layers}
    assert len(value) == 12
    assert {item.reconciliation.substitute["revision"] for item in revised.bundles} == {"${revision}"}


@pytest.mark.parametrize(
    "settings",
    [
        {"git": stack_config("odyssey")["homelab:git"] | {"commit": COMMIT}},
        {"cluster_vars": stack_config("odyssey")["homelab:cluster_vars"] | {"storage_replica": "2"}},
    ],
)
def test_the_revision_moves_with_the_commit_and_with_every_variable(settings: dict[str, Any]) -> None:
    before, after = (layer(platform(cluster), "log") for cluster in (shipped("odyssey"), variant(**settings)))
    assert before.reconciliation.substitute != after.reconciliation.substitute


def test_layers_prune_and_leave_everything_when_they_go_themselves() -> None:
    pruned = only("pruning")
    assert {(item.reconciliation.prune, item.reconciliation.deletion_policy) for item in pruned.layers} == {
        (True, "Orphan")
    }


def test_what_holds_data_or_the_network_is_orphaned() -> None:
    pruned = only("pruning")
    orphaned = {item.name for item in pruned.bundles if item.reconciliation.deletion_policy == "Orphan"}
    assert orphaned == {
        "cilium-controllers",
        "external-secrets-configs",
        "external-secrets-controllers",
        "longhorn-controllers",
        "metallb-configs",
        "metallb-controllers",
    }


def test_namespaces_are_never_pruned() -> None:
    objects = [item for part in only("pruning").bundles for item in part.objects]
    annotations = {str(item.metadata.annotations) for item in objects if isinstance(item, Namespace)}
    assert annotations == {"{'kustomize.toolkit.fluxcd.io/prune': 'disabled'}"}


def test_releases_retry_replace_crds_and_undo_drift() -> None:
    spec = release(only("releases"), "metallb").spec
    assert spec.install is not None
    assert spec.upgrade is not None
    assert spec.drift_detection is not None
    assert (spec.install.crds, spec.upgrade.crds) == ("CreateReplace", "CreateReplace")
    assert spec.install.strategy == spec.upgrade.strategy
    assert spec.install.strategy is not None
    assert spec.install.strategy.name == "RetryOnFailure"
    assert spec.drift_detection.mode == "enabled"
    assert [rule.paths for rule in spec.drift_detection.ignore] == [("/webhooks",), ("/webhooks",)]


def test_what_an_addon_says_of_its_release_stays() -> None:
    hardened = only("releases")
    cilium, nginx = release(hardened, "cilium").spec, release(hardened, "nginx").spec
    assert cilium.drift_detection is not None
    assert cilium.drift_detection.mode == "warn"
    assert nginx.install is not None
    assert nginx.install.disable_schema_validation


def test_flux_watches_the_variables() -> None:
    assert {item.metadata.labels["reconcile.fluxcd.io/watch"] for item in only("watch").variables} == {"Enabled"}
    assert SEED_ODYSSEY.variables[0].metadata.labels == {}


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("metallb", "privileged"),
        ("longhorn-system", "privileged"),
        ("cert-manager", "restricted"),
        ("grafana", "baseline"),
    ],
)
def test_namespaces_admit_what_their_pods_need(name: str, level: str) -> None:
    objects = [item for part in only("pod-security").bundles for item in part.objects]
    (labels,) = [item.metadata.labels for item in objects if item.kind == "Namespace" and item.metadata.name == name]
    assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {level}


def test_metallb_assigns_around_the_reserved_addresses() -> None:
    standard, reserved, advertisement = manifests(only("reserved-addresses"), "metallb-configs")
    assert standard["spec"]["addresses"] == ["192.168.20.65-192.168.20.65", "192.168.20.68-192.168.20.126"]
    assert reserved["metadata"] == {"name": "reserved", "namespace": "metallb"}
    assert reserved["spec"] == {
        "addresses": ["192.168.20.66-192.168.20.66", "192.168.20.67-192.168.20.67"],
        "autoAssign": False,
    }
    assert advertisement["spec"]["ipAddressPools"] == ["standard", "reserved"]


def test_cilium_assigns_around_the_reserved_addresses() -> None:
    planned = only("reserved-addresses", network={"load_balancer": "cilium"})
    standard, reserved, announcement = manifests(planned, "cilium-configs")
    assert standard["spec"]["blocks"] == [
        {"start": "192.168.20.65", "stop": "192.168.20.65"},
        {"start": "192.168.20.68", "stop": "192.168.20.126"},
    ]
    assert reserved["spec"]["blocks"][1] == {"start": "192.168.20.67", "stop": "192.168.20.67"}
    (expression,) = reserved["spec"]["serviceSelector"]["matchExpressions"]
    assert expression["values"] == ["k8s-gateway", "nginx-ingress"]
    assert announcement["spec"] == {"loadBalancerIPs": True}


def test_without_the_policy_cilium_gets_the_whole_pool() -> None:
    planned = platform(variant(profile="seed", network={"load_balancer": "cilium"}))
    (pool, _) = manifests(planned, "cilium-configs")
    assert pool["spec"]["blocks"] == [{"start": "192.168.20.65", "stop": "192.168.20.126"}]


def test_derived_variables_are_declared_only_where_they_are_used() -> None:
    assert [item.metadata.name for item in SEED_ODYSSEY.variables] == ["cluster-vars"]
    assert set(STRICT_ODYSSEY.variables[1].data) == {"load_balancer_ranges"}


def test_bundles_read_exactly_the_variables_that_they_use() -> None:
    files = tree(STRICT_ODYSSEY)
    sources = {
        item["metadata"]["name"]: [source["name"] for source in item["spec"]["postBuild"].get("substituteFrom", [])]
        for name, text in files.items()
        if name.count("/") == 3
        for item in yaml.safe_load_all(text)
    }
    assert sources["metallb-controllers"] == []
    assert sources["metallb-configs"] == ["cluster-vars", "cluster-vars-derived"]
    assert sources["cert-manager-configs"] == []
    assert sources["grafana-controllers"] == ["cluster-vars"]
