"""Programs of the user's that run without the terminal."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Said(NamedTuple):
    """What a program wrote, and where it failed the last thing that it complained of."""

    output: str
    failure: str | None


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None) -> Said:
    """Run a command to its end."""
    done = subprocess.run(  # noqa: S603 — the user's own program
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    said = done.stderr.strip().splitlines() or ["it gave no reason"]
    return Said(done.stdout, said[-1] if done.returncode else None)
