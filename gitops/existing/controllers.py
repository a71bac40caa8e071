"""Flux's controllers in a live cluster: there, available, for the stack's shards, and with workers enough."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gitops.delivery.tree_layers import LAYER_SHARD
from gitops.errors import Problem, Severity
from gitops.flux import NAMESPACE, SHARD_LABEL
from gitops.objects import Manifest, object_key
from gitops.platform import Platform

_APPLYING: Final = "kustomize-controller"
_NEEDED: Final = {
    "git": ("source-controller", _APPLYING, "helm-controller"),
    "oci": ("source-controller", _APPLYING, "helm-controller"),
    "inline": ("source-controller", "helm-controller"),
    "direct": ("source-controller", "helm-controller"),
}
_SHARD: Final = re.compile(rf"(?<!!){re.escape(SHARD_LABEL)}\s*(?:=+|in)\s*\(?([^)\s]+)")
_CONCURRENT: Final = re.compile(r"--concurrent[= ](\d+)")
# Flux's own default.
_WORKERS: Final = 4


def controllers(platform: Platform, deployments: Iterable[Manifest]) -> Iterator[Problem]:
    """What the Deployments in Flux's namespace lack; none of them at all may be Flux run in another way."""
    needed = _NEEDED[platform.cluster.delivery]
    found = {
        (name, shard): item for item in deployments for name in needed if _is(item, name) for shard in _shards(item)
    }
    if not found:
        what = f"there is no Deployment of Flux's in {NAMESPACE}"
        yield _problem("controllers", "the cluster", what, "make sure that Flux runs", severity=Severity.WARNING)
        return
    for name, shard in ((name, shard) for shard in ("", *platform.cluster.shards) for name in needed):
        item = found.get((name, shard))
        if item is None:
            what = f"no {name} runs" + (f" for the shard {shard}" if shard else "")
            yield _problem("controllers", "the cluster", what, "let Flux run it, or leave the shard out of the stack")
        elif not (item.get("status") or {}).get("availableReplicas"):
            yield _problem("controllers", str(object_key(item)), "it is not available", "see what keeps its pods")
    yield from _workers(platform, found.get((_APPLYING, _layer_shard(platform))))


def _workers(platform: Platform, item: Manifest | None) -> Iterator[Problem]:
    """As the rule gates/workers, of the controller that is there."""
    waiting = sum(bool(layer.reconciliation.wait) for layer in platform.layers)
    if item is None or (workers := _concurrency(item)) >= 2 * waiting:
        return
    stuck = workers <= waiting
    result = "no bundle would ever start" if stuck else "bundles would start one after the other"
    severity = Severity.ERROR if stuck else Severity.WARNING
    what = f"it has {workers} workers, and {waiting} layers that wait hold one each: {result}"
    fix = f"give it --concurrent={max(10, 2 * waiting)}, as size medium of a FluxInstance does"
    yield _problem("workers", str(object_key(item)), what, fix, severity=severity)


def _layer_shard(platform: Platform) -> str:
    return LAYER_SHARD if LAYER_SHARD in platform.cluster.shards else ""


def _is(deployment: Manifest, controller: str) -> bool:
    name: str = deployment["metadata"]["name"]
    return name == controller or name.startswith(f"{controller}-")


def _shards(deployment: Manifest) -> tuple[str, ...]:
    """The shards that a controller reconciles; the empty one is all that has no label."""
    found = _SHARD.search(_arguments(deployment))
    return tuple(found[1].split(",")) if found else ("",)


def _concurrency(deployment: Manifest) -> int:
    found = _CONCURRENT.search(_arguments(deployment))
    return int(found[1]) if found else _WORKERS


def _arguments(deployment: Manifest) -> str:
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return " ".join(argument for item in containers for argument in item.get("args") or ())


def _problem(name: str, where: str, what: str, fix: str, *, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(rule=f"existing/{name}", where=where, what=what, fix=fix, severity=severity)
