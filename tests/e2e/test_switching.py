"""The printed steps from one delivery to another, followed on a live cluster: every object stays the same one."""

import itertools
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from gitops.objects import ObjectKey
from tests.e2e.test_destroy import CARRIERS, cluster
from tests.e2e.world import DELIVERIES, NAME, PLAIN, TINY, World

pytestmark = pytest.mark.e2e

WAY: Final = ("git", "inline", "git", "direct", "git", "oci", "git")
"""There and back again for each, between different kinds of owners."""

ADDONS: Final = {name: choice for name, choice in TINY.items() if name != "metallb"}
"""One that holds the network, and one that needs it and has configs."""

REGISTRY: Final = DELIVERIES["oci"]["oci"]
_PASSING: Final = frozenset({"Event", "EndpointSlice", "Endpoints", "Lease", "ControllerRevision"})


def test_no_switch_deletes_or_recreates_anything(world: World) -> None:
    settings: dict[str, Any] = {"addons": ADDONS, "website": PLAIN, "oci": REGISTRY, "delivery": "git"}
    up(world, settings)
    before = objects(world)
    assert any(key.kind == "HelmRelease" for key in before)
    assert any(key.kind == "Pod" and key.namespace == "metallb" for key in before)
    for old, new in itertools.pairwise(WAY):
        for step in printed(world, new):
            settings = follow(world, settings, step)
            found = objects(world)
            moved = {str(key) for key, uid in before.items() if found.get(key) != uid}
            assert moved == set(), f"{old} to {new}: {step}"
        carriers = {key.kind for key in cluster(world) if key.kind in CARRIERS}
        assert carriers == _EXPECTED[new]


_EXPECTED: Final[Mapping[str, set[str]]] = {
    "git": {"Kustomization"},
    "oci": {"Kustomization"},
    "inline": {"ResourceSet", "ResourceSetInputProvider"},
    "direct": set(),
}


def printed(world: World, delivery: str) -> list[str]:
    done = world.homelab("plan", NAME, "--delivery", delivery)
    assert done.status == 0, done.output
    steps = re.findall(r"^\d+\. (.+)$", done.output, re.MULTILINE)
    assert steps
    return steps


def follow(world: World, settings: Mapping[str, Any], step: str) -> dict[str, Any]:
    """Do what a step says; the settings afterwards."""
    for pattern, act in _ACTS.items():
        if found := re.fullmatch(pattern, step):
            return act(world, settings, *found.groups())
    raise AssertionError(f"nobody can follow this: {step}")


def retain(world: World, settings: Mapping[str, Any]) -> dict[str, Any]:
    return up(world, {**settings, "retain": True})


def restore(world: World, settings: Mapping[str, Any]) -> dict[str, Any]:
    return up(world, {key: value for key, value in settings.items() if key != "retain"})


def deliver(world: World, settings: Mapping[str, Any], delivery: str, variable: str | None) -> dict[str, Any]:
    return up(world, {**settings, "delivery": delivery}, **({variable: "true"} if variable else {}))


def look_for_the_operator(world: World, settings: Mapping[str, Any]) -> dict[str, Any]:
    assert world.pid("flux-operator")
    return dict(settings)


def run(world: World, settings: Mapping[str, Any], command: str) -> dict[str, Any]:
    done = world.inside(*shlex.split(command))
    assert done.status == 0, done.output
    return dict(settings)


def up(world: World, settings: Mapping[str, Any], **environment: str) -> dict[str, Any]:
    world.configure(**settings)
    done = world.up(**environment)
    assert done.status == 0, done.output
    return dict(settings)


_ACTS: Final[Mapping[str, Callable[..., dict[str, Any]]]] = {
    r"Set homelab:retain: true and run homelab up: .+": retain,
    r"Remove homelab:retain and run homelab up\.": restore,
    r"Set homelab:delivery: (\w+) and run (?:(\w+)=true )?homelab up\.": deliver,
    r"Make sure that the Flux Operator runs in the cluster\.": look_for_the_operator,
    r"Stop the ResourceSets, .+: (.+)": run,
    r"Delete the Kustomizations that are left: (.+)": run,
}


def objects(world: World) -> dict[ObjectKey, str]:
    """The uid of everything but what carries it: of the model's objects, and of what charts and controllers made."""
    return {key: uid for key, uid in cluster(world).items() if not is_carrier(key) and key.kind not in _PASSING}


def is_carrier(key: ObjectKey) -> bool:
    source = key.group == "source.toolkit.fluxcd.io" and key.namespace == "flux-system"
    variables = key.kind == "ConfigMap" and key.name.startswith("cluster-vars")
    return key.kind in CARRIERS or source or variables
