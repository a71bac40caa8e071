"""The artifact that a stack is pinned to, asked for with the user's own Flux CLI and its registry login."""

import shutil
from collections.abc import Mapping
from tempfile import TemporaryDirectory

from cli.quiet import run
from gitops.delivery.oci import pull_arguments
from gitops.errors import GitOpsError, Problem
from gitops.platform import Platform


class ArtifactError(GitOpsError):
    """The registry does not hand the artifact out."""


def refuse_missing(platform: Platform, environment: Mapping[str, str]) -> None:
    """Before anything changes: Flux would keep what it has, and say so minutes later."""
    with TemporaryDirectory(prefix="homelab-") as folder:
        arguments = pull_arguments(platform, folder)
        flux = shutil.which("flux", path=environment.get("PATH"))
        if not arguments or flux is None:
            return
        said = run([flux, *arguments[1:]], environment).failure
    if said:
        raise ArtifactError(
            [
                Problem(
                    rule="artifact/pull",
                    where="homelab:oci.digest",
                    what=f"{arguments[3]} cannot be pulled: {said}",
                    fix="push it, pin a digest that is there, or log in with docker login; nothing was changed",
                )
            ]
        )
