"""Programs of the user's that run without the terminal; what they say counts only when they fail."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def failure(command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None) -> str | None:
    """Run a command; the last thing that it said where it failed."""
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
    return said[-1] if done.returncode else None
