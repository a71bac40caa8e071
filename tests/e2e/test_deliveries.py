"""One platform by each delivery, each in a sandbox of its own: the clusters end up with the same objects."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from gitops.delivery import delivery_of
from tests.e2e.test_up import live
from tests.e2e.world import World, a_world

pytestmark = pytest.mark.e2e

SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "git": {},
    "oci": {"delivery": "oci", "git": None, "oci": {"url": "oci://depot.internal/homelab/trial", "insecure": True}},
    "inline": {"delivery": "inline", "git": None},
    "direct": {"delivery": "direct", "git": None},
}

# What controllers write, and what differs between any two clusters.
_OWN: Final = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "finalizers")
_MARKS: Final = (
    *("kustomize.toolkit.fluxcd.io/", "toolkit.fluxcd.io/", "sharding.fluxcd.io/", "pulumi.com/"),
    *("fluxcd.controlplane.io/", "resourceset.fluxcd.controlplane.io/"),
)
_GIVEN: Final = ("clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort")

Told = Callable[[str, object], None]


@pytest.fixture(scope="module")
def by_git(
    tmp_path_factory: pytest.TempPathFactory, record_testsuite_property: Told
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The live objects of the platform that Flux builds from Git, and those after a change."""
    with a_world(tmp_path_factory.mktemp("git")) as world:
        return delivered(world, "git", record_testsuite_property)


def test_a_changed_variable_reaches_only_its_users(by_git: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    before, after = by_git
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed == {"HelmRelease longhorn-system/longhorn"}


@pytest.mark.parametrize("delivery", ["oci", "inline"])
def test_flux_ends_with_the_same_objects_without_git(
    delivery: str,
    by_git: tuple[Mapping[str, Any], Mapping[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
    record_testsuite_property: Told,
) -> None:
    with a_world(tmp_path_factory.mktemp(delivery)) as world:
        assert delivered(world, delivery, record_testsuite_property) == by_git


def test_delivery_direct_ends_with_the_same_objects(
    by_git: tuple[Mapping[str, Any], Mapping[str, Any]], world: World, record_testsuite_property: Told
) -> None:
    assert delivered(world, "direct", record_testsuite_property) == by_git


def test_a_changed_chart_value_is_one_change_in_the_preview(world: World) -> None:
    world.configure(**SETTINGS["direct"])
    assert world.up().status == 0
    world.configure(**SETTINGS["direct"], addons={"alloy": {"values": {"controller": {"type": "deployment"}}}})
    done = world.pulumi("preview", "--diff")
    assert done.status == 0, done.output
    assert re.search(r"~ 1 to update", done.output), done.output
    assert "deployment" in done.output


def delivered(world: World, delivery: str, told: Told) -> tuple[dict[str, Any], dict[str, Any]]:
    """The live objects of a platform, and those after a change of one variable; `told` how long each took."""
    world.configure(**SETTINGS[delivery])
    told(f"{delivery}: seconds from nothing", _up(world))
    before = objects(world)
    variables = world.platform.cluster.cluster_vars.as_data() | {"storage_replica": "3"}
    world.configure(**SETTINGS[delivery], cluster_vars=variables)
    told(f"{delivery}: seconds of a change", _up(world))
    return before, objects(world)


def _up(world: World) -> float:
    start = time.monotonic()
    done = world.up()
    assert done.status == 0, done.output
    late = re.findall(r"^(\S+) +(\d+) of (?!\2)(\d+)", done.output, re.MULTILINE)
    assert late == [], done.output
    return round(time.monotonic() - start, 1)


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
