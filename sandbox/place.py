"""One sandbox by name: its folder, and where in it things lie."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import files_refused, refusal
from sandbox.folders import state_folder
from sandbox.lock import locked
from sandbox.ports import Ports
from sandbox.processes import Processes

DEFAULT: Final = "sandbox"
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of a sandbox; everything that it makes lies in it."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            what = f"{self.name!r} is no name for a sandbox"
            raise refusal("name", "sandbox", what, "use at most 32 lower-case letters, digits and '-'")

    @property
    def folder(self) -> Path:
        """Its folder in the user's state folder."""
        return state_folder() / self.name

    @property
    def kubeconfig(self) -> Path:
        """Access to its API server, as its administrator."""
        return self.folder / "kubeconfig"

    @property
    def depot(self) -> Path:
        """What the cluster reads: `git/`, `charts/` and `registry/`."""
        return self.folder / "depot"

    @property
    def ports(self) -> Ports:
        """Its ports on loopback."""
        return Ports(self.folder / "ports.json")

    @property
    def bare(self) -> Path:
        """There where the sandbox was made without Flux."""
        return self.folder / "bare"

    @property
    def processes(self) -> Processes:
        """Its processes, but for those of the control plane."""
        return Processes(self.folder / "processes")

    def make(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def remove(self) -> None:
        """Remove the folder and all that is in it, and the lock beside it."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self._lock.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One command at a time."""
        with files_refused(), locked(self._lock, busy=self._refuse):
            yield

    @property
    def _lock(self) -> Path:
        # Beside the folder, so that it is held until that is gone.
        return state_folder() / f"{self.name}.lock"

    def _refuse(self) -> None:
        what = "another homelab is starting or ending this sandbox"
        raise refusal("busy", f"sandbox {self.name}", what, "wait until it is done, then run it again")


def places() -> tuple[Place, ...]:
    """The sandboxes that exist, sorted by name."""
    folders = sorted(path.name for path in state_folder().glob("*") if path.is_dir()) if state_folder().exists() else []
    return tuple(Place(name) for name in folders if _NAME.fullmatch(name))
