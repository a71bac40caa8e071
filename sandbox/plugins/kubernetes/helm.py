"""Helm as a program: what the real provider has as a library."""

import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.plugins.errors import ResourceError

_LOOK: Final = 0.25
_FOLDERS: Final[Mapping[str, str]] = {
    "HELM_CACHE_HOME": "cache",
    "HELM_CONFIG_HOME": "config",
    "HELM_DATA_HOME": "data",
}


class HelmError(ResourceError):
    """Helm refused, or did not get through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Helm:
    """The `helm` of the engine's PATH, on one cluster.

    Attributes:
        kubeconfig: Access to the cluster.
        folder: Where Helm keeps what it downloads, and looks for its own settings: none of the user's.
        cancelled: Set when the user gives up; Helm then writes down that the release failed.
    """

    kubeconfig: Path
    folder: Path
    cancelled: threading.Event

    def run(self, *arguments: str, stdin: str = "") -> str:
        """What Helm prints.

        Raises:
            HelmError: It failed; with what it said.
        """
        program = shutil.which("helm")
        if program is None:
            raise HelmError("helm is not on PATH: start the engine by homelab, or by homelab sandbox run")
        own = {name: str(self.folder / folder) for name, folder in _FOLDERS.items()}
        process = subprocess.Popen(  # noqa: S603 — the sandbox's own program
            [program, *arguments, "--kubeconfig", str(self.kubeconfig)],
            env=os.environ | own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        output, said = self._finished(process, stdin)
        if process.returncode:
            lines = said.strip().splitlines() or [f"helm {arguments[0]} ended with status {process.returncode}"]
            raise HelmError(lines[-1].removeprefix("Error: "))
        return output

    def _finished(self, process: subprocess.Popen[str], stdin: str) -> tuple[str, str]:
        text: str | None = stdin
        while True:
            with suppress(subprocess.TimeoutExpired):
                return process.communicate(text, timeout=_LOOK)
            # It keeps what it was given before.
            text = None
            if self.cancelled.is_set():
                process.terminate()
