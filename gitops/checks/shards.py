"""Shards: who reconciles what is labelled for one."""

from collections.abc import Iterator
from typing import Final

from gitops.checks.rule import rule
from gitops.declared import DeclaredObject
from gitops.delivery.tree_layers import LAYER_SHARD
from gitops.errors import Severity, Violation
from gitops.flux import SHARD_LABEL
from gitops.objects import ObjectKey
from gitops.platform import Platform

_FIELD: Final = f"metadata.labels.{SHARD_LABEL}"


@rule("shards/declared")
def declared_shards(platform: Platform) -> Iterator[Violation]:
    """A label of a shard that does not run takes the object away from the main controllers: nobody reconciles it.

    Source: Flux's sharding guide; the main controllers watch `!sharding.fluxcd.io/key`.
    """
    shards = platform.cluster.shards
    for item in _flux_objects(platform):
        shard = _shard(item)
        if shard is not None and shard not in shards:
            known = ", ".join(shards) or "none"
            what = f"no shard is called {shard!r}; declared are {known}"
            yield item.violation(_FIELD, what=what, fix=f"add {shard} to homelab:shards, or remove the label")


@rule("shards/sources")
def served_sources(platform: Platform) -> Iterator[Violation]:
    """A HelmChart and its HelmRepository must be of one source-controller: another does not see the index.

    helm-controller gives the HelmChart just the labels of `spec.chart.metadata`, not those of its release.
    """
    repositories = {item.key: _shard(item) for item in _flux_objects(platform)}
    for item in _flux_objects(platform):
        chart = item.manifest.get("spec", {}).get("chart")
        if not isinstance(chart, dict):
            continue
        source = chart["spec"]["sourceRef"]
        namespace = source.get("namespace", item.key.namespace)
        key = ObjectKey("source.toolkit.fluxcd.io", source["kind"], namespace, source["name"])
        own = chart.get("metadata", {}).get("labels", {}).get(SHARD_LABEL)
        if key in repositories and repositories[key] != own:
            what = f"its chart is of {_of(own)}, but {key} of {_of(repositories[key])}"
            yield item.violation("spec.chart", what=what, fix="label neither, or both with the same shard")


@rule("shards/idle", severity=Severity.WARNING)
def busy_shards(platform: Platform) -> Iterator[Violation]:
    """A shard is three controllers of its own: one that reconciles nothing costs their memory for nothing."""
    layers = {LAYER_SHARD} if platform.cluster.delivery in {"git", "oci"} else set()
    used = layers | {_shard(item) for item in _flux_objects(platform)}
    for index, shard in enumerate(platform.cluster.shards):
        if shard not in used:
            what = f"nothing is labelled for the shard {shard!r}"
            yield Violation(field=f"homelab:shards[{index}]", what=what, fix="remove it, or label something for it")


def _flux_objects(platform: Platform) -> Iterator[DeclaredObject]:
    return (item for item in platform.declared if item.key.group.endswith(".fluxcd.io"))


def _shard(item: DeclaredObject) -> str | None:
    return item.item.metadata.labels.get(SHARD_LABEL)


def _of(shard: str | None) -> str:
    return f"shard {shard}" if shard else "no shard"


RULES: Final = (declared_shards, served_sources, busy_shards)
