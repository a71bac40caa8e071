"""`homelab destroy`: ends a platform bundle by bundle, then what is Pulumi's own."""

import sys
import time
from functools import partial
from typing import Annotated, Final

import typer

from addons.catalogue import platform
from cli.existing import UnfitClusterError
from cli.options import StackArgument
from cli.progress import DeletionProgress
from cli.pulumi import Pulumi
from cli.removal import DestroyError, Removal, kept_crds, live
from cli.target import target_of
from cli.teardown import show_kept, show_teardown
from cli.terminal import console
from cluster.client import Client, ObjectReference
from gitops.destruction import Destruction, NamespaceEnd, destruction
from gitops.errors import GitOpsError
from gitops.existing import VARIABLES, strange

_YES: Final = frozenset({"--yes", "-y"})


def destroy(
    stack: StackArgument,
    flags: Annotated[
        list[str] | None, typer.Argument(metavar="[PULUMI FLAG]...", help="Passed to pulumi destroy.")
    ] = None,
    *,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Delete what holds data or the network too, with all CRDs.")
    ] = False,
) -> None:
    """Delete what the layers installed, in reverse, then run `pulumi destroy`; what holds data stays."""
    target = target_of(stack)
    client = target.client()
    refuse_other_cluster(client, target.cluster.name)
    way = destruction(platform(target.cluster), delete_data=delete_data)
    show_teardown(way)
    arguments = _confirmed(client, tuple(flags or ()))
    target.prepare()
    # It takes the stack's lock, so that it fails before anything is changed while another update runs.
    _pulumi(target.pulumi, "refresh", "--yes", "--skip-preview")
    namespaces = _removed(client, way)
    _pulumi(target.pulumi, "destroy", *arguments)
    show_kept(way, namespaces, kept_crds(client, way))


def refuse_other_cluster(client: Client, name: str) -> None:
    """UnfitClusterError where the variables on the API server are another cluster's."""
    variables = filter(None, (live(client, ObjectReference.of(item)) for item in VARIABLES))
    if problems := tuple(strange(name, variables)):
        raise UnfitClusterError(problems)


def _confirmed(client: Client, flags: tuple[str, ...]) -> tuple[str, ...]:
    """Pulumi's flags, once the user has agreed."""
    if not _YES.isdisjoint(flags):
        return flags
    if not sys.stdin.isatty():
        raise typer.BadParameter("needed where nobody can be asked", param_hint="--yes")
    typer.confirm(f"Delete this from {client.server}?", abort=True)
    return ("--yes", "--skip-preview", *flags)


def _pulumi(pulumi: Pulumi, *arguments: str) -> None:
    """Run a command to its end; typer.Exit with its status where it fails."""
    with pulumi.start(partial(console().print, markup=False), *arguments) as run:
        status = run.finish()
    if status:
        raise typer.Exit(status)


def _removed(client: Client, way: Destruction) -> tuple[NamespaceEnd, ...]:
    try:
        with DeletionProgress(time.monotonic()) as progress:
            return Removal(client, progress).run(way)
    except GitOpsError as error:
        # Whatever it is, something has gone by now.
        raise DestroyError(error.problems) from None
