"""`homelab up` from nothing, again, and after changes: all Ready, exactly the model's objects, nothing else touched."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from gitops.delivery import delivery_of
from gitops.objects import Manifest, ObjectKey
from gitops.rendering import bundle_kustomization
from tests.e2e.world import SMALL, World, condition, eventually

pytestmark = pytest.mark.e2e

KUSTOMIZE: Final = "kustomize.toolkit.fluxcd.io/v1"
HELM: Final = "helm.toolkit.fluxcd.io/v2"


@pytest.fixture(scope="module")
def fresh(world: World) -> str:
    """What the first `up` of all layers printed."""
    done = world.up()
    assert done.status == 0, done.output
    return done.output


@pytest.fixture
def settled(world: World, fresh: str) -> World:
    """The shipped platform, up; whatever the test before has done."""
    assert fresh
    world.restore()
    world.configure()
    done = world.up()
    assert done.status == 0, done.output
    return world


def test_from_nothing_every_kustomization_and_release_becomes_ready(settled: World, fresh: str) -> None:
    found = [*settled.list(KUSTOMIZE, "Kustomization"), *settled.list(HELM, "HelmRelease")]
    names = {bundle.name for bundle in settled.platform.bundles} | {
        layer.kustomization for layer in settled.platform.layers
    }
    assert {item["metadata"]["name"] for item in found if item["kind"] == "Kustomization"} == names
    assert [item["metadata"]["name"] for item in found if condition(item).get("status") != "True"] == []
    assert re.search(r"^flux  grafana-controllers  Ready in \d+ s$", fresh, re.MULTILINE)
    assert re.search(r"^infra +5 of 5", fresh, re.MULTILINE)


def test_the_cluster_holds_exactly_the_objects_of_the_model(settled: World) -> None:
    platform = settled.platform
    wanted = delivery_of(platform).expand(platform)
    assert {str(key): different(live(settled, item), item) for key, item in wanted.items()} == {
        str(key): [] for key in wanted
    }
    applied = {key for item in settled.list(KUSTOMIZE, "Kustomization") for key in inventory(item)}
    registered = {item.key for item in delivery_of(platform).registrations(platform)}
    carried = {bundle_kustomization(platform, bundle, "x").key for layer in platform.layers for bundle in layer.bundles}
    assert applied == (set(wanted) | carried) - registered


def test_a_second_up_changes_nothing(settled: World) -> None:
    done = settled.up()
    assert done.status == 0
    assert "25 unchanged" in done.output
    assert "is there already" in done.output


def test_a_refreshing_preview_expects_no_changes(settled: World) -> None:
    done = settled.pulumi("preview", "--refresh", "--expect-no-changes")
    assert done.status == 0, done.output


def test_a_changed_variable_is_updated_in_place_and_only_its_users_change(settled: World) -> None:
    before = versions(settled)
    uid = config_map(settled)["metadata"]["uid"]
    settled.configure(cluster_vars=settled.variables(storage_replica="3"))
    done = settled.up()
    assert done.status == 0, done.output
    assert config_map(settled)["metadata"]["uid"] == uid
    changed = {key for key, version in versions(settled).items() if before.get(key) != version}
    assert changed == {"HelmRelease longhorn-system/longhorn"}


def test_an_addon_that_is_switched_off_is_cleaned_up_and_comes_back(settled: World) -> None:
    settled.configure(addons={"alloy": {"enabled": False}})
    assert settled.up().status == 0
    release = (HELM, "HelmRelease", "alloy", "alloy")
    assert eventually(lambda: settled.get(*release) is None)
    assert settled.get("v1", "Namespace", "alloy") is not None
    settled.configure()
    assert settled.up().status == 0
    assert condition(settled.get(*release) or {}).get("status") == "True"


def test_a_renamed_layer_with_an_alias_deletes_nothing(settled: World) -> None:
    def state() -> dict[str, Any]:
        return versions(settled) | {"uid": settled.kustomization("infra-reconciliation")["metadata"]["uid"]}

    before = state()
    # There, and back, so that whatever comes next finds the names that are shipped.
    for name, alias in (('f"renamed-{name}"', "name"), ("name", 'f"renamed-{name}"')):
        rename(settled, name, alias)
        done = settled.up()
        assert done.status == 0, done.output
        assert " deleted" not in done.output
        assert state() == before


def rename(world: World, name: str, alias: str) -> None:
    """Every resource gets another name in Pulumi, and says what it was called before."""
    world.restore()
    code = world.folder / "components" / "component.py"
    text = code.read_text(encoding="utf-8")
    last = "return pulumi.CustomResource(_token(item), name, inputs, opts)"
    assert text.count(last) == 1
    aliased = f"opts.aliases = [pulumi.Alias(name={alias})]\n        {last.replace('name', name)}"
    code.write_text(text.replace(last, aliased), encoding="utf-8")


@pytest.mark.parametrize("profile", ["seed"])
def test_the_articles_profile_reconciles_as_well(settled: World, profile: str) -> None:
    settled.configure(profile=profile, addons=SMALL, log_collector="alloy")
    done = settled.up()
    assert done.status == 0, done.output
    assert "dependsOn" not in settled.kustomization("cert-manager-controllers")["spec"]


def config_map(world: World) -> Manifest:
    found = world.get("v1", "ConfigMap", "cluster-vars", "flux-system")
    assert found is not None
    return found


def versions(world: World) -> dict[str, Any]:
    """The generation of everything that the layers install, by key."""
    platform = world.platform
    found = {}
    for key, item in delivery_of(platform).expand(platform).items():
        seen = live(world, item)
        metadata = seen["metadata"] if seen else {}
        found[str(key)] = (metadata.get("uid"), metadata.get("generation"))
    return found


def live(world: World, item: Manifest) -> Manifest | None:
    metadata = item["metadata"]
    return world.get(item["apiVersion"], item["kind"], metadata["name"], metadata.get("namespace"))


def inventory(kustomization: Manifest) -> set[ObjectKey]:
    entries = kustomization.get("status", {}).get("inventory", {}).get("entries", [])
    parts = [entry["id"].split("_") for entry in entries]
    return {ObjectKey(group, kind, namespace, name) for namespace, name, group, kind in parts}


def different(found: Any, wanted: Any, path: str = "") -> list[str]:
    """The paths at which a live object lacks what was declared; the API server may add, and never change."""
    if isinstance(wanted, Mapping):
        if not isinstance(found, Mapping):
            return [path]
        return [bad for key, value in wanted.items() for bad in different(found.get(key), value, f"{path}.{key}")]
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return [path]
        return [bad for index, value in enumerate(wanted) for bad in different(found[index], value, f"{path}[{index}]")]
    return [] if found == wanted else [f"{path}: {found!r} instead of {wanted!r}"]
