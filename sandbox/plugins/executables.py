"""The executables that make Pulumi's engine find the stand-ins on PATH."""

import shlex
import sys
from pathlib import Path
from typing import Final

PLUGINS: Final = ("kubernetes", "command")
_ROOT: Final = Path(__file__).parent.parent.parent


def write_executables(folder: Path) -> None:
    """Write `pulumi-resource-<plugin>` for each stand-in into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for plugin in PLUGINS:
        file = folder / f"pulumi-resource-{plugin}"
        file.write_text(_script(plugin), encoding="utf-8")
        file.chmod(0o755)


def _script(plugin: str) -> str:
    # The engine starts plugins wherever it likes, and the project may not be installed for this interpreter.
    path = shlex.quote(str(_ROOT))
    python = shlex.quote(sys.executable)
    return f'#!/bin/sh\nPYTHONPATH={path}${{PYTHONPATH:+:$PYTHONPATH}} exec {python} -m sandbox.plugins {plugin} "$@"\n'
