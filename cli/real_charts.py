"""`homelab charts --real-charts`: what the charts themselves and an API server say to the platform's values."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from cli.options import Output
from cli.terminal import console, show_json, show_problems
from cluster.client import connect
from gitops.errors import GitOpsError, Problem
from gitops.platform import Platform
from sandbox.real_charts import RealChart, real_charts


@dataclass(frozen=True, kw_only=True, slots=True)
class Examination:
    """What became of every chart of a cluster."""

    cluster: str
    charts: tuple[RealChart, ...]


def examine(platform: Platform, output: Output) -> None:
    """Show what is accepted and what is not; status 1 when something is not."""
    charts = tuple(_shown(chart, output) for chart in _examined(platform))
    found = Examination(cluster=platform.cluster.name, charts=charts)
    problems = tuple(problem for chart in found.charts for problem in chart.problems)
    if output is Output.JSON:
        show_json(asdict(found))
    elif problems:
        show_problems(problems)
    if problems:
        raise typer.Exit(1)


def _examined(platform: Platform) -> Iterator[RealChart]:
    helm = _helm()
    with closing(connect()) as client:
        yield from real_charts(platform, helm, client)


def _shown(chart: RealChart, output: Output) -> RealChart:
    """The chart, its line printed as soon as it is known, because each takes a while to arrive."""
    if output is Output.TEXT:
        console().print(_line(chart), markup=False)
    return chart


def _line(chart: RealChart) -> str:
    unserved = f", {len(chart.unserved)} of kinds that only its own CRDs bring" if chart.unserved else ""
    refused = f", {len(chart.problems)} refused" if chart.problems else ""
    return f"{chart.addon}: {chart.accepted} accepted{unserved}{refused}"


def _helm() -> Path:
    if found := shutil.which("helm"):
        return Path(found)
    fix = "install Helm: https://helm.sh/docs/intro/install"
    raise GitOpsError([Problem(rule="charts/helm", where="helm", what="Helm is not on PATH", fix=fix)])
