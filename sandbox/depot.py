"""The depot: Git repositories, charts and OCI artifacts that the cluster reads over HTTP."""

import os
import subprocess
from pathlib import Path
from typing import Final

from sandbox.errors import refusal
from sandbox.place import Place
from sandbox.processes import Service

HOST: Final = "depot.internal"
"""The name that everything in a sandbox reaches the depot by, through the proxy that the depot itself is."""

REPOSITORY: Final = "homelab.git"
NAME: Final = "depot"


def service(place: Place, program: Path) -> Service:
    """Its process."""
    # It runs Git. What else the shell holds is no business of a process that outlives it, least of all its secrets.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(place.depot)}
    return Service(name=NAME, command=(str(program), address(place), str(place.depot)), environment=environment)


def address(place: Place) -> str:
    """Where it listens."""
    return f"127.0.0.1:{place.ports.get(NAME)}"


def proxy(place: Place) -> dict[str, str]:
    """Environment variables that lead to it; curl, so Git, reads those in lower case, and Go prefers the others."""
    url, others = f"http://{address(place)}", "127.0.0.1,localhost"
    return {"http_proxy": url, "HTTP_PROXY": url, "no_proxy": others, "NO_PROXY": others}


def make_repository(place: Place) -> None:
    """An empty Git repository that anyone in the sandbox may push to."""
    repository = place.depot / "git" / REPOSITORY
    repository.mkdir(parents=True, exist_ok=True)
    # Both may be done again, so that an interruption between them does no harm.
    for arguments in (["init", "--quiet", "--bare"], ["config", "--file", "config", "http.receivepack", "true"]):
        _git(repository, arguments)


def _git(repository: Path, arguments: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 — arguments are a list
            ["git", *arguments],  # noqa: S607 — the user's own Git
            cwd=repository,
            env={name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise refusal("git", "git", "Git is not installed", "install Git") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        where, fix = f"git {arguments[0]} ({repository})", "run it by hand in this folder"
        raise refusal("git", where, f"it failed: {said[-1]}", fix)
