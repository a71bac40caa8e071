"""Pulumi beside a sandbox: its state, its plugins and its cluster, as environment variables."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sandbox import depot, project
from sandbox.place import Place
from sandbox.plugins.executables import PLUGINS, write_executables

MARKER: Final = "HOMELAB_SANDBOX"
"""Names the folder of the sandbox that a command works in."""

GIT_CONFIG: Final = Path(__file__).with_name("gitconfig")
"""Says who publishes, where nobody has told Git who they are; on a new machine, nobody has."""


def environment(place: Place, tools: Mapping[str, Path]) -> dict[str, str]:
    """The environment in which `pulumi`, `kubectl`, `flux` and `git` see this sandbox and nothing else."""
    programs = (Path(sys.executable), *tools.values())
    folders = dict.fromkeys(map(str, (plugins(place), *(path.parent for path in programs))))
    # It would win over the file below, and a later shell that lacks it could not read the stack any more.
    inherited = {name: value for name, value in os.environ.items() if name != "PULUMI_CONFIG_PASSPHRASE"}
    return {"GIT_CONFIG_SYSTEM": str(GIT_CONFIG)} | inherited | depot.proxy(place) | {
        MARKER: str(place.folder),
        "KUBECONFIG": str(place.kubeconfig),
        "PATH": os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)]),
        # Attributes beside a file are written after it: a Pulumi killed between leaves a state that it cannot read.
        "PULUMI_BACKEND_URL": f"{(_folder(place) / 'backend').as_uri()}?metadata=skip",
        "PULUMI_OPTION_CWD": str(project.folder(place)),
        "PULUMI_HOME": str(_folder(place) / "home"),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(_folder(place) / "passphrase"),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }  # fmt: skip


def prepare(place: Place, tools: Mapping[str, Path]) -> None:
    """Make what the environment names."""
    for name in ("backend", "home"):
        (_folder(place) / name).mkdir(parents=True, exist_ok=True)
    passphrase = _folder(place) / "passphrase"
    if not passphrase.exists():
        partial = passphrase.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(), encoding="utf-8")
        partial.replace(passphrase)
    if not plugins(place).exists():
        _find_plugins(place, tools)


def _find_plugins(place: Place, tools: Mapping[str, Path]) -> None:
    """Pulumi's own plugins: from PATH, or downloaded; stand-ins where they can be had nowhere."""
    missing = [name for name in PLUGINS if shutil.which(f"pulumi-resource-{name}") is None]
    for name in missing:
        command = [str(tools["pulumi"]), "plugin", "install", "resource", name, version(f"pulumi-{name}")]
        done = subprocess.run(command, env=environment(place, tools), capture_output=True, check=False)  # noqa: S603 — pins
        if done.returncode:
            write_executables(plugins(place))
            return
    plugins(place).mkdir()


def plugins(place: Place) -> Path:
    """The folder of the stand-ins for Pulumi's plugins."""
    return _folder(place) / "plugins"


def _folder(place: Place) -> Path:
    return place.folder / "pulumi"
