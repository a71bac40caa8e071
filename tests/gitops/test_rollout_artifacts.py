"""Which artifact a Kustomization must be built from to count, in delivery oci."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.delivery.oci import origin_revision
from gitops.objects import Manifest
from gitops.rollout import Phase
from gitops.source_revision import Source, source_of
from tests.support.flux import READY, Cluster, condition, stalled
from tests.support.stacks import COMMIT, OCI, shipped, variant

METALLB = "metallb-controllers"
FAILED = condition("False", "HealthCheckFailed", "timeout waiting for: [HelmRelease/metallb/metallb status: 'Failed']")
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
OLDER = f"sha256:{'fedcba9876543210' * 4}"
ORIGIN = "org.opencontainers.image.revision"


def delivered(**oci: Any) -> Cluster:
    return Cluster.of(platform(variant(delivery="oci", oci={**OCI, **oci})))


def phase(cluster: Cluster) -> Phase:
    return next(item.phase for item in cluster.rollout.states() if item.bundle == METALLB)


def fetched(cluster: Cluster, digest: str, origin: str | None = None) -> None:
    """The source, with what it has fetched."""
    made_from = origin or origin_revision(cluster.rollout.platform)
    artifact: Manifest = {"revision": digest, "metadata": {ORIGIN: made_from}}
    cluster.put(cluster.declared("OCIRepository", "flux-system"), READY, artifact=artifact)


def test_a_pinned_artifact_is_told_by_its_digest() -> None:
    cluster = delivered(digest=DIGEST)
    cluster.kustomization(METALLB, READY, applied=OLDER)
    assert phase(cluster) is Phase.RECONCILING
    cluster.kustomization(METALLB, READY, applied=DIGEST)
    assert phase(cluster) is Phase.READY


def test_a_pushed_artifact_is_told_by_what_it_was_made_from() -> None:
    cluster = delivered()
    cluster.kustomization(METALLB, READY, applied=DIGEST)
    fetched(cluster, DIGEST)
    assert phase(cluster) is Phase.READY
    cluster.kustomization(METALLB, READY, applied=OLDER)
    assert phase(cluster) is Phase.RECONCILING


def test_what_was_made_from_another_tree_does_not_count() -> None:
    cluster = delivered()
    fetched(cluster, OLDER, "odyssey@sha256:older")
    cluster.kustomization(METALLB, READY, applied=OLDER)
    assert phase(cluster) is Phase.RECONCILING


@pytest.mark.parametrize("status", [{}, {"artifact": None}])
def test_before_anything_is_fetched_nothing_counts(status: dict[str, Any]) -> None:
    cluster = delivered()
    cluster.put(cluster.declared("OCIRepository", "flux-system"), **status)
    cluster.kustomization(METALLB, READY, applied=OLDER)
    assert phase(cluster) is Phase.RECONCILING


def test_a_failure_of_an_older_artifact_does_not_count() -> None:
    cluster = delivered()
    fetched(cluster, DIGEST)
    cluster.kustomization(METALLB, FAILED, stalled(), attempted=OLDER)
    cluster.wait()
    assert cluster.rollout.failure() is None
    cluster.kustomization(METALLB, FAILED, stalled(), attempted=DIGEST)
    cluster.wait()
    assert cluster.rollout.failure() is not None


def test_a_delivery_without_a_source_takes_any_revision_though_a_commit_is_pinned() -> None:
    assert source_of(platform(shipped("odyssey", delivery="direct").pinned(COMMIT))) == Source()
