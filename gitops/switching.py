"""Another delivery for a cluster that runs: what changes hands, and the steps that delete no workload."""

from collections.abc import Iterator, Mapping
from typing import Final

from gitops.delivery import delivery_of
from gitops.flux import NAMESPACE, RECONCILE_ANNOTATION
from gitops.inventory import Entry, Owner, inventory
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform
from gitops.taking_over import UPSERT

_FROM_A_SOURCE: Final = frozenset({"git", "oci"})
"""Deliveries of the same Kustomizations, so that one takes over from the other in place."""

_KUSTOMIZATIONS: Final = "kustomizations.kustomize.toolkit.fluxcd.io"
_RESOURCE_SETS: Final = "resourcesets.fluxcd.controlplane.io"


def held(platform: Platform) -> Mapping[ObjectKey, Manifest]:
    """Every declared object as the cluster ends up with it, and under `owner` who writes it there."""
    resolved = delivery_of(platform).expand(platform)
    entries = inventory(platform)
    return {key: {**resolved.get(key, entry.manifest), "owner": _owner(entry)} for key, entry in entries.items()}


def steps(before: Platform, after: Platform) -> tuple[str, ...]:
    """What to do, in order, so that a cluster of one delivery becomes one of another."""
    pair = (before.cluster.delivery, after.cluster.delivery)
    return () if pair[0] == pair[1] else tuple(_steps(before, *pair))


def _owner(entry: Entry) -> str:
    return str(entry.by) if entry.by else Owner.PULUMI.value


def _steps(before: Platform, old: str, new: str) -> Iterator[str]:
    in_place = {old, new} == _FROM_A_SOURCE
    bundles = " ".join(bundle.name for bundle in before.bundles)
    if not in_place:
        yield "Set homelab:retain: true and run homelab up: what leaves the program then stays."
    if old == "inline":
        # One that is deleted would wait two minutes for the end of each release that it keeps.
        stop = f"annotate {_RESOURCE_SETS} {bundles} {RECONCILE_ANNOTATION}=disabled"
        yield f"Stop the ResourceSets, so that their end is no wait: kubectl -n {NAMESPACE} {stop}"
    if new == "inline":
        yield "Make sure that the Flux Operator runs in the cluster."
    # Pulumi takes over nothing that exists, unless it is told to.
    upsert = f"{UPSERT}=true " if new == "direct" else ""
    yield f"Set homelab:delivery: {new} and run {upsert}homelab up."
    if old in _FROM_A_SOURCE and not in_place:
        yield f"Delete the Kustomizations that are left: kubectl -n {NAMESPACE} delete {_KUSTOMIZATIONS} {bundles}"
    if not in_place:
        yield "Remove homelab:retain and run homelab up."
