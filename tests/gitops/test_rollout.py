"""How far Flux is, and what will not heal by itself."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.objects import Manifest, ObjectKey
from gitops.rollout import CONFIRMED_AFTER, BundleState, Phase
from tests.support.flux import KUSTOMIZATION, READY, Cluster, condition, stalled
from tests.support.stacks import COMMIT, shipped

PINNED = platform(shipped("odyssey", delivery="git").pinned(COMMIT))
OLD = "rendered/odyssey@sha1:fedcba9876543210fedcba9876543210fedcba98"
METALLB = "metallb-controllers"
FAILED = condition("False", "HealthCheckFailed", "timeout waiting for: [HelmRelease/metallb/metallb status: 'Failed']")
GIVEN_UP = condition("False", "InstallFailed", "failed early due to stalled resources: [Deployment/metallb/controller]")
INSTALL_FAILED = condition("False", "InstallFailed", "chart metallb: values do not fit its schema")
UNKNOWN = condition("Unknown", "Progressing", "running health checks")
WAITING = ("DependencyNotReady", "ArtifactFailed", "SourceNotReady", "HelmChartNotReady")


@pytest.fixture
def cluster() -> Cluster:
    return Cluster.of(PINNED)


def state(cluster: Cluster, name: str = METALLB) -> BundleState:
    return next(item for item in cluster.rollout.states() if item.bundle == name)


def phase(cluster: Cluster, name: str = METALLB) -> Phase:
    return state(cluster, name).phase


def key(kind: str, name: str, namespace: str = "metallb", group: str = "helm.toolkit.fluxcd.io") -> ObjectKey:
    return ObjectKey(group, kind, namespace, name)


def test_states_are_in_the_order_in_which_bundles_become_ready(cluster: Cluster) -> None:
    names = [item.bundle for item in cluster.rollout.states()]
    assert sorted(names) == sorted(bundle.name for bundle in PINNED.bundles)
    assert names.index("metallb-controllers") < names.index("metallb-configs")


def test_what_nobody_has_applied_is_absent(cluster: Cluster) -> None:
    assert {item.phase for item in cluster.rollout.states()} == {Phase.ABSENT}
    assert state(cluster).detail == ""


@pytest.mark.parametrize("reason", [*WAITING, "HealthCheckCanceled"])
def test_what_something_else_holds_up_is_waiting_and_fails_never(cluster: Cluster, reason: str) -> None:
    for _ in range(3):
        cluster.kustomization(METALLB, condition("False", reason, "dependency 'cilium-controllers' is not ready"))
        cluster.wait(CONFIRMED_AFTER)
    assert phase(cluster) is Phase.WAITING
    assert state(cluster).detail == "dependency 'cilium-controllers' is not ready"
    assert cluster.rollout.failure() is None


@pytest.mark.parametrize("conditions", [(), (UNKNOWN,)])
def test_what_says_neither_yes_nor_no_is_reconciling(cluster: Cluster, conditions: tuple[Manifest, ...]) -> None:
    cluster.kustomization(METALLB, *conditions)
    assert phase(cluster) is Phase.RECONCILING


def test_what_says_no_is_failing_in_its_own_words(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED)
    assert phase(cluster) is Phase.FAILING
    assert state(cluster).detail == FAILED["message"]


def test_ready_is_what_says_yes_with_the_pinned_commit_and_todays_variables(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, READY)
    assert phase(cluster) is Phase.READY


def test_ready_with_another_commit_is_still_reconciling(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, READY, applied=OLD)
    assert phase(cluster) is Phase.RECONCILING


def test_ready_with_older_variables_is_still_reconciling(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, READY, revision="0ld0ld0ld0ld")
    assert phase(cluster) is Phase.RECONCILING


def test_ready_in_an_older_generation_is_still_reconciling(cluster: Cluster) -> None:
    spec = {"apiVersion": KUSTOMIZATION, "kind": "Kustomization", "spec": {}}
    metadata = {"name": METALLB, "namespace": "flux-system", "generation": 2}
    cluster.put(spec | {"metadata": metadata}, READY, observedGeneration=1, lastAppliedRevision=cluster.source)
    assert phase(cluster) is Phase.RECONCILING
    cluster.put(spec | {"metadata": metadata}, READY, observedGeneration=2, lastAppliedRevision=cluster.source)
    assert phase(cluster) is Phase.READY


def test_a_source_that_is_not_pinned_may_have_any_commit() -> None:
    cluster = Cluster.of(platform(shipped("odyssey", delivery="git")))
    cluster.kustomization(METALLB, READY, applied=OLD)
    assert phase(cluster) is Phase.READY


def test_a_platform_without_revisions_is_ready_without_one() -> None:
    cluster = Cluster.of(platform(shipped("odyssey", profile="seed").pinned(COMMIT)))
    name = cluster.rollout.states()[0].bundle
    cluster.kustomization(name, READY, revision=None)
    assert phase(cluster, name) is Phase.READY


def test_a_rollout_is_done_when_every_bundle_is_ready(cluster: Cluster) -> None:
    names = [item.bundle for item in cluster.rollout.states()]
    for name in names[:-1]:
        cluster.kustomization(name, READY)
    assert not cluster.rollout.done
    cluster.kustomization(names[-1], READY)
    assert cluster.rollout.done


def test_a_stalled_object_has_failed_at_once(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, condition("False", "BuildFailed", "no such file"), stalled())
    cluster.wait()
    failure = cluster.rollout.failure()
    assert failure is not None
    assert (failure.key.kind, failure.bundle, failure.reason) == ("Kustomization", METALLB, "BuildFailed")
    assert failure.message == "no such file"
    assert failure.declared_at.startswith("addons/network/metallb.py:")


def test_what_kubernetes_has_given_up_has_failed_at_once(cluster: Cluster) -> None:
    cluster.wait()
    cluster.kustomization(METALLB, GIVEN_UP)
    cluster.wait()
    failure = cluster.rollout.failure()
    assert failure is not None
    assert failure.message == GIVEN_UP["message"]


@pytest.mark.parametrize("seconds", [CONFIRMED_AFTER - 1, 10 * CONFIRMED_AFTER])
def test_what_had_been_given_up_before_may_be_mended_by_now(cluster: Cluster, seconds: float) -> None:
    cluster.kustomization(METALLB, GIVEN_UP)
    cluster.wait()
    cluster.wait(seconds)
    assert cluster.rollout.failure() is None
    cluster.kustomization(METALLB, GIVEN_UP)
    cluster.wait()
    assert cluster.rollout.failure() is not None


def test_one_failure_may_heal_by_itself(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED)
    cluster.wait()
    cluster.wait(10 * CONFIRMED_AFTER)
    assert cluster.rollout.failure() is None


def test_the_same_failure_of_a_second_attempt_is_a_failure(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED)
    cluster.wait()
    cluster.kustomization(METALLB, FAILED)
    cluster.wait(CONFIRMED_AFTER)
    assert cluster.rollout.failure() is not None


def test_the_same_failure_again_right_away_may_be_the_same_attempt(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED)
    cluster.wait()
    cluster.kustomization(METALLB, FAILED)
    cluster.wait(CONFIRMED_AFTER - 1)
    assert cluster.rollout.failure() is None


def test_another_failure_starts_over(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED)
    cluster.wait()
    cluster.kustomization(METALLB, condition("False", "HealthCheckFailed", "something else"))
    cluster.wait(CONFIRMED_AFTER)
    cluster.kustomization(METALLB, condition("False", "HealthCheckFailed", "something else"))
    cluster.wait(CONFIRMED_AFTER - 1)
    assert cluster.rollout.failure() is None


def test_being_tried_again_heals_nothing(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED)
    cluster.wait()
    cluster.kustomization(METALLB, UNKNOWN)
    cluster.wait(CONFIRMED_AFTER)
    cluster.kustomization(METALLB, FAILED)
    cluster.wait()
    assert cluster.rollout.failure() is not None


def test_success_heals(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED, stalled())
    cluster.wait()
    cluster.kustomization(METALLB, READY)
    cluster.wait()
    assert cluster.rollout.failure() is None
    cluster.kustomization(METALLB, FAILED)
    cluster.wait(CONFIRMED_AFTER)
    assert cluster.rollout.failure() is None


@pytest.mark.parametrize("old", [{"attempted": OLD}, {"revision": "0ld0ld0ld0ld"}])
def test_failures_of_an_earlier_revision_do_not_count(cluster: Cluster, old: dict[str, Any]) -> None:
    cluster.kustomization(METALLB, FAILED, stalled(), **old)
    cluster.wait()
    assert cluster.rollout.failure() is None


def test_a_confirmed_failure_is_gone_with_the_next_revision(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED, stalled())
    cluster.wait()
    cluster.kustomization(METALLB, FAILED, stalled(), attempted=OLD)
    cluster.wait()
    assert cluster.rollout.failure() is None


def test_a_release_fails_only_once_its_kustomization_tries_what_was_asked_for(cluster: Cluster) -> None:
    cluster.put(cluster.declared("HelmRelease", "metallb"), INSTALL_FAILED, stalled())
    cluster.wait()
    assert cluster.rollout.failure() is None
    cluster.kustomization(METALLB, UNKNOWN)
    cluster.wait()
    failure = cluster.rollout.failure()
    assert failure is not None
    assert (failure.key, failure.reason) == (key("HelmRelease", "metallb"), "InstallFailed")


def test_a_condition_of_an_earlier_generation_does_not_count(cluster: Cluster) -> None:
    release = cluster.declared("HelmRelease", "metallb")
    changed = release | {"metadata": release["metadata"] | {"generation": 2}}
    cluster.kustomization(METALLB, UNKNOWN)
    cluster.put(changed, INSTALL_FAILED | {"observedGeneration": 1}, stalled())
    cluster.wait()
    assert cluster.rollout.failure() is None
    cluster.put(changed, INSTALL_FAILED | {"observedGeneration": 2}, stalled())
    cluster.wait()
    assert cluster.rollout.failure() is not None


def test_the_culprit_in_a_failing_kustomization_is_named(cluster: Cluster) -> None:
    cluster.put(cluster.declared("HelmRepository", "metallb"), READY)
    cluster.put(cluster.declared("HelmRelease", "metallb"), condition("Unknown", "Progressing", "installing"))
    cluster.kustomization(METALLB, FAILED, stalled())
    cluster.wait()
    failure = cluster.rollout.failure()
    assert failure is not None
    assert (failure.key, failure.message) == (key("HelmRelease", "metallb"), "installing")


def test_a_source_is_the_culprit_before_the_release_that_reads_it(cluster: Cluster) -> None:
    refused = condition("False", "FetchFailed", "403 Forbidden")
    cluster.put(cluster.declared("HelmRelease", "metallb"), INSTALL_FAILED)
    cluster.put(cluster.declared("HelmRepository", "metallb"), refused)
    cluster.kustomization(METALLB, FAILED, stalled())
    cluster.wait()
    failure = cluster.rollout.failure()
    assert failure is not None
    assert (failure.key.kind, failure.message) == ("HelmRepository", "403 Forbidden")


def test_a_custom_resource_fails_by_the_kustomization_that_waits_for_it(cluster: Cluster) -> None:
    issuer = cluster.declared("ClusterIssuer", "cluster-ca")
    refused = condition("False", "ErrGetKeyPair", "secret cluster-ca not found")
    for _ in range(3):
        cluster.kustomization("cert-manager-configs", UNKNOWN)
        cluster.put(issuer, refused)
        cluster.wait(CONFIRMED_AFTER)
    assert cluster.rollout.failure() is None
    cluster.kustomization("cert-manager-configs", FAILED, stalled())
    cluster.wait()
    failure = cluster.rollout.failure()
    assert failure is not None
    assert (failure.key.kind, failure.reason) == ("ClusterIssuer", "ErrGetKeyPair")


def test_the_first_failure_in_order_is_the_one_that_is_named(cluster: Cluster) -> None:
    for name in ("grafana-controllers", METALLB):
        cluster.kustomization(name, FAILED, stalled())
        cluster.wait()
    failure = cluster.rollout.failure()
    assert failure is not None
    assert failure.bundle == METALLB


def test_what_is_gone_is_absent_and_has_not_failed(cluster: Cluster) -> None:
    cluster.kustomization(METALLB, FAILED, stalled())
    cluster.wait()
    gone = ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", "flux-system", METALLB)
    cluster.rollout.forget(gone)
    cluster.rollout.forget(gone)
    cluster.wait()
    assert phase(cluster) is Phase.ABSENT
    assert cluster.rollout.failure() is None


def test_objects_of_nobody_are_left_alone(cluster: Cluster) -> None:
    cluster.kustomization("somebody-elses", FAILED, stalled())
    cluster.wait()
    assert cluster.rollout.failure() is None
