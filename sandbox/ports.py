"""Ports of a sandbox on loopback: free ones at first, the same ones from then on."""

import json
import socket
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports by purpose, remembered in a file."""

    file: Path

    def get(self, purpose: str) -> int:
        """The port of a purpose; a new one where there was none."""
        known = self.known()
        if purpose not in known:
            known[purpose] = _free(known.values())
            self._write(known)
        return known[purpose]

    def known(self) -> dict[str, int]:
        """The port of every purpose that was asked for."""
        read: dict[str, int] = json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        return read

    def forget(self, purpose: str) -> None:
        """Give up a port that something else has taken meanwhile."""
        self._write({name: port for name, port in self.known().items() if name != purpose})

    def _write(self, ports: dict[str, int]) -> None:
        partial = self.file.with_suffix(".partial")
        partial.write_text(json.dumps(ports, indent=2) + "\n", encoding="utf-8")
        partial.replace(self.file)


def is_free(port: int) -> bool:
    """Whether nothing listens on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free(taken: Collection[int]) -> int:
    """A port that nothing listens on, and that no other purpose has, whose process may not listen yet."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port
