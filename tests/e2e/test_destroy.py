"""`homelab destroy` on a live cluster: what goes is gone, what holds data is untouched, and nothing hangs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pytest

from gitops.delivery import delivery_of
from gitops.destruction import destruction
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.teardown import kept_bundles
from tests.e2e.test_faults import KUSTOMIZE
from tests.e2e.world import DELIVERIES, NAME, SMALL, World, read_until

pytestmark = pytest.mark.e2e

CARRIERS: Final = frozenset({"Kustomization", "ResourceSet", "ResourceSetInputProvider"})

STORE: Final = {name: choice for name, choice in SMALL.items() if name not in {"1password-connect", "external-secrets"}}
"""Small, with a store of secrets that stays, and what it needs."""

ADDONS: Final[Mapping[str, Mapping[str, Any]]] = {"git": SMALL, "inline": SMALL, "direct": STORE}


@pytest.mark.parametrize("delivery", list(ADDONS))
def test_what_goes_is_gone_and_what_holds_data_is_untouched(world: World, delivery: str) -> None:
    world.configure(**DELIVERIES[delivery], addons=ADDONS[delivery])
    # What an earlier destroy has kept is there, and Pulumi refuses what exists.
    up = world.up(PULUMI_K8S_UPSERT_EXISTING_OBJECTS=str(delivery == "direct").lower())
    assert up.status == 0, up.output
    before, ended = cluster(world), gone(world)
    stays = to_keep(world, before)
    kept = {key: uid for key, uid in before.items() if key in stays}
    assert {key.name for key in kept if key.kind == "HelmRelease"} >= {"metallb", "cilium"}
    assert any(key.kind == "DaemonSet" and key.namespace == "metallb" for key in kept)

    for _ in range(2):
        done = world.homelab("destroy", NAME, "--yes")
        assert done.status == 0, done.output
        after = cluster(world)
        assert {key: after.get(key) for key in kept} == kept
        assert {str(key) for key in after if key in ended} == set()
        assert not [str(key) for key in after if key.kind in CARRIERS]
        assert not [str(key) for key in after if key.namespace in {"cert-manager", "wedding-website"} and is_chart(key)]
        assert resources(world) == []
    assert "   metallb-controllers" in done.output


def test_an_interrupted_destroy_is_turned_round_by_up(world: World) -> None:
    world.configure(addons=SMALL)
    up = world.up()
    assert up.status == 0, up.output
    before = model(world)
    with world.running("destroy", NAME, "--yes") as child:
        read_until(child, lambda line: line.startswith("delete  cert-manager-configs"))
        child.kill()
    assert world.get("cert-manager.io/v1", "ClusterIssuer", "cluster-ca") is None
    assert {item["spec"].get("suspend") for item in world.list(KUSTOMIZE, "Kustomization")} == {True}
    done = world.homelab("up", NAME, "--yes", "--refresh")
    assert done.status == 0, done.output
    assert before <= cluster(world).keys()


def test_with_delete_data_nothing_of_the_platform_is_left(world: World) -> None:
    for delivery in ("inline", "git"):
        world.configure(**DELIVERIES[delivery], addons=SMALL)
        up = world.up()
        assert up.status == 0, up.output
        if delivery == "git":
            assert world.homelab("destroy", NAME, "--yes").status == 0
        done = world.homelab("destroy", NAME, "--delete-data", "--yes")
        assert done.status == 0, done.output
        assert "Nothing of the platform is left." in done.output
        after, ended = cluster(world), gone(world) | model(world)
        assert {str(key) for key in after if key in ended} == set()
        groups = {group for addon in world.platform.addons for group in addon.serves}
        assert [str(key) for key in after if key.kind == "CustomResourceDefinition" and ends(key, groups)] == []
        assert [
            str(key) for key in after if key.namespace in {"metallb", "cert-manager", "kube-system"} and is_chart(key)
        ] == []
        assert resources(world) == []


def cluster(world: World) -> dict[ObjectKey, str]:
    """The uid of every object on the API server; none of them is being deleted."""
    with world.api() as client:
        found = {object_key(item): item for kind in kinds(client._requests) for item in client.list(*kind)}
    assert [str(key) for key, item in found.items() if "deletionTimestamp" in item["metadata"]] == []
    # The status of a component is no object: it has no uid.
    return {key: item["metadata"]["uid"] for key, item in found.items() if "uid" in item["metadata"]}


def kinds(requests: Any) -> Iterator[tuple[str, str]]:
    """API version and kind of all that can be listed."""
    groups = requests.request("GET", "/apis")["groups"]
    # All versions: a group's preferred one need not serve each of its kinds.
    versions = ["v1", *(item["groupVersion"] for group in groups for item in group["versions"])]
    for version in versions:
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        for item in requests.request("GET", path)["resources"]:
            if "list" in item["verbs"] and "/" not in item["name"]:
                yield version, item["kind"]


def model(world: World) -> set[ObjectKey]:
    platform = world.platform
    return set(delivery_of(platform).expand(platform)) | {
        item.key for item in delivery_of(platform).registrations(platform)
    }


def gone(world: World) -> set[ObjectKey]:
    """Every object that a step deletes, and the namespaces that go."""
    planned = destruction(world.platform)
    ended = {object_key(item) for step in planned.deletions for item in step.objects}
    return ended | {ObjectKey("", "Namespace", "", end.name) for end in planned.namespaces if not end.kept_for}


def to_keep(world: World, live: Iterable[ObjectKey]) -> set[ObjectKey]:
    """The model's objects that stay, and what their charts made in their namespaces."""
    platform = world.platform
    bundles = [bundle for bundle in platform.bundles if bundle.name in kept_bundles(platform)]
    own = {item.key for bundle in bundles for item in bundle.objects}
    namespaces = {key.namespace for key in own}
    charts = {key for key in live if is_chart(key) and key.namespace in namespaces}
    return own | charts


def is_chart(key: ObjectKey) -> bool:
    return key.kind in {"Deployment", "DaemonSet", "StatefulSet", "Service", "ServiceAccount"} and key.name not in {
        "default",
        "kube-dns",
    }


def ends(key: ObjectKey, groups: set[str]) -> bool:
    return key.name.partition(".")[2] in groups


def resources(world: World) -> list[Manifest]:
    """What Pulumi still knows."""
    done = world.pulumi("stack", "export")
    assert done.status == 0, done.output
    state = json.loads(done.output[done.output.index("{") :])["deployment"]
    return [item["urn"] for item in state.get("resources", []) if item["type"] != "pulumi:pulumi:Stack"]
