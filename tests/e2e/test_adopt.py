"""The article's live cluster becomes a stack's own, and nothing in it is deleted on the way.

The Flux Operator of the sandbox reconciles a real FluxInstance: it gets Flux's manifests from its own Go module, makes
the source and the root Kustomization, and its controllers' pods are simulated beside the controllers that really run.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from addons.catalogue import platform as planned
from cluster.changes import ChangeType, Selection, looks
from cluster.client import Client, ObjectReference, Write
from gitops.chart import chart_of
from gitops.config import with_overrides
from gitops.delivery import delivery_of
from gitops.delivery.files import registered_files
from gitops.inventory import inventory
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.platform import Platform
from gitops.rendering import tree
from sandbox import depot, mirror
from sandbox.modules import downloaded, pinned
from sandbox.place import Place
from tests.e2e.world import NAME, SMALL, Done, World, condition, eventually

pytestmark = pytest.mark.e2e

ADDONS: Final = SMALL | {"trust-manager": {"enabled": True}}
"""Promtail, which seed adds to them, needs its certificates; strict leaves Promtail out, so it is left over."""

OPERATOR: Final = "github.com/controlplaneio-fluxcd/flux-operator"
BY_HAND: Final = Write(field_manager="kubectl-create", force=True)
INSTANCE: Final = {
    "apiVersion": "fluxcd.controlplane.io/v1",
    "kind": "FluxInstance",
    "metadata": {"name": "flux", "namespace": "flux-system"},
    "spec": {
        "distribution": {"version": "2.9.x", "registry": "ghcr.io/fluxcd"},
        "components": ["source-controller", "kustomize-controller", "helm-controller"],
        "sync": {
            "kind": "GitRepository",
            "url": "http://depot.internal/git/homelab.git",
            "ref": "refs/heads/main",
            "path": f"clusters/{NAME}",
            "interval": "1m",
        },
    },
}
KUSTOMIZATION: Final = partial(ObjectReference, api_version="kustomize.toolkit.fluxcd.io/v1", kind="Kustomization")
ROOT: Final = KUSTOMIZATION(name="flux-system", namespace="flux-system")
ENDS: Final = {
    f"Kustomization flux-system/{name}" for name in ("flux-system", "promtail-controllers", "infra-reconciliation")
}
"""What adopting takes away. Promtail, and so its layer, is not in the stack, and its release runs on."""

Uids = Mapping[ObjectKey, str]


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """A cluster after its adoption.

    Attributes:
        world: Where it is.
        article: The platform that it ran before.
        before: The uid of every object of that platform, and of Helm's records of its releases.
        refused: What `homelab up` said to the cluster as it was.
        deleted: What was seen to go meanwhile.
        stopped: The root Kustomization when the first run was killed.
        output: What the second run printed.
    """

    world: World
    article: Platform
    before: Uids
    refused: Done
    deleted: list[str]
    stopped: Manifest
    output: str


@pytest.fixture(scope="module")
def adopted(world: World, tmp_path_factory: pytest.TempPathFactory) -> Adopted:
    """Adopted in two runs, the first of which is killed after its first step."""
    world.configure(addons=ADDONS)
    article = seed_of(world.platform)
    live_as_in_the_article(world, article, tmp_path_factory.mktemp("tree"))
    before = uids(world, article)
    refused = world.up()
    with deletions(world, article) as deleted:
        killed_after_the_first_step(world)
        stopped = world.get(**reference(ROOT))
        done = world.homelab("adopt", NAME, "--yes")
    assert done.status == 0, done.output
    assert stopped is not None
    return Adopted(
        world=world,
        article=article,
        before=before,
        refused=refused,
        deleted=deleted,
        stopped=stopped,
        output=done.output,
    )


def test_up_refuses_a_cluster_that_an_old_sync_reconciles(adopted: Adopted) -> None:
    assert adopted.refused.status == 1
    assert "rule: existing/sync" in adopted.refused.output
    assert "nothing was written" in adopted.refused.output


def test_a_run_that_is_killed_leaves_the_root_stopped(adopted: Adopted) -> None:
    spec = adopted.stopped["spec"]
    assert (spec["suspend"], spec["prune"], spec["deletionPolicy"]) == (True, False, "Orphan")


def test_nothing_is_deleted_but_the_old_kustomizations(adopted: Adopted) -> None:
    assert set(adopted.deleted) == ENDS
    after = uids(adopted.world, adopted.article)
    assert {str(key) for key, uid in adopted.before.items() if after.get(key) != uid} == ENDS - {str_of(ROOT)}


def test_every_bundle_is_ready(adopted: Adopted) -> None:
    shown = adopted.world.homelab("status", NAME)
    assert shown.status == 0, shown.output


def test_pulumi_owns_its_objects_and_has_nothing_left_to_do(adopted: Adopted) -> None:
    platform = adopted.world.platform
    for item in delivery_of(platform).registrations(platform):
        found = adopted.world.get(**reference(ObjectReference.of(item.manifest)))
        assert found is not None
        appliers = [entry["manager"] for entry in found["metadata"]["managedFields"] if entry["operation"] == "Apply"]
        assert [name.rpartition("-")[0] for name in appliers] == ["pulumi-kubernetes"], item.key
    done = adopted.world.pulumi("preview", "--expect-no-changes")
    assert done.status == 0, done.output


def test_the_old_sync_is_gone_and_flux_is_still_reconciled(adopted: Adopted) -> None:
    assert adopted.world.get(**reference(ROOT)) is None
    found = eventually(lambda: reconciled_instance(adopted.world))
    assert "sync" not in found["spec"]
    assert condition(found)["status"] == "True"


def test_what_is_left_over_is_listed_and_runs_on(adopted: Adopted) -> None:
    listed = adopted.output.partition("Stays, and nobody reconciles it any more:")[2]
    assert "HelmRelease promtail/promtail" in listed
    found = adopted.world.get("helm.toolkit.fluxcd.io/v2", "HelmRelease", "promtail", "promtail")
    assert found is not None
    assert condition(found)["status"] == "True"


def test_nothing_is_left_to_adopt(adopted: Adopted) -> None:
    again = adopted.world.homelab("adopt", NAME, "--yes")
    assert (again.status, again.output) == (0, f"Nothing is left to adopt: homelab up {NAME} does the rest.\n")


def test_the_old_files_can_leave_git(adopted: Adopted, tmp_path: Path) -> None:
    world = adopted.world
    pushed(world, tmp_path, f"git rm -r --quiet clusters common && git commit --quiet -m 'Leave it to {NAME}'")
    for name in ("cluster-vars-derived", "cluster-vars"):
        assert world.get("v1", "ConfigMap", name, "flux-system")
    layers = " ".join(f"kustomization/{layer.kustomization}" for layer in world.platform.layers)
    script = "flux reconcile source git flux-system && for each in $0; do flux reconcile ks ${each#*/}; done"
    done = world.inside("sh", "-c", script, layers)
    assert done.status == 0, done.output
    after = uids(world, adopted.article)
    assert {str(key) for key, uid in adopted.before.items() if after.get(key) != uid} == ENDS - {str_of(ROOT)}


@pytest.mark.parametrize("command", ["up", "adopt"])
def test_another_cluster_is_refused_before_anything_is_changed(adopted: Adopted, command: str) -> None:
    world = adopted.world
    shipped = world.stack_file.read_text(encoding="utf-8")
    variables = yaml.safe_load(shipped)["config"]["homelab:cluster_vars"] | {"cluster_name": "other"}
    world.configure(addons=ADDONS, cluster_vars=variables, git={"url": "http://depot.internal/git/homelab.git"})
    try:
        done = world.homelab(command, NAME, "--yes")
    finally:
        world.configure(addons=ADDONS)
    assert done.status == 1
    assert "this is the cluster sandbox, and the stack's is other" in done.output
    branches = world.inside("git", "ls-remote", "http://depot.internal/git/homelab.git")
    assert "rendered/other" not in branches.output


def seed_of(platform: Platform) -> Platform:
    return planned(with_overrides(platform.cluster, profile="seed"))


def live_as_in_the_article(world: World, article: Platform, folder: Path) -> None:
    """The article's cluster: its tree on the branch main, which a FluxInstance syncs, and everything Ready."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOMELAB_STATE", str(world.state.parent))
        place = Place(NAME)
        charts = (chart_of(addon.controllers.objects) for addon in article.addons)
        mirror.fill(place.depot / "charts", f"http://{depot.address(place)}/charts", filter(None, charts))
    written(world, article, folder)
    module = pinned(OPERATOR)
    data = downloaded([module])[module] / "config" / "data"
    for file in data.glob("*/v2.9.*/*.yaml"):
        target = world.state / "data" / "flux-operator" / file.relative_to(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    with world.api() as client:
        client.apply(INSTANCE, BY_HAND)
        names = {key for key in inventory(article) if key.kind in {"Kustomization", "HelmRelease"}}
        eventually(lambda: all_ready(client, article, names), within=300)


def written(world: World, article: Platform, folder: Path) -> None:
    registered = registered_files(article, f"clusters/{NAME}")
    files = {**tree(article), **{path: text for path, text in registered.items() if "gitrepository" not in path}}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    script = "git init --quiet -b main && git add . && git commit --quiet -m 'As in the article'"
    done = as_git(world, folder, f"{script} && git push --quiet http://depot.internal/git/homelab.git main")
    assert done.status == 0, done.output


def pushed(world: World, folder: Path, script: str) -> None:
    clone = "git clone --quiet -b main http://depot.internal/git/homelab.git ."
    done = as_git(world, folder, f"{clone} && {script} && git push --quiet origin main")
    assert done.status == 0, done.output


def as_git(world: World, folder: Path, script: str) -> Done:
    who = "export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c"
    return world.inside("sh", "-c", f"cd '{folder}' && {who} && {script}")


def all_ready(client: Client, article: Platform, names: set[ObjectKey]) -> bool:
    entries = inventory(article)
    found = [client.get(ObjectReference.of(entries[key].manifest)) for key in sorted(names)]
    return all(item and condition(item).get("status") == "True" for item in found)


def killed_after_the_first_step(world: World) -> None:
    with world.running("adopt", NAME, "--yes") as child:
        assert child.stdout is not None
        assert next((line for line in child.stdout if line.startswith("Step 2 of ")), None)


def uids(world: World, article: Platform) -> Uids:
    """The uid of every object of a platform, and of Helm's records, whose first one tells who installed."""
    with world.api() as client:
        entries = [entry.manifest for entry in inventory(article).values()]
        found = [client.get(ObjectReference.of(manifest)) for manifest in entries]
        records = client.list("v1", "Secret", labels="owner=helm,version=1")
    return {object_key(item): item["metadata"]["uid"] for item in (*found, *records) if item}


@contextmanager
def deletions(world: World, article: Platform) -> Iterator[list[str]]:
    """What of the platform's kinds is seen to go."""
    kinds = {(entry.manifest["apiVersion"], entry.manifest["kind"]) for entry in inventory(article).values()}
    kinds |= {("apps/v1", "Deployment"), ("apps/v1", "DaemonSet")}
    deleted: list[str] = []
    ended = threading.Event()

    def watch(client: Client) -> None:
        selections = [Selection(api_version=version, kind=kind) for version, kind in sorted(kinds)]
        for look in looks(client, selections, interval=0.5):
            gone = (change for change in look.changes if change.type is ChangeType.DELETED)
            deleted.extend(str(object_key(change.manifest)) for change in gone)
            if ended.is_set():
                return

    with world.api() as client:
        thread = threading.Thread(target=watch, args=(client,))
        thread.start()
        try:
            yield deleted
        finally:
            ended.set()
            thread.join()


def reconciled_instance(world: World) -> Manifest:
    """The FluxInstance, once the operator has looked at it as it is now."""
    found = world.get("fluxcd.controlplane.io/v1", "FluxInstance", "flux", "flux-system")
    assert found is not None
    seen = condition(found).get("observedGeneration") == found["metadata"]["generation"]
    return found if seen and condition(found)["status"] != "Unknown" else {}


def reference(item: ObjectReference) -> dict[str, Any]:
    return {"api_version": item.api_version, "kind": item.kind, "name": item.name, "namespace": item.namespace}


def str_of(item: ObjectReference) -> str:
    return f"{item.kind} {item.namespace}/{item.name}"
