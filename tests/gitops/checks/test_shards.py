"""Who reconciles what is labelled for a shard."""

from dataclasses import replace
from typing import Any

from gitops.checks.shards import busy_shards, declared_shards, served_sources
from gitops.duration import Duration
from gitops.errors import Severity
from gitops.flux import (
    SHARD_LABEL,
    CrossNamespaceSourceReference,
    HelmChartTemplate,
    HelmChartTemplateSpec,
    HelmRelease,
    HelmReleaseSpec,
    HelmRepository,
    HelmRepositorySpec,
)
from gitops.objects import KubernetesObject, Metadata, Unstructured
from gitops.platform import Platform
from tests.support.platforms import addon, listed, release, small, thing, whats, widget


def labelled(item: KubernetesObject, shard: str) -> KubernetesObject:
    return replace(item, metadata=replace(item.metadata, labels={SHARD_LABEL: shard}))


def sharded(*objects: KubernetesObject, shards: tuple[str, ...] = ("infra",), **settings: Any) -> Platform:
    return small(addon("a", *objects), shards=list(shards), **settings)


def test_a_label_of_a_shard_that_does_not_run_is_found() -> None:
    assert whats(sharded(labelled(release("x"), "infa")), declared_shards) == [
        "no shard is called 'infa'; declared are infra"
    ]
    assert whats(sharded(labelled(release("x"), "infra"), shards=()), declared_shards) == [
        "no shard is called 'infra'; declared are none"
    ]
    assert whats(sharded(labelled(release("x"), "infra")), declared_shards) == []


def test_the_label_means_nothing_on_what_flux_does_not_reconcile() -> None:
    assert whats(sharded(labelled(widget("x"), "infa")), declared_shards) == []


REPOSITORY = HelmRepository(
    metadata=Metadata(name="x", namespace="widgets"),
    spec=HelmRepositorySpec(interval=Duration.hours(1), url="https://a"),
)


def from_repository() -> HelmRelease:
    reference = CrossNamespaceSourceReference(kind="HelmRepository", name="x")
    chart = HelmChartTemplate(spec=HelmChartTemplateSpec(chart="x", version="1.0.0", source_ref=reference))
    return HelmRelease(
        metadata=Metadata(name="x", namespace="widgets"), spec=HelmReleaseSpec(interval=Duration.hours(1), chart=chart)
    )


def test_a_chart_of_another_shard_than_its_repository_is_found() -> None:
    assert whats(sharded(from_repository(), labelled(REPOSITORY, "infra")), served_sources) == [
        "its chart is of no shard, but HelmRepository widgets/x of shard infra"
    ]
    assert whats(sharded(from_repository(), REPOSITORY), served_sources) == []
    assert whats(sharded(from_repository()), served_sources) == []


def test_a_chart_with_the_label_of_its_repository_is_fine() -> None:
    source = {"kind": "HelmRepository", "name": "x", "namespace": "widgets"}
    chart = {"metadata": {"labels": {SHARD_LABEL: "infra"}}, "spec": {"chart": "x", "sourceRef": source}}
    item: Unstructured = thing("HelmRelease", "y", "helm.toolkit.fluxcd.io", spec={"chart": chart})
    assert whats(sharded(item, labelled(REPOSITORY, "infra")), served_sources) == []
    assert len(whats(sharded(item, REPOSITORY), served_sources)) == 1


def test_a_shard_that_reconciles_nothing_is_a_warning() -> None:
    (problem,) = listed(sharded(shards=("infra", "idle")), [busy_shards])
    assert (problem.what, problem.field) == ("nothing is labelled for the shard 'idle'", "homelab:shards[1]")
    assert problem.severity is Severity.WARNING
    assert whats(sharded(labelled(release("x"), "idle"), shards=("infra", "idle")), busy_shards) == []


def test_the_layers_keep_their_shard_busy_where_flux_builds_them() -> None:
    assert whats(sharded(), busy_shards) == []
    assert whats(sharded(delivery="direct"), busy_shards) == ["nothing is labelled for the shard 'infra'"]
