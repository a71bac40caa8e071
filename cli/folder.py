"""A folder that `homelab` renders into: it remembers what it wrote, and touches nothing else."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import Final

from gitops.errors import GitOpsError, Problem

MARKER: Final = ".homelab.json"


class FolderError(GitOpsError):
    """The folder cannot be rendered into; nothing was written."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a render did."""

    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder, by its path."""

    path: Path

    def write(self, files: Mapping[str, str]) -> Written:
        """Make the folder hold `files`, and nothing that an earlier render wrote and these do not want.

        New text is complete on the same disk before the first file is replaced, and the marker names every
        file beforehand, so that an interrupted render is repaired by the next.
        """
        known = self._known()
        self._refuse(self._conflicts(files, known))
        changed = {name: text for name, text in files.items() if not self._holds(name, text)}
        stale = sorted(known - files.keys())
        self.path.mkdir(parents=True, exist_ok=True)
        staging = Path(mkdtemp(prefix=".homelab-", dir=self.path))
        try:
            self._stage(staging, changed)
            self._remember(staging, known | files.keys())
            self._replace(staging, changed)
            self._remove(stale)
            self._remember(staging, files)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return Written(written=len(changed), unchanged=len(files) - len(changed), removed=len(stale))

    def _known(self) -> frozenset[str]:
        marker = self.path / MARKER
        if marker.is_file():
            return self._remembered(marker)
        if self.path.exists() and not self.path.is_dir():
            self._refuse([_problem(str(self.path), "it is a file", "choose an empty or new folder")])
        # An empty checkout of the branch that the tree is published to is as good as an empty folder.
        if self.path.exists() and any(item.name != ".git" for item in self.path.iterdir()):
            what = "it is not empty, and homelab did not write it"
            self._refuse([_problem(str(self.path), what, "choose an empty or new folder")])
        return frozenset()

    def _remembered(self, marker: Path) -> frozenset[str]:
        try:
            names = frozenset(str(name) for name in json.loads(marker.read_text(encoding="utf-8"))["files"])
        except (ValueError, TypeError, KeyError):
            fix = f"remove {MARKER} and what was rendered, and render again"
            raise FolderError([_problem(str(marker), "it is damaged", fix)]) from None
        outside = [name for name in names if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts]
        self._refuse(_problem(str(marker), f"it names {name!r}, outside the folder", "restore it") for name in outside)
        return names

    def _conflicts(self, files: Mapping[str, str], known: frozenset[str]) -> Iterable[Problem]:
        for name in files:
            path = self.path / name
            if path.exists() and name not in known:
                yield _problem(str(path), "homelab did not write this file", "move it away")
            links = [parent for parent in path.parents if parent.is_symlink() and parent != self.path]
            if links and self.path in links[0].parents:
                yield _problem(str(path), f"{links[0].name} is a link out of the folder", "replace it by a folder")

    def _holds(self, name: str, text: str) -> bool:
        path = self.path / name
        return path.is_file() and not path.is_symlink() and path.read_bytes() == text.encode()

    def _stage(self, staging: Path, changed: Mapping[str, str]) -> None:
        for name, text in changed.items():
            (staging / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).write_bytes(text.encode())

    def _replace(self, staging: Path, changed: Mapping[str, str]) -> None:
        for name in changed:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).replace(self.path / name)

    def _remove(self, stale: Sequence[str]) -> None:
        for name in stale:
            (self.path / name).unlink(missing_ok=True)
        # Deepest first, so that a folder is empty by the time it is looked at.
        parents = {self.path / parent for name in stale for parent in PurePosixPath(name).parents[:-1]}
        for folder in sorted(parents, reverse=True):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def _remember(self, staging: Path, names: Iterable[str]) -> None:
        text = json.dumps({"files": sorted(names)}, indent=2) + "\n"
        (staging / MARKER).write_text(text, encoding="utf-8")
        (staging / MARKER).replace(self.path / MARKER)

    def _refuse(self, problems: Iterable[Problem]) -> None:
        if found := tuple(problems):
            raise FolderError(found)


def _problem(where: str, what: str, fix: str) -> Problem:
    return Problem(rule="render/folder", where=where, what=what, fix=fix)
