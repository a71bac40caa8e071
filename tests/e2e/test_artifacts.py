"""Delivery oci where the registry does not do as it is asked: the cluster stays as it is."""

import os
import signal
from typing import Any, Final

import pytest

from gitops.objects import Manifest
from tests.e2e.world import NAME, TINY, World

pytestmark = pytest.mark.e2e

OCI: Final = {"url": "oci://depot.internal/homelab/trial", "insecure": True}


@pytest.fixture(scope="module")
def delivered(world: World) -> World:
    configure(world, OCI)
    done = world.up()
    assert done.status == 0, done.output
    return world


def test_an_artifact_that_is_not_there_is_refused_before_anything_changes(delivered: World) -> None:
    before = carriers(delivered)
    configure(delivered, OCI | {"digest": f"sha256:{'0' * 64}"}, storage_replica="3")
    done = delivered.up()
    assert done.status == 1
    assert "error: homelab:oci.digest" in done.output
    assert "cannot be pulled" in done.output
    assert carriers(delivered) == before


def test_a_push_that_fails_leaves_the_cluster_as_it_is(delivered: World) -> None:
    before = carriers(delivered)
    # Another tree, and other variables.
    configure(delivered, OCI, addons=TINY | {"metallb": {"enabled": True}}, storage_replica="3")
    os.kill(delivered.pid("depot"), signal.SIGKILL)
    done = delivered.pulumi("up", "--yes", "--skip-preview")
    assert delivered.homelab("sandbox", "up", "--name", NAME).status == 0
    assert done.status != 0
    assert "artifact-push" in done.output
    assert carriers(delivered) == before


def test_the_artifact_that_was_pushed_may_be_pinned(delivered: World) -> None:
    digest = carriers(delivered)[1]["spec"]["ref"]["digest"]
    configure(delivered, OCI | {"digest": digest})
    done = delivered.up()
    assert done.status == 0, done.output
    assert carriers(delivered)[1]["spec"]["ref"]["digest"] == digest


def configure(world: World, oci: dict[str, Any], *, addons: dict[str, Any] = TINY, **variables: str) -> None:
    settings: dict[str, Any] = {"addons": addons, "website": None, "delivery": "oci", "git": None, "oci": oci}
    world.configure(**settings)
    world.configure(**settings, cluster_vars=world.variables(**variables))


def carriers(world: World) -> tuple[Manifest, Manifest]:
    """What Pulumi changes first."""
    variables = world.get("v1", "ConfigMap", "cluster-vars", "flux-system")
    source = world.get("source.toolkit.fluxcd.io/v1", "OCIRepository", "flux-system", "flux-system")
    assert variables is not None
    assert source is not None
    # What Flux writes there is no change.
    return (variables, {key: value for key, value in source.items() if key == "spec"})
