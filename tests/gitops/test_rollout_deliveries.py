"""How far Flux is, where Pulumi registers what tells it: in the deliveries inline and direct."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.rollout import CONFIRMED_AFTER, Phase
from tests.support.flux import READY, Cluster, condition, stalled
from tests.support.stacks import shipped, variant

METALLB = "metallb-controllers"
FAILED = condition("False", "HealthCheckFailed", "timeout waiting for: [HelmRelease/metallb/metallb status: 'Failed']")
INSTALL_FAILED = condition("False", "InstallFailed", "chart metallb: values do not fit its schema")
WAITING = condition("False", "DependencyNotReady", "Retrying dependency check")
UNKNOWN = condition("Unknown", "Progressing", "running health checks")


def delivered(delivery: str) -> Cluster:
    return Cluster.of(platform(shipped("odyssey", delivery=delivery)))


def phase(cluster: Cluster, name: str = METALLB) -> Phase:
    return next(item.phase for item in cluster.rollout.states() if item.bundle == name)


def test_inline_is_told_by_resource_sets() -> None:
    cluster = delivered("inline")
    cluster.resource_set(METALLB, READY)
    assert phase(cluster) is Phase.READY
    cluster.resource_set(METALLB, FAILED, stalled())
    cluster.wait()
    assert phase(cluster) is Phase.FAILING
    assert cluster.rollout.failure() is not None


def test_in_inline_a_bundle_that_pulumi_has_still_to_change_is_not_ready() -> None:
    cluster = delivered("inline")
    now = cluster.declared("ResourceSet", METALLB)
    cluster.put(now | {"spec": now["spec"] | {"wait": False}}, READY)
    assert phase(cluster) is Phase.RECONCILING
    cluster.put(now | {"metadata": now["metadata"] | {"generation": 2}}, READY | {"observedGeneration": 1})
    assert phase(cluster) is Phase.RECONCILING
    cluster.put(now | {"metadata": now["metadata"] | {"generation": 2}}, READY | {"observedGeneration": 2})
    assert phase(cluster) is Phase.READY


def test_in_inline_a_bundle_is_as_healthy_as_what_the_operator_does_not_judge() -> None:
    cluster, name = delivered("inline"), "cert-manager-configs"
    cluster.resource_set(name, WAITING)
    assert phase(cluster, name) is Phase.WAITING
    cluster.resource_set(name, READY)
    assert phase(cluster, name) is Phase.ABSENT
    issuer = cluster.declared("ClusterIssuer", "cluster-ca")
    cluster.put(issuer, condition("False", "ErrGetKeyPair", "secret not found"))
    assert phase(cluster, name) is Phase.FAILING
    cluster.put(issuer, READY)
    assert phase(cluster, name) is Phase.READY


def test_in_inline_failures_count_once_the_operator_has_applied_what_was_asked_for() -> None:
    cluster = delivered("inline")
    release, now = cluster.declared("HelmRelease", "metallb"), cluster.declared("ResourceSet", METALLB)
    cluster.put(release, INSTALL_FAILED, stalled())
    for old in (now | {"spec": now["spec"] | {"wait": False}}, None):
        cluster.put(old or now, READY if old else WAITING)
        cluster.wait()
        assert cluster.rollout.failure() is None
    cluster.put(now, UNKNOWN)
    cluster.put(release | {"spec": release["spec"] | {"interval": "1s"}}, INSTALL_FAILED, stalled())
    cluster.wait()
    assert cluster.rollout.failure() is None
    cluster.put(cluster.declared("HelmRepository", "metallb"), UNKNOWN)
    cluster.put(release, INSTALL_FAILED, stalled())
    cluster.wait()
    failure = cluster.rollout.failure()
    assert failure is not None
    assert (failure.key.kind, failure.bundle) == ("HelmRelease", METALLB)


def test_direct_is_told_by_the_objects_themselves() -> None:
    cluster = delivered("direct")
    cluster.put(cluster.declared("HelmRepository", "metallb"), READY)
    assert phase(cluster) is Phase.ABSENT
    release = cluster.declared("HelmRelease", "metallb")
    cluster.put(release, UNKNOWN)
    assert phase(cluster) is Phase.RECONCILING
    cluster.put(release | {"spec": release["spec"] | {"interval": "1s"}}, READY)
    assert phase(cluster) is Phase.RECONCILING
    cluster.put(release, READY)
    assert phase(cluster) is Phase.READY


def test_in_direct_objects_that_tell_nothing_are_ready_as_soon_as_they_are_there() -> None:
    cluster = delivered("direct")
    assert ("metallb.io/v1beta1", "IPAddressPool") in cluster.rollout.watched
    assert ("metallb.io/v1beta1", "IPAddressPool") not in delivered("git").rollout.watched
    bundle = next(item for item in cluster.rollout.platform.bundles if item.name == "metallb-configs")
    for item in bundle.objects:
        assert phase(cluster, "metallb-configs") is Phase.ABSENT
        cluster.put(cluster.declared(item.kind, item.metadata.name))
    assert phase(cluster, "metallb-configs") is Phase.READY


OLD_SPECS: dict[str, dict[str, Any]] = {
    "another value": {"interval": "5m"},
    "a field that is missing": {"values": {}},
    "text in place of fields": {"values": "none"},
    "text in place of a list": {"driftDetection": {"mode": "enabled", "ignore": "all"}},
    "no list": {"driftDetection": {"mode": "enabled"}},
    "a shorter list": {"driftDetection": {"mode": "enabled", "ignore": []}},
    "a list of something else": {"driftDetection": {"mode": "enabled", "ignore": [{"paths": ["/other"]}] * 2}},
}


@pytest.mark.parametrize("old", OLD_SPECS.values(), ids=OLD_SPECS.keys())
def test_in_direct_a_failure_of_what_pulumi_has_still_to_change_does_not_count(old: dict[str, Any]) -> None:
    cluster = delivered("direct")
    release = cluster.declared("HelmRelease", "metallb")
    cluster.put(release | {"spec": release["spec"] | old}, INSTALL_FAILED, stalled())
    cluster.put(cluster.declared("HelmRepository", "metallb"), READY)
    cluster.wait()
    assert cluster.rollout.failure() is None
    cluster.put(release, INSTALL_FAILED, stalled())
    cluster.wait()
    assert cluster.rollout.failure() is not None


def test_what_the_api_server_adds_and_drops_is_no_difference() -> None:
    chosen = {"metallb": {"values": {"controller": {"image": None, "args": None}}}}
    cluster = Cluster.of(platform(variant(delivery="direct", addons=chosen)))
    release = cluster.declared("HelmRelease", "metallb")
    values = release["spec"]["values"]
    assert values["controller"] == {"image": None, "args": None}
    drift = release["spec"]["driftDetection"]
    rules = {"driftDetection": drift | {"ignore": [rule | {"added": True} for rule in drift["ignore"]]}}
    stored = release["spec"] | rules | {"values": values | {"controller": {"args": []}}, "suspend": False}
    cluster.put(cluster.declared("HelmRepository", "metallb"), READY)
    cluster.put(release | {"spec": stored}, INSTALL_FAILED, stalled())
    cluster.wait()
    assert cluster.rollout.failure() is not None


def test_a_layer_whose_path_is_not_in_the_tree_is_a_failure_of_its_own() -> None:
    cluster = Cluster.of(platform(shipped("odyssey", delivery="git")))
    message = "kustomization path not found: stat /tmp/x/common/secret: no such file or directory"
    for _ in range(2):
        cluster.put(
            cluster.declared("Kustomization", "secret-reconciliation"), condition("False", "ArtifactFailed", message)
        )
        cluster.wait(CONFIRMED_AFTER)
    failure = cluster.rollout.failure()
    assert failure is not None
    assert (failure.bundle, failure.message, failure.declared_at) == ("secret-reconciliation", message, "")
    assert str(failure.key) == "Kustomization flux-system/secret-reconciliation"
