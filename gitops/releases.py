"""Helm releases as a platform declares them, each with its chart and where that comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitops.declared import DeclaredObject
from gitops.flux import (
    CrossNamespaceSourceReference,
    HelmRelease,
    HelmRepository,
    OCIRepository,
    OCIRepositoryRef,
    OCIRepositorySpec,
)
from gitops.installation import Installation, installation
from gitops.objects import ObjectKey
from gitops.platform import Platform

_GROUP: Final = "source.toolkit.fluxcd.io"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredRelease:
    """A release with what its source tells of its chart.

    Attributes:
        declared: The HelmRelease with its place.
        item: The HelmRelease itself.
        field: Where it names its source.
        reference: The source that it names.
        source: That source; none where it is not declared.
        chart: Name of the chart; empty where only the missing source would tell.
        version: Its version; none where a digest pins it, or the source is missing.
        repository: Address that the chart is below; empty where the source is missing.
    """

    declared: DeclaredObject
    item: HelmRelease
    field: str
    reference: CrossNamespaceSourceReference
    source: DeclaredObject | None
    chart: str
    version: str | None
    repository: str

    @property
    def source_key(self) -> ObjectKey:
        """The key of the source that it names."""
        return _source_key(self.declared, self.reference)

    @property
    def values(self) -> Mapping[str, Any]:
        """Its chart values, variables resolved."""
        found: Mapping[str, Any] = self.declared.substituted["spec"].get("values", {})
        return found

    @property
    def installation(self) -> Installation:
        """The Helm release that it becomes."""
        return installation(self.declared.substituted)


def sources(platform: Platform) -> Iterator[DeclaredObject]:
    """The chart sources of a platform."""
    return (item for item in platform.declared if isinstance(item.item, HelmRepository | OCIRepository))


def releases(platform: Platform) -> Iterator[DeclaredRelease]:
    """The releases of a platform; one that names no chart, which its schema refuses, is left out."""
    found = {item.key: item for item in sources(platform)}
    for declared in platform.declared:
        if isinstance(declared.item, HelmRelease):
            yield from _release(declared, declared.item, found)


def _release(
    declared: DeclaredObject, item: HelmRelease, found: Mapping[ObjectKey, DeclaredObject]
) -> Iterator[DeclaredRelease]:
    if item.spec.chart:
        chart = item.spec.chart.spec
        source = found.get(_source_key(declared, chart.source_ref))
        yield DeclaredRelease(
            declared=declared,
            item=item,
            field="spec.chart.spec",
            reference=chart.source_ref,
            source=source,
            chart=chart.chart,
            version=chart.version,
            repository=_url(source),
        )
    elif item.spec.chart_ref:
        source = found.get(_source_key(declared, item.spec.chart_ref))
        repository, _, name = _url(source).rpartition("/")
        yield DeclaredRelease(
            declared=declared,
            item=item,
            field="spec.chartRef",
            reference=item.spec.chart_ref,
            source=source,
            chart=name,
            version=_tag(source),
            repository=repository,
        )


def _source_key(declared: DeclaredObject, reference: CrossNamespaceSourceReference) -> ObjectKey:
    return ObjectKey(_GROUP, reference.kind, reference.namespace or declared.key.namespace, reference.name)


def _url(source: DeclaredObject | None) -> str:
    return source.substituted["spec"]["url"].rstrip("/") if source else ""


def _tag(source: DeclaredObject | None) -> str | None:
    match source:
        case DeclaredObject(item=OCIRepository(spec=OCIRepositorySpec(ref=OCIRepositoryRef(digest=None, tag=tag)))):
            # Flux's own default.
            return tag or "latest"
        case _:
            return None
