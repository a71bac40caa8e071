"""Helm charts: a pin, the source it comes from, and the release it becomes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gitops.duration import Duration
from gitops.flux import (
    CrossNamespaceSourceReference,
    HelmChartTemplate,
    HelmChartTemplateSpec,
    HelmRelease,
    HelmReleaseSpec,
    HelmRepository,
    HelmRepositorySpec,
    OCILayerSelector,
    OCIRepository,
    OCIRepositoryRef,
    OCIRepositorySpec,
)
from gitops.objects import KubernetesObject, Metadata

INTERVAL = Duration.hours(1)
OCI: Final = "oci://"
"""The scheme of charts in a registry; others are in an index."""

_CHART_LAYER = OCILayerSelector(media_type="application/vnd.cncf.helm.chart.content.v1.tar+gzip", operation="copy")


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A chart at one exact version.

    Attributes:
        name: The chart's name in its repository.
        version: The exact version, as the chart spells it.
        repository: An index (`https://…`), or a registry (`oci://…`) without the chart's name.
    """

    name: str
    version: str
    repository: str

    def source(self, metadata: Metadata) -> HelmRepository | OCIRepository:
        """Where Flux pulls the chart from."""
        if not self.repository.startswith(OCI):
            return HelmRepository(metadata=metadata, spec=HelmRepositorySpec(interval=INTERVAL, url=self.repository))
        spec = OCIRepositorySpec(
            interval=INTERVAL,
            url=f"{self.repository}/{self.name}",
            layer_selector=_CHART_LAYER,
            ref=OCIRepositoryRef(tag=self.version),
        )
        return OCIRepository(metadata=metadata, spec=spec)

    def release(
        self,
        name: str,
        *,
        namespace: str,
        values: Mapping[str, Any],
        timeout: Duration = Duration.minutes(5),
    ) -> tuple[KubernetesObject, HelmRelease]:
        """The chart's source and its release, both called `name`, in `namespace`."""
        metadata = Metadata(name=name, namespace=namespace)
        source = self.source(metadata)
        spec = HelmReleaseSpec(interval=INTERVAL, timeout=timeout, values=values, **self._origin(name))
        return source, HelmRelease(metadata=metadata, spec=spec)

    def _origin(self, source: str) -> dict[str, Any]:
        if self.repository.startswith(OCI):
            return {"chart_ref": CrossNamespaceSourceReference(kind="OCIRepository", name=source)}
        reference = CrossNamespaceSourceReference(kind="HelmRepository", name=source)
        spec = HelmChartTemplateSpec(chart=self.name, version=self.version, source_ref=reference)
        return {"chart": HelmChartTemplate(spec=spec)}


def chart_of(objects: Iterable[KubernetesObject]) -> Chart | None:
    """The chart that a source and a release among the objects stand for, as they do after `Chart.release`."""
    repository = ""
    for item in objects:
        match item:
            case OCIRepository(spec=OCIRepositorySpec(url=url, ref=OCIRepositoryRef(tag=str(version)))):
                repository, _, name = url.rpartition("/")
                return Chart(name=name, version=version, repository=repository)
            case HelmRepository(spec=HelmRepositorySpec(url=url)):
                repository = url
            case HelmRelease(spec=HelmReleaseSpec(chart=HelmChartTemplate(spec=chart))):
                return Chart(name=chart.chart, version=chart.version, repository=repository)
            case _:
                continue
    return None


def mirrored(item: KubernetesObject, mirror: str) -> KubernetesObject:
    """A chart source that reads from `mirror` instead; its kind stays, other objects pass through."""
    if isinstance(item, HelmRepository):
        return replace(item, spec=replace(item.spec, url=mirror_url(item, mirror)))
    if isinstance(item, OCIRepository):
        insecure = True if mirror.startswith("http://") else None
        return replace(item, spec=replace(item.spec, url=mirror_url(item, mirror), insecure=insecure))
    return item


def mirror_url(source: HelmRepository | OCIRepository, mirror: str) -> str:
    """Where a mirror holds what a source reads.

    One mirror serves both kinds: an index at the base URL itself, and charts as OCI artifacts below it.
    """
    scheme, _, base = mirror.rstrip("/").partition("://")
    if isinstance(source, HelmRepository):
        return f"http://{base}" if scheme == "http" else f"https://{base}"
    return f"{OCI}{base}/{source.spec.url.rpartition('/')[2]}"


def with_values(item: KubernetesObject, values: Mapping[str, Any]) -> KubernetesObject:
    """A release whose chart values have `values` merged over them; other objects pass through."""
    if not isinstance(item, HelmRelease):
        return item
    return replace(item, spec=replace(item.spec, values=merged(item.spec.values, values)))


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` on top of `base` as Helm merges values: mappings key by key, everything else replaced."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        nested = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = merged(result[key], value) if nested else value
    return result
