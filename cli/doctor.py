"""`homelab doctor`: which programs are found where, and what is missing for what."""

import shutil
import sys

import typer
from rich.table import Table
from rich.text import Text

from cli.options import Output, OutputOption
from cli.terminal import console, show_json
from sandbox.errors import SandboxError
from sandbox.folders import cache_folder
from sandbox.go import Go
from sandbox.toolchain import Tool, tools

_GIB = 2**30


def doctor(output: OutputOption = Output.TEXT) -> None:
    """List the programs of the sandbox and where each was found; status 1 when something is missing."""
    found, needs = tools(), _needs()
    if output is Output.JSON:
        show_json({"programs": [_plain(tool) for tool in found], "needs": needs})
    else:
        _show(found, needs)
    # Also where every program is there: the CRDs of a sandbox come as Go modules.
    Go.installed()
    if not needs["git"]:
        raise typer.Exit(1)


def _needs() -> dict[str, str]:
    """What building and running need of this machine; empty where it is missing."""
    return {"python": sys.version.split()[0], "git": shutil.which("git") or "", "go": _go()}


def _go() -> str:
    try:
        go = Go.installed()
    except SandboxError:
        return ""
    return f"{go.command} {'.'.join(map(str, go.version))}"


def _plain(tool: Tool) -> dict[str, str | None]:
    path = str(tool.path) if tool.path else None
    return {"name": tool.program.name, "pin": str(tool.program.pin), "origin": tool.origin, "path": path}


def _show(found: tuple[Tool, ...], needs: dict[str, str]) -> None:
    table = Table("program", "pinned", "found", "where", box=None, pad_edge=False)
    for tool in found:
        style = "green" if tool.path else "yellow"
        table.add_row(tool.program.name, tool.program.pin.version, Text(tool.origin, style=style), str(tool.path or ""))
    out = console()
    out.print(table)
    for name, where in needs.items():
        out.print(Text.assemble(f"{name}: ", (where or "missing", "" if where else "bold red")))
    folder = cache_folder()
    while not folder.exists():
        folder = folder.parent
    out.print(f"cache: {cache_folder()}, {shutil.disk_usage(folder).free / _GIB:.0f} GiB free", markup=False)
