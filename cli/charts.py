"""`homelab charts`: what a chart mirror must hold."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from addons.catalogue import platform
from cli.options import Output, OutputOption, StackArgument
from cli.project import cluster_of
from cli.real_charts import examine
from cli.terminal import console, show_json
from gitops.cluster import Charts
from gitops.mirror import FOLDER, Mirror, mirror_of


def charts(
    stack: StackArgument,
    output: OutputOption = Output.TEXT,
    *,
    real_charts: Annotated[
        bool,
        typer.Option(
            "--real-charts",
            help="Render each with the stack's values, and let the current context's API server judge the objects in a "
            "dry run; nothing is applied.",
        ),
    ] = False,
) -> None:
    """List the charts that a mirror must hold, and the commands that copy them there."""
    cluster = cluster_of(stack)
    original = platform(cluster.model_copy(update={"charts": Charts()}))
    if real_charts:
        examine(original, output)
        return
    found = mirror_of(original, cluster.charts.mirror)
    if output is Output.JSON:
        show_json(asdict(found))
        return
    out = console()
    out.print(_table(found))
    out.print(Text(f"\n{_heading(found)}"), *(Text(f"  {command}") for command in found.commands), sep="\n")


def _table(found: Mirror) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("add-on", "chart", "version", "kind", "from", *(["in the mirror"] if found.mirror else [])):
        table.add_column(heading, overflow="fold")
    for chart in found.charts:
        target = [chart.target] if chart.target else []
        table.add_row(chart.addon, chart.name, chart.version, chart.kind, chart.source, *target)
    return table


def _heading(found: Mirror) -> str:
    if found.mirror is None:
        return "Name a mirror in homelab:charts.mirror to see where each belongs. They are downloaded by:"
    return f"Copy them where both networks can be reached, and show the folder {FOLDER} at the mirror's URL:"
