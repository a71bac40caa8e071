"""Objects that are moved, dropped, doubled, renamed, suspended, or labelled for nobody."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gitops.declared import DeclaredObject
from gitops.flux import SHARD_LABEL, HelmRelease, HelmReleaseSpec
from gitops.objects import KubernetesObject, Metadata
from gitops.platform import Platform
from tests.breaking.breakage import Breakage, bundled, with_manifest, with_object, with_values


def breakages() -> Iterator[Breakage]:
    """Each object of odyssey, broken by itself."""
    for item in bundled():
        if item.key.namespace:
            yield _metadata("swap a namespace", item, namespace="default")
            yield _metadata("misspell a namespace", item, namespace=f"{item.key.namespace}s")
        yield _metadata("misspell a name in capitals", item, name=item.key.name.upper())
        yield Breakage("drop an object", str(item.key), with_object(item, lambda _: ()))
        yield Breakage("declare an object twice", str(item.key), with_object(item, lambda other: (other, other)))
        if item.key.group.endswith("fluxcd.io"):
            yield _metadata("label for a shard that does not run", item, labels={SHARD_LABEL: "infa"})
            yield Breakage("suspend", str(item.key), with_manifest(item, _suspended))
        if item.key.kind == "Namespace":
            yield _metadata("drop the labels of a namespace", item, labels={})
            yield _metadata("let a namespace be pruned", item, annotations={})
        if item.manifest.get("spec"):
            yield Breakage("misspell a field", str(item.key), with_manifest(item, _misspelled))
        if isinstance(item.item, HelmRelease):
            yield from _releases(item, item.item.spec)


def _releases(item: DeclaredObject, spec: HelmReleaseSpec) -> Iterator[Breakage]:
    where = str(item.key)
    yield Breakage("misspell a chart value", where, with_values(item, {**spec.values, "contoller": {"a": 1}}))
    yield Breakage("use an unknown variable", where, with_values(item, {**spec.values, "fullnameOverride": "${nme}"}))
    for key, value in {"password": "hunter2-hunter2", "apiToken": "ghp_0123456789abcdefghijABCDEFGHIJ012345"}.items():
        yield Breakage("write a secret down", where, with_values(item, {**spec.values, "auth": {key: value}}))
    if spec.chart:
        chart = spec.chart.spec
        for version in ("*", "^1", ""):
            loose = replace(spec, chart=replace(spec.chart, spec=replace(chart, version=version)))
            yield Breakage("let a chart's version float", where, _release(item, loose))
    reference = spec.chart_ref or (spec.chart.spec.source_ref if spec.chart else None)
    assert reference
    wrong = replace(reference, name=f"{reference.name}s")
    lost = (
        replace(spec, chart_ref=wrong)
        if spec.chart is None
        else replace(spec, chart=replace(spec.chart, spec=replace(spec.chart.spec, source_ref=wrong)))
    )
    yield Breakage("misspell a source", where, _release(item, lost))


def _release(item: DeclaredObject, spec: HelmReleaseSpec) -> Platform:
    def changed(other: KubernetesObject) -> tuple[KubernetesObject, ...]:
        return (HelmRelease(metadata=other.metadata, spec=spec),)

    return with_object(item, changed)


def _metadata(sort: str, item: DeclaredObject, **changes: Any) -> Breakage:
    def changed(other: KubernetesObject) -> tuple[KubernetesObject, ...]:
        metadata: Metadata = replace(other.metadata, **changes)
        return (replace(other, metadata=metadata),)

    return Breakage(sort, str(item.key), with_object(item, changed))


def _suspended(manifest: dict[str, Any]) -> None:
    manifest["spec"]["suspend"] = True


def _misspelled(manifest: dict[str, Any]) -> None:
    first = next(iter(manifest["spec"]))
    manifest["spec"] = {(f"{key}s" if key == first else key): value for key, value in manifest["spec"].items()}
