"""One branch of a remote, through the user's own Git with its credentials."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gitops.errors import GitOpsError, Problem


class GitError(GitOpsError):
    """Git refused, or is not there; nothing was pushed."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a remote repository, seen through an empty bare repository in `folder`."""

    folder: Path
    url: str
    name: str
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def init(self) -> None:
        """Make the bare repository."""
        self._git("init", "--quiet", "--bare", ".")

    def head(self) -> str | None:
        """The branch's commit, fetched without its history; nothing when there is no such branch."""
        if not self._git("ls-remote", self.url, self._ref):
            return None
        self._git("fetch", "--quiet", "--depth=1", self.url, self._ref)
        return self._git("rev-parse", "FETCH_HEAD")

    def files(self, commit: str) -> frozenset[str]:
        """The paths of a commit."""
        return frozenset(self._git("ls-tree", "-r", "-z", "--name-only", commit).rstrip("\0").split("\0"))

    def text(self, commit: str, path: str) -> str:
        """One file of a commit."""
        return self._git("show", f"{commit}:{path}")

    def trailer(self, commit: str, key: str) -> str:
        """A trailer of a commit's message; empty when it has none."""
        return self._git("log", "-1", f"--format=%(trailers:key={key},valueonly)", commit)

    def tree(self, commit: str) -> str:
        """The id of a commit's content."""
        return self._git("rev-parse", f"{commit}^{{tree}}")

    def commit(self, files: Mapping[str, str], parent: str | None, message: str) -> str:
        """A commit of exactly these files on top of `parent`."""
        stream = b"".join(_fast_import(files, parent, message, self._committer()))
        self._git("fast-import", "--quiet", "--date-format=raw-permissive", stream=stream)
        return self._git("rev-parse", "refs/heads/homelab")

    def push(self, commit: str) -> None:
        """Move the branch to a commit that follows its head; never by force."""
        self._git("push", "--quiet", self.url, f"{commit}:{self._ref}")

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.name}"

    def _committer(self) -> bytes:
        return self._git("var", "GIT_COMMITTER_IDENT").encode()

    def _git(self, *arguments: str, stream: bytes = b"") -> str:
        environment = dict(self.environment) | ({} if sys.stdin.isatty() else {"GIT_TERMINAL_PROMPT": "0"})
        try:
            done = subprocess.run(  # noqa: S603 — arguments are a list, and Git is the user's own
                ["git", *arguments],  # noqa: S607 — found on PATH, as in the user's shell
                cwd=self.folder,
                env=environment,
                input=stream,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise GitError([self._problem("git is not installed", "install Git")]) from None
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
            raise GitError([self._problem(f"git {arguments[0]} failed: {said[-1]}", _fix(arguments[0]))])
        return done.stdout.decode().rstrip("\n")

    def _problem(self, what: str, fix: str) -> Problem:
        return Problem(rule="publish/git", where=f"{self.url} {self.name}", what=what, fix=fix)


def _fix(command: str) -> str:
    if command == "push":
        return "if somebody else has published meanwhile, run it again; if not, ask for write access"
    if command == "var":
        return "tell Git who you are: git config --global user.name and user.email"
    return "try the same with git by hand: git ls-remote with this URL"


def _fast_import(files: Mapping[str, str], parent: str | None, message: str, committer: bytes) -> Iterator[bytes]:
    text = message.encode()
    yield b"commit refs/heads/homelab\ncommitter %b\ndata %d\n%b\n" % (committer, len(text), text)
    yield f"from {parent}\n".encode() if parent else b""
    yield b"deleteall\n"
    for path, content in sorted(files.items()):
        data = content.encode()
        yield b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data)
