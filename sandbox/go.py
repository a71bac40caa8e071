"""The Go toolchain, which builds what no registry has ready made."""

import contextlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxError, files_refused, refusal

MINIMUM: Final = (1, 26)
_REFUSED: Final = re.compile(
    r".*(?:40[134] |410 |dial tcp|no such host|i/o timeout|connection refused|TLS handshake).*"
)


@dataclass(frozen=True, slots=True)
class Go:
    """A Go installation, by the path of its command."""

    command: Path

    @classmethod
    def installed(cls) -> "Go":
        """The one on PATH; SandboxError when there is none, or it is too old."""
        found = shutil.which("go")
        fix = f"install Go {'.'.join(map(str, MINIMUM))} or newer (https://go.dev/dl), or the programs themselves"
        if found is None:
            raise refusal("go", "go", "the programs of the sandbox must be built, and Go is not installed", fix)
        go = cls(Path(found))
        if go.version < MINIMUM:
            raise refusal("go", found, f"Go {'.'.join(map(str, go.version))} is too old", fix)
        return go

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor."""
        said = self.run("env", "GOVERSION")
        found = re.search(r"go(\d+)\.(\d+)", said)
        if found is None:
            what = f"it does not tell its version: {said.strip() or 'nothing'}"
            raise refusal("go", str(self.command), what, "make `go env GOVERSION` work")
        return int(found[1]), int(found[2])

    def run(self, *arguments: str, folder: Path | None = None, log: Path | None = None) -> str:
        """What a Go command prints; SandboxError with the line that says why it failed."""
        with files_refused():
            done = subprocess.run(  # noqa: S603 — arguments are the project's own pins
                [self.command, *arguments],
                cwd=folder,
                env=os.environ | {"GOWORK": "off"},
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        if log is not None:
            # The disk may be full, which what Go says tells better.
            with contextlib.suppress(OSError):
                log.write_text(done.stderr, encoding="utf-8")
        if done.returncode:
            raise _failure(" ".join(("go", *arguments[:1])), done.stderr, log)
        return done.stdout


def _failure(command: str, said: str, log: Path | None) -> SandboxError:
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it gave no reason"]
    where = f"{command} ({log})" if log else command
    if "no space left on device" in said:
        return refusal(
            "space", where, "the disk is full", "free some space (the programs need 15 GiB) and run it again"
        )
    refused = [line for line in lines if _REFUSED.fullmatch(line)]
    if refused:
        fix = "look at the network, and at the proxy that go env GOPROXY names; then run it again"
        return refusal("download", where, f"a download was refused: {refused[-1]}", fix)
    return refusal("build", where, f"it failed: {lines[-1]}", "read the log; running it again builds what is missing")
