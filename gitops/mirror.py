"""A chart mirror: what it must hold for a platform, and the commands that bring it there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gitops import bootstrap
from gitops.chart import OCI, Chart, chart_of, mirror_url
from gitops.objects import Metadata
from gitops.platform import Platform

FOLDER: Final = "charts"
"""Where the commands put the charts that a web server shows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MirroredChart:
    """One chart of a platform.

    Attributes:
        addon: The add-on that installs it, or the bootstrap.
        name: Its name in its repository.
        version: The exact version.
        kind: Kind of the source that it is read from in the mirror, and by Flux without one too.
        source: URL of that source.
        target: URL of that source in the mirror; none without a mirror.
    """

    addon: str
    name: str
    version: str
    kind: str
    source: str
    target: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """What a mirror must hold.

    Attributes:
        cluster: Name of the cluster.
        mirror: Base URL of the mirror; none when the cluster asks none.
        charts: In the order of their add-ons.
        commands: Shell commands, for `helm` and `oras`, that fill the mirror; without one they only download.
    """

    cluster: str
    mirror: str | None
    charts: tuple[MirroredChart, ...]
    commands: tuple[str, ...]


def mirror_of(platform: Platform, mirror: str | None) -> Mirror:
    """What a mirror must hold for a platform whose own sources are the original ones."""
    charts = tuple(_charts(platform, mirror))
    commands = tuple(_commands(charts, mirror))
    return Mirror(cluster=platform.cluster.name, mirror=mirror, charts=charts, commands=commands)


def _charts(platform: Platform, mirror: str | None) -> Iterator[MirroredChart]:
    for addon in platform.addons:
        if chart := chart_of(addon.controllers.objects):
            yield _mirrored(addon.name, chart, chart, mirror)
    for chart in bootstrap.charts(platform):
        yield _mirrored(bootstrap.COMPONENT, chart, bootstrap.readable(chart, mirror), mirror)


def _mirrored(addon: str, chart: Chart, readable: Chart, mirror: str | None) -> MirroredChart:
    """A chart as it is at home, for a mirror that holds it where it is `readable`."""
    metadata = Metadata(name=chart.name)
    source = readable.source(metadata)
    return MirroredChart(
        addon=addon,
        name=chart.name,
        version=chart.version,
        kind=source.kind,
        source=chart.source(metadata).spec.url,
        target=mirror_url(source, mirror) if mirror else None,
    )


def _commands(charts: tuple[MirroredChart, ...], mirror: str | None) -> Iterator[str]:
    """Each chart once; the index comes last, because it is made of the downloads."""
    copied = {chart: target for chart in charts if (target := chart.target) and chart.kind == "OCIRepository"}
    pulled = [chart for chart in charts if chart not in copied]
    insecure = "--to-plain-http " if mirror and mirror.startswith("http://") else ""
    yield from dict.fromkeys(_copy(chart, target, insecure) for chart, target in copied.items())
    if pulled:
        yield f"mkdir -p {FOLDER}"
        yield from dict.fromkeys(map(_pull, pulled))
    if pulled and mirror:
        yield f"helm repo index {FOLDER}"


def _copy(chart: MirroredChart, target: str, insecure: str) -> str:
    # A tag may hold no plus sign; Helm and Flux both spell it as an underscore.
    tag = chart.version.replace("+", "_")
    return f"oras copy {insecure}{chart.source.removeprefix(OCI)}:{tag} {target.removeprefix(OCI)}:{tag}"


def _pull(chart: MirroredChart) -> str:
    origin = chart.source if chart.source.startswith(OCI) else f"{chart.name} --repo {chart.source}"
    return f"helm pull {origin} --version {chart.version} --destination {FOLDER}"
