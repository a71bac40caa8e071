"""Live clusters as an API server would show them, and what the actions of an adoption make of one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from addons.catalogue import seed
from gitops.adoption.actions import MANAGER, Action, Change, Delete, Register, Release, Take
from gitops.adoption.live import Live
from gitops.config import with_overrides
from gitops.delivery import delivery_of
from gitops.inventory import inventory
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.platform import Platform

STOPPED: dict[str, Any] = {"suspend": True, "prune": False, "deletionPolicy": "Orphan"}
ROOT_KEY = ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", "flux-system", "flux-system")


def entry(key: ObjectKey, version: str) -> dict[str, str]:
    name = key.name.replace(":", "__")
    return {"id": f"{key.namespace}_{name}_{key.group}_{key.kind}", "v": version}


def of_manifest(manifest: Mapping[str, Any]) -> dict[str, str]:
    return entry(object_key(manifest), manifest["apiVersion"].rpartition("/")[2])


def applied(manifest: Manifest, *names: str, **labels: str) -> Manifest:
    """An object that these field managers apply, perhaps with the labels of a Kustomization."""
    managed = [{"manager": name, "operation": "Apply"} for name in names]
    owner = {f"kustomize.toolkit.fluxcd.io/{key}": value for key, value in labels.items()}
    metadata = manifest["metadata"]
    both = {**metadata.get("labels", {}), **owner}
    return {**manifest, "metadata": {**metadata, "labels": both, "managedFields": managed}}


def kustomization(
    name: str, entries: Iterable[dict[str, str]] = (), source: str = "flux-system", **spec: Any
) -> Manifest:
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {"prune": True, "sourceRef": {"kind": "GitRepository", "name": source}, **spec},
        "status": {"inventory": {"entries": list(entries)}},
    }


def instance(**spec: Any) -> Manifest:
    return {
        "apiVersion": "fluxcd.controlplane.io/v1",
        "kind": "FluxInstance",
        "metadata": {"name": "flux", "namespace": "flux-system"},
        "spec": {"sync": {"kind": "GitRepository", "path": "clusters/odyssey"}, **spec},
    }


def deployment(name: str, *, shard: str = "", available: int = 1, workers: int | None = 10) -> Manifest:
    """A controller of Flux's, as the Flux Operator deploys it."""
    selector = f"sharding.fluxcd.io/key={shard}" if shard else "!sharding.fluxcd.io/key"
    args = ["--storage-adv-addr=here", f"--watch-label-selector={selector}"]
    args += [f"--concurrent={workers}"] if workers is not None else []
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"{name}-{shard}" if shard else name, "namespace": "flux-system"},
        "spec": {"template": {"spec": {"containers": [{"name": "manager", "args": args}]}}},
        "status": {"availableReplicas": available},
    }


def article(platform: Platform, *others: Manifest, more: Mapping[str, Iterable[Manifest]] | None = None) -> Live:
    """The article's cluster: a root Kustomization owns what Pulumi would register.

    Args:
        others: Further Kustomizations, which the root has applied.
        more: What Kustomizations have applied beside what the article's platform lets them, by name.
    """
    before = seed(with_overrides(platform.cluster, profile="seed"))
    entries = inventory(before)
    built: dict[str, list[Manifest]] = {"flux-system": list(others)}
    for item in entries.values():
        # The operator makes the source.
        if item.by or item.key.kind != "GitRepository":
            built.setdefault(item.by.name if item.by else "flux-system", []).append(item.manifest)
    for name, manifests in (more or {}).items():
        built.setdefault(name, []).extend(manifests)
    shown = [kustomization(name, map(of_manifest, items)) for name, items in built.items() if name]
    registered = {item.key for item in delivery_of(before).registrations(before)}
    owner = {"name": "flux-system", "namespace": "flux-system"}
    objects = {
        key: applied(item.manifest, "kustomize-controller", **owner)
        for key, item in entries.items()
        if key in registered and key.kind != "GitRepository"
    }
    made = next(item.manifest for key, item in entries.items() if key.kind == "GitRepository")
    objects[object_key(made)] = applied(made, "flux-operator")
    releases = [item.manifest for key, item in entries.items() if key.kind == "HelmRelease"]
    return Live(instances=(instance(),), kustomizations=(*shown, *others), releases=tuple(releases), objects=objects)


def performed(live: Live, actions: Iterable[Action], platform: Platform) -> Live:
    """The cluster after these actions, as far as an adoption looks at it."""
    for action in actions:
        live = _performed(live, action, platform)
    return live


def _performed(live: Live, action: Action, platform: Platform) -> Live:
    match action:
        case Change():
            return _mapped(live, object_key(action.object), lambda item: _merged(item, action.patch))
        case Take():
            taken = {object_key(action.object): applied(action.object, MANAGER)}
            return replace(live, objects={**live.objects, **taken})
        case Register():
            return _registered(live, platform)
        case Release():
            return _mapped(live, object_key(action.object), lambda item: applied(item, "pulumi-kubernetes-1234"))
        case Delete():
            left = tuple(item for item in live.kustomizations if object_key(item) != object_key(action.object))
            return replace(live, kustomizations=left)
        case _:
            return live


def _registered(live: Live, platform: Platform) -> Live:
    """Pulumi applies its own objects, and Flux what the tree holds now: inventories are the platform's."""
    objects = dict(live.objects)
    for item in delivery_of(platform).registrations(platform):
        names = [MANAGER] if MANAGER in str(objects.get(item.key, {})) else []
        objects[item.key] = applied(item.manifest, *names, "pulumi-kubernetes-1234")
    built: dict[str, list[dict[str, str]]] = {}
    for entry_ in inventory(platform).values():
        if entry_.by:
            built.setdefault(entry_.by.name, []).append(of_manifest(entry_.manifest))
    shown = [
        kustomization(item["metadata"]["name"], built[item["metadata"]["name"]])
        if item["metadata"]["name"] in built
        else item
        for item in live.kustomizations
    ]
    return replace(live, objects=objects, kustomizations=tuple(shown))


def _mapped(live: Live, key: ObjectKey, change: Any) -> Live:
    def changed(item: Manifest) -> Manifest:
        made: Manifest = change(item) if object_key(item) == key else item
        return made

    return replace(
        live,
        instances=tuple(map(changed, live.instances)),
        kustomizations=tuple(map(changed, live.kustomizations)),
        objects={name: changed(item) for name, item in live.objects.items()},
    )


def _merged(item: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    kept = {key: value for key, value in (item or {}).items() if key not in patch}
    return kept | {key: _merged((item or {}).get(key), value) for key, value in patch.items() if value is not None}
