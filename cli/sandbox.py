"""`homelab sandbox`: the platform's machinery on this machine, to try a platform on."""

import subprocess
from typing import Annotated, TypeAlias

import typer
from rich.text import Text

from cli.building import programs
from cli.options import Output, OutputOption
from cli.target import environment_of
from cli.terminal import console, show_json
from sandbox import lifecycle
from sandbox.place import DEFAULT, Place
from sandbox.status import SandboxStatus, log_files, status_of

NameOption: TypeAlias = Annotated[str, typer.Option("--name", help="Which sandbox; several run side by side.")]

app = typer.Typer(no_args_is_help=True, help="Run the platform's machinery on this machine: API server, Flux, Git.")


@app.command()
def tools() -> None:
    """Make every program available: from PATH, from the cache, or built with Go."""
    console().print(f"{len(programs())} programs are available", markup=False)


@app.command()
def up(
    name: NameOption = DEFAULT,
    *,
    bare: Annotated[bool, typer.Option("--bare", help="Without Flux, for homelab:bootstrap: install.")] = False,
) -> None:
    """Start a sandbox, or what is missing of it."""
    place, found, out = Place(name), programs(), console()
    with place.alone():
        lifecycle.up(place, found, lambda step: out.print(f"sandbox {name}: {step}", markup=False), bare=bare)
    out.print(f"sandbox {name}: ready", markup=False)


@app.command()
def down(name: NameOption = DEFAULT) -> None:
    """End every process of a sandbox, and remove every file."""
    place = Place(name)
    with place.alone():
        lifecycle.down(place)
    console().print(f"sandbox {name}: gone", markup=False)


@app.command()
def status(name: NameOption = DEFAULT, output: OutputOption = Output.TEXT) -> None:
    """Show addresses and processes; status 1 when something does not run."""
    found = status_of(Place(name))
    if output is Output.JSON:
        show_json(found)
    else:
        _show(found)
    if not all(found["processes"].values()):
        raise typer.Exit(1)


@app.command()
def logs(
    process: Annotated[
        str | None, typer.Argument(metavar="PROCESS", help="As status lists them; all by default.")
    ] = None,
    name: NameOption = DEFAULT,
    lines: Annotated[int, typer.Option(help="How many lines of each, from the end.")] = 20,
) -> None:
    """Print what the processes of a sandbox said last."""
    files = log_files(Place(name))
    if process is not None and process not in files:
        raise typer.BadParameter(f"processes are {', '.join(files) or 'none'}", param_hint="PROCESS")
    out = console()
    for each in (process,) if process else files:
        said = files[each].read_text(encoding="utf-8", errors="replace").splitlines() if files[each].exists() else []
        out.print(Text(f"==> {each}: {files[each]}", style="bold"), Text("\n".join(said[-lines:])), sep="\n")


# Options behind the command are the command's own.
@app.command(context_settings={"allow_interspersed_args": False})
def run(command: Annotated[list[str], typer.Argument(metavar="COMMAND…")], name: NameOption = DEFAULT) -> None:
    """Run a command that sees this sandbox: pulumi, kubectl, flux, git, or a shell."""
    environment = environment_of(Place(name))
    try:
        done = subprocess.run(command, env=environment, check=False)  # noqa: S603 — what the user asked for
    except OSError as error:
        raise typer.BadParameter(f"{command[0]}: {error.strerror}", param_hint="COMMAND") from None
    raise typer.Exit(done.returncode)


def _show(found: SandboxStatus) -> None:
    out = console()
    for key in ("name", "folder", "kubeconfig", "api", "git", "charts", "registry"):
        out.print(Text.assemble((f"{key:<12}", "dim"), str(found[key])))
    for process, running in found["processes"].items():
        out.print(Text.assemble((f"{process:<28}", "dim"), ("running", "green") if running else ("ended", "bold red")))
