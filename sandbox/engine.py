"""Pulumi beside a sandbox: its state, its plugins and its cluster, as environment variables."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sandbox import depot, project
from sandbox.place import Place

MARKER: Final = "HOMELAB_SANDBOX"
"""Names the folder of the sandbox that a command works in."""


def environment(place: Place, tools: Mapping[str, Path]) -> dict[str, str]:
    """The environment in which `pulumi`, `kubectl`, `flux` and `git` see this sandbox and nothing else."""
    folders = dict.fromkeys(str(path.parent) for path in (plugins(place), Path(sys.executable), *tools.values()))
    return os.environ | depot.proxy(place) | {
        MARKER: str(place.folder),
        "KUBECONFIG": str(place.kubeconfig),
        "PATH": os.pathsep.join([*folders, os.environ.get("PATH", "")]),
        "PULUMI_BACKEND_URL": (_folder(place) / "backend").as_uri(),
        "PULUMI_OPTION_CWD": str(project.folder(place)),
        "PULUMI_HOME": str(_folder(place) / "home"),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(_folder(place) / "passphrase"),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }  # fmt: skip


def prepare(place: Place) -> None:
    """Make what the environment names."""
    for name in ("backend", "home"):
        (_folder(place) / name).mkdir(parents=True, exist_ok=True)
    passphrase = _folder(place) / "passphrase"
    if not passphrase.exists():
        passphrase.touch(mode=0o600)
        passphrase.write_text(secrets.token_urlsafe(), encoding="utf-8")


def plugins(place: Place) -> Path:
    """The folder of the stand-ins for Pulumi's plugins."""
    return _folder(place) / "plugins"


def _folder(place: Place) -> Path:
    return place.folder / "pulumi"
