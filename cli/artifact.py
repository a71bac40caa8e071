"""The artifact that a stack is pinned to, asked for with the user's own Flux CLI and its registry login."""

import shutil
import subprocess
from collections.abc import Mapping
from tempfile import TemporaryDirectory

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
        done = subprocess.run(  # noqa: S603 — the user's own Flux CLI
            [flux, *arguments[1:]],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise ArtifactError(
            [
                Problem(
                    rule="artifact/pull",
                    where="homelab:oci.digest",
                    what=f"{arguments[3]} cannot be pulled: {said[-1]}",
                    fix="push it, pin a digest that is there, or log in with docker login; nothing was changed",
                )
            ]
        )
