"""The steps of an adoption, in the order in which nothing can be pruned; what is done already is left out."""

from collections.abc import Iterator
from typing import Any, Final

from gitops.adoption.actions import MANAGER, Action, Change, Delete, Register, Release, Settle, Step, Take
from gitops.adoption.live import appliers, head, managers
from gitops.adoption.situation import LEFT_OVER, Situation, is_disabled, is_stopped, stray_head
from gitops.comparison import MISSING, compare
from gitops.delivery.registration import Registration
from gitops.flux import PRUNE_ANNOTATION, RECONCILE_ANNOTATION
from gitops.objects import Manifest, object_key
from gitops.taking_over import TAKE_OVER

_FLUX: Final = frozenset({"kustomize-controller", "flux-operator"})
_PULUMI: Final = "pulumi-kubernetes"
_STOP: Final = {"suspend": True, "prune": False, "deletionPolicy": "Orphan"}


def steps(found: Situation) -> Iterator[Step]:
    """What is still to be done."""
    changes = (
        ("Stop what would prune", tuple(_stop(found))),
        ("Set aside what the stack does not declare", tuple(_set_aside(found))),
        ("Move ownership to the stack", tuple(_take(found))),
        ("Import into the stack", tuple(_import(found))),
        ("End the old sync", tuple(_end(found))),
    )
    pending = [Step(title=title, actions=actions) for title, actions in changes if actions]
    if pending:
        yield from pending
        resumed = Register(does="once more as at any other time, until every bundle is Ready")
        # Leaving the variables to Pulumi changes them, so Flux reconciles all that use them: that is waited for.
        yield Step(title="Resume", actions=(*_release(found), resumed, *_unprotect(found)))


def _stop(found: Situation) -> Iterator[Action]:
    """The operator first: it would make its Kustomization prune again."""
    stopped: list[Manifest] = []
    for item in (item for item in found.syncs if not is_disabled(item)):
        patch = {"metadata": {"annotations": {RECONCILE_ANNOTATION: "disabled"}}}
        stopped.append(head(item))
        yield Change(object=head(item), patch=patch, does="the Flux Operator leaves it alone")
    for item in (item for item in found.roots if not is_stopped(item)):
        stopped.append(head(item))
        yield Change(object=head(item), patch={"spec": _STOP}, does="suspended, and told to prune nothing")
    yield from (Settle(object=item) for item in stopped)


def _set_aside(found: Situation) -> Iterator[Action]:
    for item in found.left_over:
        if not is_stopped(item) or LEFT_OVER not in (item["metadata"].get("annotations") or {}):
            patch = {"metadata": {"annotations": {LEFT_OVER: "true"}}, "spec": _STOP}
            yield Change(object=head(item), patch=patch, does="suspended, and told to prune nothing")
            yield Settle(object=head(item))
    for key, version in sorted(found.strays.items()):
        yield _annotated(stray_head(key, version), "disabled", "Flux will not prune it")


def _annotated(manifest: Manifest, value: Any, does: str) -> Change:
    return Change(object=manifest, patch={"metadata": {"annotations": {PRUNE_ANNOTATION: value}}}, does=does)


def _take(found: Situation) -> Iterator[Action]:
    for item in found.registrations:
        live = found.live.objects.get(item.key)
        if live is not None and not _is_pulumis(live):
            others = tuple(sorted(_FLUX.intersection(appliers(live))))
            yield Take(object=item.manifest, others=others, changes=tuple(_changes(live, item.manifest)))


def _changes(live: Manifest, declared: Manifest) -> Iterator[str]:
    """The fields that the stack declares differently; what it does not declare stays, or goes with its manager."""
    for change in compare({object_key(live): live}, {object_key(live): declared}):
        yield from (item.path for item in change.fields if item.after is not MISSING)


def _import(found: Situation) -> Iterator[Action]:
    if tuple(_taken(found)):
        does = "publish the tree, and pulumi up, which takes over what exists, until every bundle is Ready"
        yield Register(does=does, environment=TAKE_OVER)


def _end(found: Situation) -> Iterator[Action]:
    """The roots last: what they name is found by them, should this be interrupted."""
    yield from (Delete(object=head(item)) for item in (*found.left_over, *found.roots))
    for item in found.syncs:
        patch = {"metadata": {"annotations": {RECONCILE_ANNOTATION: None}}, "spec": {"sync": None}}
        yield Change(object=head(item), patch=patch, does="syncs no more, and is reconciled again")


def _release(found: Situation) -> Iterator[Action]:
    return (Release(object=head(item.manifest)) for item in _taken(found))


def _taken(found: Situation) -> Iterator[Registration]:
    """Everything that this command has, or will have, applied by the time of the import."""
    for item in found.registrations:
        live = found.live.objects.get(item.key)
        if live is not None and (not _is_pulumis(live) or MANAGER in appliers(live)):
            yield item


def _unprotect(found: Situation) -> Iterator[Action]:
    """What only changed its Kustomization may be pruned again, once it has."""
    strays = {key for key in found.strays if key in found.declared}
    marked = {key for key, live in found.live.objects.items() if _is_protected(live)}
    for key in sorted(strays | (marked & found.declared.keys())):
        manifest = found.declared[key]
        if not _is_protected(manifest, by=None):
            yield _annotated(head(manifest), None, "Flux may prune it again")


def _is_protected(manifest: Manifest, by: str | None = MANAGER) -> bool:
    protected = (manifest["metadata"].get("annotations") or {}).get(PRUNE_ANNOTATION) == "disabled"
    return protected and (by is None or by in managers(manifest))


def _is_pulumis(live: Manifest) -> bool:
    """Whether Pulumi manages an object, and Flux no longer does."""
    names = managers(live)
    return any(name.startswith(_PULUMI) for name in names) and _FLUX.isdisjoint(appliers(live))
