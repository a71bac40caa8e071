"""Where charts come from: each rule with the smallest platform that violates it, and the nearest that does not."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.chart import INTERVAL, Chart
from gitops.checks.sources import RULES
from gitops.errors import Problem, Severity
from gitops.flux import (
    CrossNamespaceSourceReference,
    HelmRelease,
    HelmReleaseSpec,
    HelmRepository,
    OCIRepository,
    OCIRepositoryRef,
)
from gitops.objects import KubernetesObject, Metadata
from gitops.platform import Platform
from gitops.upstream import RETIRED
from tests.support.platforms import addon, found, with_addons
from tests.support.stacks import DELIVERIES, STACKS, shipped, variant

OCI = Chart(name="x", version="1.2.3", repository="oci://charts.example.org")
INDEX = Chart(name="x", version="1.2.3", repository="https://charts.example.org")


def of(*objects: KubernetesObject, platform: Platform | None = None) -> list[Problem]:
    extended = with_addons(addon("x", *objects), platform=platform) if platform else with_addons(addon("x", *objects))
    return found(extended, RULES)


def released(chart: Chart, **changes: Any) -> tuple[KubernetesObject, HelmRelease]:
    source, release = chart.release("x", namespace="x", values={})
    return source, replace(release, spec=replace(release.spec, **changes))


@pytest.mark.parametrize("chart", [OCI, INDEX])
def test_a_release_beside_its_source_is_fine(chart: Chart) -> None:
    assert of(*released(chart)) == []


@pytest.mark.parametrize(
    ("chart", "field", "kind"),
    [(OCI, "spec.chartRef", "OCIRepository"), (INDEX, "spec.chart.spec", "HelmRepository")],
)
def test_a_release_without_its_source_names_what_is_missing(chart: Chart, field: str, kind: str) -> None:
    _, release = released(chart)
    (problem,) = of(release)
    assert (problem.rule, problem.severity) == ("sources/exists", Severity.ERROR)
    assert (problem.object, problem.field, problem.source) == (release.key, field, "addons/network/x.py:1")
    assert problem.what == f"{kind} x/x is not declared"


def test_a_source_of_another_namespace_or_kind_is_another_one() -> None:
    source, release = released(OCI)
    elsewhere = replace(source, metadata=Metadata(name="x", namespace="y"))
    assert [problem.rule for problem in of(elsewhere, release)] == ["sources/exists", "sources/used"]
    reference = CrossNamespaceSourceReference(kind="OCIRepository", name="x", namespace="y")
    assert of(elsewhere, replace(release, spec=replace(release.spec, chart_ref=reference))) == []
    index, _ = released(INDEX)
    assert [problem.rule for problem in of(index, release)] == ["sources/exists", "sources/used"]


def test_a_flux_that_is_locked_down_takes_no_source_of_another_namespace() -> None:
    locked = platform(variant(bootstrap={"use": "install", "multitenant": True}))
    source, release = released(OCI)
    elsewhere = replace(source, metadata=Metadata(name="x", namespace="y"))
    reference = CrossNamespaceSourceReference(kind="OCIRepository", name="x", namespace="y")
    across = replace(release, spec=replace(release.spec, chart_ref=reference))
    (problem,) = of(elsewhere, across, platform=locked)
    assert (problem.rule, problem.object, problem.field) == ("sources/namespace", release.key, "spec.chartRef")
    assert of(source, release, platform=locked) == of(elsewhere, across) == []


def test_a_source_that_no_release_uses_is_a_warning() -> None:
    source, _ = released(INDEX)
    (problem,) = of(source)
    assert (problem.rule, problem.severity) == ("sources/used", Severity.WARNING)
    assert (problem.object, problem.what) == (source.key, "no release uses it")


@pytest.mark.parametrize("version", ["*", "1.x", "~1.2.0", "1.2", "", "latest", ">=1.2.3 <2.0.0", "1.2.3 "])
@pytest.mark.parametrize("chart", [OCI, INDEX])
def test_a_version_that_moves_is_refused(chart: Chart, version: str) -> None:
    (problem,) = of(*released(replace(chart, version=version)))
    assert (problem.rule, problem.severity) == ("sources/pin", Severity.ERROR)
    assert problem.what.startswith(f"chart x has the version {version or 'latest'!r}" if chart is OCI else "chart x")


@pytest.mark.parametrize("version", ["1.2.3", "v1.2.3", "0.0.0", "1.2.3-rc.1", "1.2.3+build.4", "10.20.30"])
@pytest.mark.parametrize("chart", [OCI, INDEX])
def test_an_exact_version_is_fine(chart: Chart, version: str) -> None:
    assert of(*released(replace(chart, version=version))) == []


def test_a_digest_pins_a_chart_whatever_its_tag() -> None:
    source, release = released(replace(OCI, version="latest"))
    assert isinstance(source, OCIRepository)
    reference = OCIRepositoryRef(tag="latest", digest=f"sha256:{'0' * 64}")
    assert of(replace(source, spec=replace(source.spec, ref=reference)), release) == []


def test_a_release_that_names_no_chart_is_left_to_its_schema() -> None:
    spec = HelmReleaseSpec(interval=INTERVAL)
    assert of(HelmRelease(metadata=Metadata(name="x", namespace="x"), spec=spec)) == []


def test_an_index_is_a_warning_where_the_maintainers_publish_to_a_registry() -> None:
    (problem,) = of(*released(Chart(name="cilium", version="1.20.0", repository="https://helm.cilium.io/")))
    assert (problem.rule, problem.severity) == ("sources/oci", Severity.WARNING)
    assert problem.what == "chart cilium comes from the index https://helm.cilium.io"
    assert problem.fix == "use oci://quay.io/cilium/charts, where its maintainers publish it too"


def test_an_index_on_a_mirror_is_none_of_the_maintainers_business() -> None:
    mirrored = platform(variant(charts={"mirror": "https://mirror.example.org/charts"}))
    chart = Chart(name="cilium", version="1.20.0", repository="https://mirror.example.org/charts")
    assert of(*released(chart), platform=mirrored) == []


@pytest.mark.parametrize(
    ("name", "repository", "what"),
    [
        ("promtail", "https://anywhere.example.org", "chart promtail is end of life since 2026-03-02"),
        (
            "ingress-nginx",
            "https://kubernetes.github.io/ingress-nginx",
            "chart ingress-nginx is end of life since 2026-03",
        ),
        (
            "grafana",
            "oci://ghcr.io/grafana/helm-charts",
            "chart grafana in oci://ghcr.io/grafana/helm-charts is moved since 2026-01-30",
        ),
        (
            "k8s-gateway",
            "https://ori-edge.github.io/k8s_gateway/",
            "chart k8s-gateway in https://ori-edge.github.io/k8s_gateway is unmaintained since 2025-01-02",
        ),
        (
            "redis",
            "oci://registry-1.docker.io/bitnamicharts",
            "chart redis in oci://registry-1.docker.io/bitnamicharts is unmaintained since 2025-08-28",
        ),
    ],
)
def test_a_chart_without_maintainers_is_a_warning_with_its_successor(name: str, repository: str, what: str) -> None:
    problems = of(*released(Chart(name=name, version="1.2.3", repository=repository)))
    (problem,) = [item for item in problems if item.rule != "sources/oci"]
    assert (problem.rule, problem.severity, problem.what) == ("sources/retired", Severity.WARNING, what)
    assert problem.fix.startswith("use ")


def test_a_chart_whose_repository_is_gone_is_an_error() -> None:
    chart = Chart(name="k8s-gateway", version="3.7.2", repository="oci://ghcr.io/k8s-gateway/charts")
    (problem,) = of(*released(chart))
    assert (problem.rule, problem.severity) == ("sources/gone", Severity.ERROR)
    assert problem.fix == "use oci://codeberg.org/k8s-gateway/charts/k8s-gateway"


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("k8s-gateway", "oci://codeberg.org/k8s-gateway/charts"),
        ("grafana", "oci://ghcr.io/grafana-community/helm-charts"),
        ("alloy", "oci://ghcr.io/grafana/helm-charts"),
        ("nginx-ingress", "oci://ghcr.io/nginx/charts"),
    ],
)
def test_successors_and_neighbours_are_fine(name: str, repository: str) -> None:
    assert of(*released(Chart(name=name, version="1.2.3", repository=repository))) == []


def test_every_retirement_has_a_date_and_a_successor() -> None:
    assert [item for item in RETIRED if not item.successor or not item.since[:4].isdigit()] == []
    assert [item for item in RETIRED if not item.charts and not item.repositories] == []


def test_the_articles_log_collector_is_a_warning_under_seed_and_alloy_is_none() -> None:
    seed = platform(shipped("odyssey", profile="seed"))
    (problem,) = (item for rule in RULES for item in rule.problems(seed))
    assert problem.what == "chart promtail is end of life since 2026-03-02"
    assert problem.severity is Severity.WARNING


@pytest.mark.parametrize(
    "mirror", ["https://mirror.example.org/a", "oci://mirror.example.org/a/", "http://m.example.org"]
)
@pytest.mark.parametrize("stack", STACKS)
def test_a_mirror_covers_every_source_and_keeps_its_kind(stack: str, mirror: str) -> None:
    plain, mirrored = platform(shipped(stack)), platform(variant(stack, charts={"mirror": mirror}))
    assert [item for rule in RULES for item in rule.problems(mirrored)] == []
    assert [item.key for item in mirrored.declared] == [item.key for item in plain.declared]


def test_a_source_beside_the_mirror_is_found() -> None:
    mirrored = platform(variant(charts={"mirror": "https://mirror.example.org/a"}))
    source, release = released(replace(INDEX, repository="https://mirror.example.org/ab"))
    (problem,) = of(source, release, platform=mirrored)
    assert (problem.rule, problem.object, problem.field) == ("sources/mirror", source.key, "spec.url")
    assert problem.what == "https://mirror.example.org/ab is not below the mirror https://mirror.example.org/a"
    assert isinstance(source, HelmRepository)


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_the_shipped_stacks_have_sound_sources(stack: str, delivery: str) -> None:
    planned = platform(shipped(stack, delivery=delivery))
    assert [item for rule in RULES for item in rule.problems(planned)] == []
