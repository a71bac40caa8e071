"""Where charts come from: addresses that exist, versions that stay, projects that are alive."""

import re
from collections.abc import Iterator
from typing import Final

from gitops.checks.rule import rule
from gitops.errors import Severity, Violation
from gitops.platform import Platform
from gitops.releases import DeclaredRelease, releases, sources
from gitops.upstream import REGISTRIES, Retirement, retirements

_EXACT: Final = re.compile(r"v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


@rule("sources/exists")
def existing_sources(platform: Platform) -> Iterator[Violation]:
    """A release whose source is missing is never installed: it stays unready.

    The reason is `ArtifactFailed`, or `SourceNotReady` where it is a HelmRepository. The source must be of the kind,
    namespace and name that the release's `chartRef` or `sourceRef` says; without a namespace it is the release's own.
    See https://fluxcd.io/flux/components/helm/helmreleases/#chart-reference.
    """
    for release in releases(platform):
        if release.source is None:
            yield release.declared.violation(
                release.field,
                what=f"{release.source_key} is not declared",
                fix="declare it beside the release, as Chart.release does, or correct the reference",
            )


@rule("sources/namespace")
def own_sources(platform: Platform) -> Iterator[Violation]:
    """A Flux that is locked down for tenants refuses a release whose source is in another namespace.

    Its helm-controller runs with `--no-cross-namespace-refs`, so the release is stalled with the reason `AccessDenied`.
    See https://fluxcd.io/flux/installation/configuration/multitenancy/.
    """
    if not platform.cluster.bootstrap.multitenant:
        return
    for release in releases(platform):
        if release.source_key.namespace != release.declared.key.namespace:
            yield release.declared.violation(
                release.field,
                what=f"{release.source_key} is in another namespace, and homelab:bootstrap.multitenant refuses that",
                fix="declare a source of its own beside the release, as Chart.release does",
            )


@rule("sources/used", severity=Severity.WARNING)
def used_sources(platform: Platform) -> Iterator[Violation]:
    """A source that no release uses is fetched every hour for nothing, and most often is what a typo left over.

    source-controller reads the whole index into memory for it, and large ones have made it run out of that. See
    https://fluxcd.io/flux/components/source/helmrepositories/.
    """
    named = {release.source_key for release in releases(platform)}
    for declared in sources(platform):
        if declared.key not in named:
            yield declared.violation(
                what="no release uses it",
                fix="remove it, or name it in the release that it is for",
            )


@rule("sources/pin")
def pinned_charts(platform: Platform) -> Iterator[Violation]:
    """A version that is no exact one changes the cluster at any hour, without a commit, a plan or a diff.

    Flux resolves ranges, `*` and moving tags anew at every interval; kube-prometheus-stack alone has a major release
    with new CRDs every few weeks. See https://fluxcd.io/flux/components/helm/helmreleases/#chart-template.
    """
    for release in releases(platform):
        if release.version is not None and not _EXACT.fullmatch(release.version):
            yield release.declared.violation(
                release.field,
                what=f"chart {release.chart} has the version {release.version!r}, which is not an exact one",
                fix="pin one version, like 1.2.3, and let Renovate move it",
            )


@rule("sources/oci", severity=Severity.WARNING)
def oci_sources(platform: Platform) -> Iterator[Violation]:
    """An index is downloaded as a whole, and a chart from it cannot be verified.

    Flux verifies signatures of charts in OCI registries only, and asks them for one manifest instead of every version
    of every chart. See https://fluxcd.io/flux/components/source/ocirepositories/.
    """
    if platform.cluster.charts.mirror:
        return
    for release in releases(platform):
        registry = REGISTRIES.get(release.chart)
        if registry and release.reference.kind == "HelmRepository":
            yield release.declared.violation(
                release.field,
                what=f"chart {release.chart} comes from the index {release.repository}",
                fix=f"use {registry}, where its maintainers publish it too",
            )


@rule("sources/gone")
def gone_charts(platform: Platform) -> Iterator[Violation]:
    """A repository that is gone answers 404, so the release is not installed, and a running one not upgraded.

    Which ones are gone, since when, and what came after them is listed in `gitops/upstream.py`.
    """
    for release, retirement in _retired(platform):
        if retirement.gone:
            yield _retired_violation(release, retirement)


@rule("sources/retired", severity=Severity.WARNING)
def retired_charts(platform: Platform) -> Iterator[Violation]:
    """A chart without maintainers gets no security fixes: what it runs stays open to everything that is found next.

    Which charts have ended, moved or been given up, since when, and what came after them is listed in
    `gitops/upstream.py`; Promtail, the article's log collector, ended on 2026-03-02.
    """
    for release, retirement in _retired(platform):
        if not retirement.gone:
            yield _retired_violation(release, retirement)


@rule("sources/mirror")
def mirrored_sources(platform: Platform) -> Iterator[Violation]:
    """A source that bypasses the mirror fails where the cluster cannot reach the internet, and there only.

    `homelab:charts.mirror` replaces the base URL of every HelmRepository and OCIRepository; their kinds stay.
    """
    mirror = platform.cluster.charts.mirror
    if mirror is None:
        return
    base = _address(mirror)
    for declared in sources(platform):
        url = declared.substituted["spec"]["url"]
        if not f"{_address(url)}/".startswith(f"{base}/"):
            yield declared.violation(
                "spec.url",
                what=f"{url} is not below the mirror {mirror}",
                fix="take the chart through Chart.release, whose source the mirror replaces, or leave the mirror out",
            )


def _retired(platform: Platform) -> Iterator[tuple[DeclaredRelease, Retirement]]:
    for release in releases(platform):
        for retirement in retirements(release.chart, release.repository):
            yield release, retirement


def _retired_violation(release: DeclaredRelease, retirement: Retirement) -> Violation:
    home = f" in {release.repository}" if retirement.repositories else ""
    return release.declared.violation(
        release.field,
        what=f"chart {release.chart}{home} is {retirement.status} since {retirement.since}",
        fix=f"use {retirement.successor}",
    )


def _address(url: str) -> str:
    return url.rstrip("/").partition("://")[2]


RULES: Final = (
    existing_sources,
    own_sources,
    used_sources,
    pinned_charts,
    oci_sources,
    gone_charts,
    retired_charts,
    mirrored_sources,
)
