"""`homelab publish`: the rendered tree as a commit on the stack's own branch."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from typing_extensions import override

from cli.folder import MARKER
from cli.git import Branch, GitError
from cli.options import Output, OutputOption, StackArgument
from cli.project import platform_of
from cli.terminal import console, show_json
from gitops.delivery.git import git_of
from gitops.errors import Problem
from gitops.platform import Platform
from gitops.policies.revision import revision_of
from gitops.rendering import tree

STACK_TRAILER: Final = "Homelab-Stack"
REVISION_TRAILER: Final = "Homelab-Revision"

_OTHER_SOURCE: Final = Problem(
    rule="publish/delivery",
    where="homelab:delivery",
    what="delivery oci reads no branch, and its tree names another source",
    fix="run pulumi up, which pushes the artifact, or homelab:delivery: git",
)


def publish(stack: StackArgument, output: OutputOption = Output.TEXT) -> None:
    """Commit the tree to the stack's branch and push it, where it differs from what is there."""
    done = published(stack, platform_of(stack))
    if output is Output.JSON:
        show_json(asdict(done))
        return
    pin = f"Pin it: homelab:git.commit: {done.commit}"
    console().print(str(done), pin, sep="\n", markup=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A branch, and the commit on it that holds the tree."""

    branch: str
    commit: str
    pushed: bool

    @override
    def __str__(self) -> str:
        return f"{self.branch}: {self.commit} {'pushed' if self.pushed else 'is there already'}"


def published(stack: str, platform: Platform, environment: Mapping[str, str] = os.environ) -> Published:
    """Publish a platform's tree, with Git's `environment`; GitError where Git or the branch's owner refuses."""
    if platform.cluster.delivery == "oci":
        raise GitError([_OTHER_SOURCE])
    with TemporaryDirectory(prefix="homelab-") as folder:
        branch = Branch(Path(folder), git_of(platform).url, platform.cluster.git_branch, environment)
        branch.init()
        commit, pushed = _commit(branch, stack, platform)
    return Published(branch=branch.name, commit=commit, pushed=pushed)


def _commit(branch: Branch, stack: str, platform: Platform) -> tuple[str, bool]:
    """The commit that holds the tree, and whether it is new."""
    files = tree(platform)
    files[MARKER] = json.dumps({"files": sorted(files)}, indent=2) + "\n"
    head = branch.head()
    if head:
        _refuse_others(branch, head, stack)
    message = f"Render {stack}\n\n{STACK_TRAILER}: {stack}\n{REVISION_TRAILER}: {revision_of(platform)}\n"
    commit = branch.commit(files, head, message)
    if head and branch.tree(commit) == branch.tree(head):
        return head, False
    branch.push(commit)
    return commit, True


def _refuse_others(branch: Branch, head: str, stack: str) -> None:
    """A branch that holds anything else than this stack's tree is somebody else's."""
    files = branch.files(head)
    if MARKER not in files:
        raise _foreign(branch, "homelab did not write this branch", "name an empty or new branch in homelab:git.branch")
    owner = branch.trailer(head, STACK_TRAILER)
    if owner not in {"", stack}:
        raise _foreign(branch, f"it belongs to the stack {owner}", "give each stack a branch of its own")
    strange = sorted(files - {MARKER, *json.loads(branch.text(head, MARKER))["files"]})
    if strange:
        what = f"homelab did not write {', '.join(strange[:3])}{' and more' if strange[3:] else ''}"
        raise _foreign(branch, what, "move them to another branch; publishing would remove them")


def _foreign(branch: Branch, what: str, fix: str) -> GitError:
    return GitError([Problem(rule="publish/branch", where=f"{branch.url} {branch.name}", what=what, fix=fix)])
