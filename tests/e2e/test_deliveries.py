"""One platform by each delivery, each on a bare control plane of its own: the clusters end up with the same objects.

Pulumi brings everything: Cilium, the Flux Operator, Flux, and the secrets that nothing in the cluster can make.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import pytest

from gitops.delivery import delivery_of
from tests.e2e.test_up import live
from tests.e2e.world import DELIVERIES, World, a_world
from tests.support.bootstrap import INSTALL, VALUES

pytestmark = pytest.mark.e2e

SETTINGS: Final = {name: {**settings, "bootstrap": INSTALL} for name, settings in DELIVERIES.items()}

# What controllers write, and what differs between any two clusters.
_OWN: Final = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "finalizers")
_MARKS: Final = (
    *("kustomize.toolkit.fluxcd.io/", "toolkit.fluxcd.io/", "sharding.fluxcd.io/", "pulumi.com/"),
    *("fluxcd.controlplane.io/", "resourceset.fluxcd.controlplane.io/"),
)
_GIVEN: Final = ("clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort")

Told = Callable[[str, object], None]


class Delivered(NamedTuple):
    """Live objects, those after a change, and the first add-on that Pulumi installed and Flux took over."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    adopted: Mapping[str, Any]


@pytest.fixture(scope="module")
def by_git(tmp_path_factory: pytest.TempPathFactory, record_testsuite_property: Told) -> Delivered:
    """The platform that Flux builds from Git."""
    with a_world(tmp_path_factory.mktemp("git"), "--bare") as world:
        return delivered(world, "git", record_testsuite_property)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("direct"), "--bare") as world:
        world.configure(**SETTINGS["direct"])
        world.tell(VALUES)
        yield world


def test_a_changed_variable_reaches_only_its_users(by_git: Delivered) -> None:
    before, after, _ = by_git
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed == {"HelmRelease longhorn-system/longhorn"}


def test_flux_takes_cilium_over_without_installing_it_again(by_git: Delivered) -> None:
    assert by_git.adopted == {
        "releases": ["sh.helm.release.v1.cilium.v1", "sh.helm.release.v1.cilium.v2"],
        "generation": 1,
    }


@pytest.mark.parametrize("delivery", ["oci", "inline"])
def test_flux_ends_with_the_same_objects_without_git(
    delivery: str,
    by_git: Delivered,
    tmp_path_factory: pytest.TempPathFactory,
    record_testsuite_property: Told,
) -> None:
    with a_world(tmp_path_factory.mktemp(delivery), "--bare") as world:
        assert delivered(world, delivery, record_testsuite_property) == by_git


def test_delivery_direct_ends_with_the_same_objects(
    by_git: Delivered, bare: World, record_testsuite_property: Told
) -> None:
    assert delivered(bare, "direct", record_testsuite_property) == by_git


def test_a_changed_chart_value_is_one_change_in_the_preview(bare: World) -> None:
    bare.configure(**SETTINGS["direct"])
    assert bare.up().status == 0
    bare.configure(**SETTINGS["direct"], addons={"alloy": {"values": {"controller": {"type": "deployment"}}}})
    done = bare.pulumi("preview", "--diff")
    assert done.status == 0, done.output
    assert re.search(r"~ 1 to update", done.output), done.output
    assert "deployment" in done.output


def delivered(world: World, delivery: str, told: Told) -> Delivered:
    """A platform before and after a change of one variable; `told` how long each took."""
    world.configure(**SETTINGS[delivery])
    world.tell(VALUES)
    told(f"{delivery}: seconds from nothing", _up(world))
    before = objects(world)
    world.configure(**SETTINGS[delivery], cluster_vars=world.variables(storage_replica="3"))
    told(f"{delivery}: seconds of a change", _up(world))
    return Delivered(before, objects(world), adopted(world))


def adopted(world: World) -> Mapping[str, Any]:
    """The revisions that Helm knows of Cilium, and how often its agents were changed."""
    secrets = (item["metadata"]["name"] for item in world.list("v1", "Secret"))
    agents = world.get("apps/v1", "DaemonSet", "cilium", "kube-system")
    assert agents is not None
    releases = sorted(name for name in secrets if name.startswith("sh.helm.release.v1.cilium."))
    return {"releases": releases, "generation": agents["metadata"]["generation"]}


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
