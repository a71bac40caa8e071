"""One platform by several deliveries, each in a sandbox of its own: the clusters end up with the same objects."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from gitops.delivery import delivery_of
from tests.e2e.test_up import live
from tests.e2e.world import World, a_world

pytestmark = pytest.mark.e2e

# What controllers write, and what differs between any two clusters.
_OWN: Final = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "finalizers")
_MARKS: Final = ("kustomize.toolkit.fluxcd.io/", "toolkit.fluxcd.io/", "sharding.fluxcd.io/", "pulumi.com/")
_GIVEN: Final = ("clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort")


@pytest.fixture(scope="module")
def by_git(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The live objects of the platform that Flux builds from Git."""
    with a_world(tmp_path_factory.mktemp("git")) as world:
        done = world.up()
        assert done.status == 0, done.output
        return objects(world)


def test_delivery_direct_ends_with_the_same_objects(by_git: Mapping[str, Any], world: World) -> None:
    world.configure(delivery="direct", git=None)
    done = world.up()
    assert done.status == 0, done.output
    assert objects(world) == by_git


def test_a_changed_chart_value_is_one_change_in_the_preview(world: World) -> None:
    world.configure(delivery="direct", git=None)
    assert world.up().status == 0
    world.configure(delivery="direct", git=None, addons={"alloy": {"values": {"controller": {"type": "deployment"}}}})
    done = world.pulumi("preview", "--diff")
    assert done.status == 0, done.output
    assert re.search(r"~ 1 to update", done.output), done.output
    assert "deployment" in done.output


def objects(world: World) -> dict[str, Any]:
    """The live objects of the model, less what any two clusters differ in."""
    platform = world.platform
    return {str(key): plain(live(world, item)) for key, item in delivery_of(platform).expand(platform).items()}


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: item for key, item in value.items() if key not in (*_OWN, *_GIVEN, "status")}
        named = {key: plain(item) for key, item in kept.items() if not key.startswith(_MARKS)}
        return {key: item for key, item in named.items() if item not in ({}, None)}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
