"""The depot: Git repositories, charts and OCI artifacts that the cluster reads over HTTP."""

import os
import subprocess
from pathlib import Path
from typing import Final

from sandbox.place import Place
from sandbox.processes import Service

HOST: Final = "depot.internal"
"""The name that everything in a sandbox reaches the depot by, through the proxy that the depot itself is."""

REPOSITORY: Final = "homelab.git"
NAME: Final = "depot"


def service(place: Place, program: Path) -> Service:
    """Its process."""
    return Service(name=NAME, command=(str(program), address(place), str(place.depot)), environment=dict(os.environ))


def address(place: Place) -> str:
    """Where it listens."""
    return f"127.0.0.1:{place.ports.get(NAME)}"


def proxy(place: Place) -> dict[str, str]:
    """Environment variables that lead to it; in lower case, because curl reads no other, and Git is curl."""
    return {"http_proxy": f"http://{address(place)}", "no_proxy": "127.0.0.1,localhost"}


def make_repository(place: Place) -> None:
    """An empty Git repository that anyone in the sandbox may push to."""
    repository = place.depot / "git" / REPOSITORY
    if (repository / "HEAD").exists():
        return
    for arguments in (["init", "--quiet", "--bare"], ["config", "--file", "config", "http.receivepack", "true"]):
        repository.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", *arguments], cwd=repository, check=True)  # noqa: S603, S607 — the user's own Git
