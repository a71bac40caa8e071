"""`homelab render`: the GitOps tree as files."""

from pathlib import Path
from typing import Annotated

import typer

from cli.folder import Folder
from cli.options import ProfileOption, StackArgument
from cli.project import platform_of
from cli.terminal import console
from gitops.delivery.files import registered_files
from gitops.rendering import tree


def render(
    stack: StackArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder to write to; made when missing.")],
    profile: ProfileOption = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also write what Pulumi registers, to pulumi/STACK/.")
    ] = False,
) -> None:
    """Write the tree that Flux builds the layers from."""
    platform = platform_of(stack, profile=profile)
    registered = registered_files(platform, f"pulumi/{stack}") if everything else {}
    done = Folder(out).write({**tree(platform), **registered})
    text = f"{out}: {done.written} files written, {done.unchanged} unchanged, {done.removed} removed"
    console().print(text, markup=False)
