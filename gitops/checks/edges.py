"""Edges between gates: Flux is told all that are needed and no more, and what is waited for can be reached in time."""

from collections.abc import Iterator
from typing import Final

from gitops.checks.rule import rule
from gitops.checks.waiting import earlier
from gitops.declared import DeclaredBundle, DeclaredObject, kustomization_key
from gitops.errors import Violation
from gitops.flux import SHARD_LABEL, HelmRelease
from gitops.graph import installed
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.timing import timing


@rule("gates/targets")
def existing_targets(platform: Platform) -> Iterator[Violation]:
    """A `dependsOn` that leads nowhere is never ready: Flux says `dependency … not found` and tries again for ever.

    It names a Kustomization, in the same namespace; one that is suspended, or of a shard that nobody runs, is never
    reconciled either.
    """
    names = {layer.kustomization for layer in platform.layers} | {bundle.name for bundle in platform.bundles}
    for key, source, target in _edges(platform):
        if target not in names and (found := _nowhere(platform, target)):
            what, fix = found
            yield Violation(object=key, field="spec.dependsOn", source=source, what=what, fix=fix)
    for home in platform.declared_bundles:
        if home.layer.kustomization in home.bundle.reconciliation.depends_on and home.layer.reconciliation.wait:
            what = f"it waits for {home.layer.kustomization}, which waits for it"
            yield home.violation("spec.dependsOn", what=what, fix="drop the edge")


@rule("gates/suspended")
def running_objects(platform: Platform) -> Iterator[Violation]:
    """A suspended object is never reconciled, so what waits for it waits for ever."""
    for item in platform.declared:
        if item.manifest.get("spec", {}).get("suspend") is True and ".fluxcd.io" in item.key.group:
            yield item.violation("spec.suspend", what="it is declared suspended", fix="remove spec.suspend")


@rule("gates/edges", closed_by="bundle-edges")
def declared_edges(platform: Platform) -> Iterator[Violation]:
    """Where Flux is not told what a bundle needs, both start together, and retries decide the order.

    Each failed try costs a `retryInterval`, and a release that times out in between may stay failed.
    """
    before = earlier(platform)
    for home in platform.declared_bundles:
        own = before[home.bundle.name]
        untold = (target for target in installed(home.bundle, before) if target in before and target not in own)
        for target in untold:
            what = f"it needs {target}, and Flux is not told"
            yield home.violation("spec.dependsOn", what=what, fix=f"add {target} to its dependsOn")


@rule("gates/breadth", closed_by="bundle-edges")
def narrow_gates(platform: Platform) -> Iterator[Violation]:
    """Where a layer waits for a whole layer, one sick workload in that holds back everything behind it.

    The same holds for a bundle that waits for more than it needs, or for one with several releases.
    """
    for layer, target in ((each, name) for each in platform.layers for name in each.reconciliation.depends_on):
        yield Violation(
            object=kustomization_key(layer.kustomization),
            field="spec.dependsOn",
            what=f"all of it waits for all of {target}",
            fix="let each bundle wait for the bundles that it needs",
        )
    names = {bundle.name for bundle in platform.bundles}
    targets = {target for bundle in platform.bundles for target in bundle.reconciliation.depends_on}
    for home in platform.declared_bundles:
        releases = [item for item in home.bundle.objects if isinstance(item, HelmRelease)]
        if home.bundle.name in targets and len(releases) > 1:
            what = f"it has {len(releases)} releases, and others wait for all of them"
            yield home.violation("spec.path", what=what, fix="give each release an add-on of its own")
        needless = (name for name in home.bundle.reconciliation.depends_on if name not in installed(home.bundle, names))
        for target in (name for name in needless if name in names):
            what = f"it waits for {target}, which it does not need"
            yield home.violation("spec.dependsOn", what=what, fix="drop the edge, or add it to its needs")


@rule("gates/layer-timeout")
def sufficient_layer_timeouts(platform: Platform) -> Iterator[Violation]:
    """A layer that waits gives up before its slowest bundle had its time, and `pulumi up` fails with it.

    Counted are the timeouts along the slowest path, and 30 s for each time that Flux looks at a dependency again.
    """
    waiting = {layer.name: layer for layer in platform.layers if layer.reconciliation.wait}
    for item in timing(platform):
        if item.layer in waiting and item.timeout < item.slowest:
            yield Violation(
                object=kustomization_key(waiting[item.layer].kustomization),
                field="spec.timeout",
                what=f"it waits {item.timeout}, but its slowest path may take {item.arithmetic}",
                fix=f"allow {item.slowest} or more",
            )


@rule("gates/bundle-timeout")
def sufficient_bundle_timeouts(platform: Platform) -> Iterator[Violation]:
    """A bundle that waits and gives up before its release does reports a failure of something that still goes on."""
    for home in (home for home in platform.declared_bundles if _is_gate(home)):
        given = home.bundle.reconciliation.timeout
        releases = (item for item in home.bundle.objects if isinstance(item, HelmRelease))
        for item in (item for item in releases if item.spec.timeout and given < item.spec.timeout):
            what = f"it waits {given}, and {item.key} may take {item.spec.timeout}"
            yield home.violation("spec.timeout", what=what, fix=f"allow {item.spec.timeout} or more")


def _is_gate(home: DeclaredBundle) -> bool:
    chosen = home.bundle.reconciliation
    return bool(chosen.wait or chosen.health_checks)


def _edges(platform: Platform) -> Iterator[tuple[ObjectKey, str, str]]:
    """Every edge that Flux is told: from which Kustomization, where that is declared, and its target."""
    for layer in platform.layers:
        yield from ((kustomization_key(layer.kustomization), "", name) for name in layer.reconciliation.depends_on)
    for home in platform.declared_bundles:
        yield from ((home.key, home.addon.declared_at, name) for name in home.bundle.reconciliation.depends_on)


def _nowhere(platform: Platform, target: str) -> tuple[str, str] | None:
    """What is wrong with a target that no layer or bundle is called, and what to do; nothing when it is there."""
    named = sorted((item for item in platform.declared if item.key.name == target), key=_other)
    if not named:
        return f"it waits for {target}, which does not exist", "name a bundle of this platform, or drop the edge"
    shard = named[0].item.metadata.labels.get(SHARD_LABEL)
    if named[0].key != kustomization_key(target):
        return f"it waits for {target}, which is a {named[0].key.kind} and no Kustomization", "name its bundle instead"
    if shard is not None and shard not in platform.cluster.shards:
        return f"it waits for {target}, of shard {shard}, which nobody runs", f"add {shard} to homelab:shards"
    return None


def _other(item: DeclaredObject) -> bool:
    return item.key != kustomization_key(item.key.name)


RULES: Final = (
    existing_targets,
    running_objects,
    declared_edges,
    narrow_gates,
    sufficient_layer_timeouts,
    sufficient_bundle_timeouts,
)
