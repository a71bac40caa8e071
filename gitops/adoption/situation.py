"""Where a cluster stands between its old sync and the stack."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gitops.adoption.live import Live, applied_by, owner_of
from gitops.conditions import condition
from gitops.delivery import delivery_of
from gitops.delivery.registration import Registration
from gitops.flux import NAMESPACE, RECONCILE_ANNOTATION, SOURCE
from gitops.inventory import inventory
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.platform import Platform

LEFT_OVER: Final = "homelab/left-over"
"""The annotation of Kustomizations that the stack does not declare, so that an interruption forgets none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What there is to do with.

    Attributes:
        registrations: What Pulumi registers.
        live: The look at the cluster that all this comes from.
        syncs: The FluxInstances that sync.
        roots: The Kustomizations that own what Pulumi is to own, and would prune it.
        left_over: Other Kustomizations that the stack does not declare, and that would prune or fail without the sync.
        strays: What Kustomizations of the stack have applied and the stack does not let them apply; they would prune
            it. By key, with the version of its group.
        declared: Every declared object, as the cluster gets it.
    """

    registrations: tuple[Registration, ...]
    live: Live
    syncs: tuple[Manifest, ...]
    roots: tuple[Manifest, ...]
    left_over: tuple[Manifest, ...]
    strays: Mapping[ObjectKey, str]
    declared: Mapping[ObjectKey, Manifest]

    @classmethod
    def of(cls, platform: Platform, live: Live) -> "Situation":
        """The situation of a live cluster."""
        registrations = delivery_of(platform).registrations(platform)
        entries = inventory(platform)
        roots = tuple(_roots(live, frozenset(item.key for item in registrations), frozenset(entries)))
        built: dict[ObjectKey | None, set[ObjectKey]] = defaultdict(set)
        for key, entry in entries.items():
            built[entry.by].add(key)
        own = [item for item in live.kustomizations if object_key(item) in entries]
        return cls(
            registrations=registrations,
            live=live,
            syncs=live.syncs,
            roots=roots,
            left_over=tuple(_left_over(live, roots, frozenset(entries))),
            strays=dict(stray for item in own for stray in _strays(item, built[object_key(item)])),
            declared={key: entry.manifest for key, entry in entries.items()},
        )

    @property
    def unowned(self) -> tuple[ObjectKey, ...]:
        """What stays in the cluster, and nobody reconciles any more, sorted."""
        away = [*self.roots, *self.left_over]
        applied = {key for item in away for key in applied_by(item)} | self.strays.keys()
        return tuple(sorted(applied - self.declared.keys() - {object_key(item) for item in away}))


def is_stopped(kustomization: Manifest) -> bool:
    """Whether a Kustomization applies nothing, and prunes nothing even when it is deleted or started again."""
    spec = kustomization["spec"]
    return spec.get("suspend") is True and spec.get("prune") is False and spec.get("deletionPolicy") == "Orphan"


def is_disabled(instance: Manifest) -> bool:
    """Whether the Flux Operator leaves a FluxInstance alone."""
    return str((instance["metadata"].get("annotations") or {}).get(RECONCILE_ANNOTATION)).lower() == "disabled"


def is_settled(manifest: Manifest) -> bool:
    """Whether an object's controller does nothing with it at this moment."""
    return condition(manifest, "Ready").get("status") != "Unknown"


def _roots(live: Live, registered: frozenset[ObjectKey], declared: frozenset[ObjectKey]) -> Iterator[Manifest]:
    """What owns an object of Pulumi's, and what owns such an owner, and so would bring it back."""
    owners = {owner_of(item) for key, item in live.objects.items() if key in registered}
    owners |= {_root_of(item) for item in live.syncs}
    strange = {object_key(item): item for item in live.kustomizations if object_key(item) not in declared}
    own = set(registered)
    roots: dict[ObjectKey, Manifest] = {}
    while more := {
        key: item
        for key, item in strange.items()
        if key not in roots and ((key.namespace, key.name) in owners or not own.isdisjoint(applied_by(item)))
    }:
        roots |= more
        own |= more.keys()
    yield from roots.values()


def _root_of(instance: Manifest) -> tuple[str, str]:
    """Namespace and name of the Kustomization that an instance syncs with."""
    namespace = instance["metadata"]["namespace"]
    return namespace, instance["spec"]["sync"].get("name") or namespace


def _left_over(live: Live, roots: Iterable[Manifest], declared: frozenset[ObjectKey]) -> Iterator[Manifest]:
    known = {object_key(item): item for item in live.kustomizations}
    away = {object_key(item) for item in roots}
    start = away | (declared & known.keys()) | {key for key, item in known.items() if _is_ours_to_end(item)}
    for key in sorted(_reached(start, known) - away - declared):
        yield known[key]


def _is_ours_to_end(kustomization: Manifest) -> bool:
    """Whether it was set aside before, or reads the source that becomes the stack's, where its path will not be."""
    source = kustomization["spec"]["sourceRef"]
    namespace = source.get("namespace") or kustomization["metadata"]["namespace"]
    marked = LEFT_OVER in (kustomization["metadata"].get("annotations") or {})
    return marked or (source["kind"], namespace, source["name"]) == ("GitRepository", NAMESPACE, SOURCE)


def _reached(start: set[ObjectKey], known: Mapping[ObjectKey, Manifest]) -> set[ObjectKey]:
    """These Kustomizations, and all that they have applied, however far."""
    reached, ahead = set(start), list(start)
    while ahead:
        found = {key for key in applied_by(known[ahead.pop()]) if key in known} - reached
        reached |= found
        ahead += found
    return reached


def _strays(kustomization: Manifest, built: set[ObjectKey]) -> Iterator[tuple[ObjectKey, str]]:
    return ((key, version) for key, version in applied_by(kustomization).items() if key not in built)


def stray_head(key: ObjectKey, version: str) -> Manifest:
    """What names an object of an inventory."""
    metadata = {"name": key.name, **({"namespace": key.namespace} if key.namespace else {})}
    return {"apiVersion": f"{key.group}/{version}".removeprefix("/"), "kind": key.kind, "metadata": metadata}
