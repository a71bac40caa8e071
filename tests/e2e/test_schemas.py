"""The schema checks beside a real API server: it serves what is committed, and refuses what they refuse."""

from typing import Any

import pytest

from cluster.client import Write
from cluster.errors import ApiError
from gitops.objects import Manifest
from gitops.schemas.catalogue import committed_facts
from gitops.schemas.facts import differences
from gitops.schemas.validation import mistakes
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

SOURCE = {"kind": "GitRepository", "name": "flux-system"}
VALID = {"interval": "1h", "prune": True, "path": "./x", "sourceRef": SOURCE, "suspend": True}


def kustomization(**spec: Any) -> Manifest:
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "judged", "namespace": "flux-system"},
        "spec": VALID | spec,
    }


def release(**spec: Any) -> Manifest:
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "judged", "namespace": "flux-system"},
        "spec": {"interval": "1h", "suspend": True, **spec},
    }


def test_the_api_server_serves_the_facts_that_are_committed(world: World) -> None:
    committed = committed_facts()
    groups = {name.partition("/")[0] for name in committed}
    served = world.list("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    ours = [item for item in served if item["spec"]["group"] in groups]
    assert len(ours) >= 10
    assert differences(committed, ours) == {}


@pytest.mark.parametrize(
    ("manifest", "valid"),
    [
        (kustomization(), True),
        (kustomization(intervall="1h"), False),
        (kustomization(interval="1 hour"), False),
        (kustomization(prune="yes"), False),
        (kustomization(deletionPolicy="Keep"), False),
        (kustomization(sourceRef={"kind": "GitRepository"}), False),
        (release(chartRef={"kind": "OCIRepository", "name": "x"}), True),
        (release(), False),
    ],
)
def test_the_api_server_and_the_check_judge_alike(world: World, manifest: Manifest, *, valid: bool) -> None:
    assert (mistakes(manifest) == ()) is valid
    with world.api() as client:
        write = Write(field_manager="homelab-test", dry_run=True)
        if valid:
            assert client.apply(manifest, write)["kind"] == manifest["kind"]
            return
        with pytest.raises(ApiError):
            client.apply(manifest, write)
