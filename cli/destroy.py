"""`homelab destroy`: ends a platform bundle by bundle, then what is Pulumi's own."""

import time
from functools import partial
from typing import Annotated

import typer

from addons.catalogue import platform
from cli.consent import agreed
from cli.existing import refuse_other_cluster
from cli.options import StackArgument
from cli.progress import DeletionProgress
from cli.pulumi import Pulumi
from cli.removal import DestroyError, Removal, kept_crds
from cli.target import target_of
from cli.teardown import show_kept, show_teardown
from cli.terminal import console
from cluster.client import Client
from gitops.destruction import Destruction, NamespaceEnd, destruction
from gitops.errors import GitOpsError


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
    arguments = agreed(tuple(flags or ()), f"Delete this from {client.server}?")
    target.prepare()
    # It takes the stack's lock, so that it fails before anything is changed while another update runs.
    _pulumi(target.pulumi, "refresh", "--yes", "--skip-preview")
    namespaces = _removed(client, way)
    _pulumi(target.pulumi, "destroy", *arguments)
    show_kept(way, namespaces, kept_crds(client, way))


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
