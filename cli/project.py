"""The project folder: its stacks, and the platform of one of them."""

from pathlib import Path
from typing import Final

from addons.catalogue import KNOWN, platform
from gitops.cluster import Cluster
from gitops.config import parse_stack, stack_file_name, with_overrides
from gitops.errors import Problem, StackNotFoundError
from gitops.platform import Platform

_PROJECT: Final = "Pulumi.yaml"


def folder() -> Path:
    """The project's folder: the current one, or the nearest above it that holds a Pulumi.yaml."""
    here = Path.cwd()
    for candidate in (here, *here.parents):
        if (candidate / _PROJECT).is_file():
            return candidate
    raise StackNotFoundError(
        [
            Problem(
                rule="project/found",
                where=_PROJECT,
                what="there is no Pulumi.yaml in this folder or above it",
                fix="run homelab in the project's folder",
            )
        ]
    )


def stacks() -> tuple[str, ...]:
    """The names of the project's stacks, sorted."""
    files = sorted(folder().glob("Pulumi.*.yaml"))
    return tuple(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)


def stack_file(stack: str) -> Path:
    """Where a stack's config stands."""
    return folder() / stack_file_name(stack)


def cluster_of(stack: str, *, profile: str | None = None, delivery: str | None = None) -> Cluster:
    """A stack's cluster, under another profile or delivery where one is given."""
    cluster = parse_stack(read_stack(stack), file=stack_file(stack).name, known=KNOWN)
    return with_overrides(cluster, profile=profile, delivery=delivery)


def platform_of(stack: str, *, profile: str | None = None, delivery: str | None = None) -> Platform:
    """A stack's platform, under another profile or delivery where one is given."""
    return platform(cluster_of(stack, profile=profile, delivery=delivery))


def read_stack(stack: str) -> str:
    """The text of a stack's file; StackNotFoundError when there is none that can be read."""
    file = stack_file(stack)
    if stack not in stacks():
        known = ", ".join(stacks()) or "none yet"
        raise StackNotFoundError([_unreadable(file, "there is no such stack", f"stacks: {known}")])
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise StackNotFoundError([_unreadable(file, str(reason), "make it a readable text file")]) from None


def _unreadable(file: Path, what: str, fix: str) -> Problem:
    return Problem(rule="project/stack", where=file.name, what=what, fix=fix)
