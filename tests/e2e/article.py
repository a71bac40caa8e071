"""The article's live cluster in a sandbox, and what of it is there, and goes.

The sandbox's Flux Operator reconciles a real FluxInstance: it gets Flux's manifests from its own Go module, makes the
source and the root Kustomization, and its controllers' pods are simulated beside the controllers that really run.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from addons.catalogue import platform as planned
from cluster.changes import ChangeType, Selection, looks
from cluster.client import Client, ObjectReference, Write
from gitops.chart import chart_of
from gitops.config import with_overrides
from gitops.delivery.files import registered_files
from gitops.inventory import inventory
from gitops.objects import ObjectKey, object_key
from gitops.platform import Platform
from gitops.rendering import tree
from sandbox import depot, mirror
from sandbox.modules import downloaded, pinned
from sandbox.place import Place
from tests.e2e.world import NAME, Done, World, condition, eventually

Uids = Mapping[ObjectKey, str]

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
        late = partial(unready, client, article, names)
        eventually(lambda: not late(), within=300, told=late)


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


def unready(client: Client, article: Platform, names: set[ObjectKey]) -> list[str]:
    """What is not Ready, and what it says."""
    entries = inventory(article)
    found = {key: client.get(ObjectReference.of(entries[key].manifest)) for key in sorted(names)}
    told = {key: condition(item) if item else {} for key, item in found.items()}
    return [f"{key}: {ready.get('message')}" for key, ready in told.items() if ready.get("status") != "True"]


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
