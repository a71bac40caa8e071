"""Programs on PATH that are shell scripts, and tell what they were asked."""

import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

# The folder of Git and the shell's own programs, and of nothing that a sandbox is made of.
SYSTEM = "/usr/bin:/bin"

GO = """\
case "$1" in
env) echo go1.26.1 ;;
build)
  while [ $# -gt 0 ]; do
    case "$1" in -o) target="$2" ;; esac
    shift
  done
  echo "built" > "$target" ;;
mod)
  [ "$2" = download ] && cat "$ANSWERS" || : ;;
esac
"""
"""A Go that builds whatever it is asked for."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder on PATH."""

    folder: Path

    @classmethod
    def on_path(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> "Programs":
        folder.mkdir()
        monkeypatch.setenv("PATH", f"{folder}:{SYSTEM}")
        return cls(folder)

    def add(self, name: str, script: str = "") -> Path:
        """A program that writes down its arguments, then does what the script says."""
        file = self.folder / name
        file.write_text(f'#!/bin/sh\necho "$*" >> "{self._calls(name)}"\n{script}', encoding="utf-8")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        return file

    def says(self, name: str, text: str, *, status: int = 0) -> Path:
        return self.add(name, f"cat <<'END'\n{text}\nEND\nexit {status}\n")

    def fails(self, name: str, text: str, *, status: int = 1) -> Path:
        return self.add(name, f"cat >&2 <<'END'\n{text}\nEND\nexit {status}\n")

    def calls(self, name: str) -> list[str]:
        file = self._calls(name)
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def _calls(self, name: str) -> Path:
        return self.folder.parent / f"{name}.calls"
