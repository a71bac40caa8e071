"""The Pulumi project of a sandbox: the checkout's program, with stack files that the engine may write to.

Pulumi keeps a stack's salt, the secrets that are set in it, and `homelab up` the published commit, in the stack's
file; the checkout's stays clean.
"""

import sys
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.place import Place

_PROJECT: Final = "Pulumi.yaml"
_SALT: Final = "encryptionsalt"
_SECURE: Final = "secure"
_GIT: Final = "homelab:git"
_SANDBOX: Final = "homelab:sandbox"


def folder(place: Place) -> Path:
    """Where the project lies."""
    return place.folder / "pulumi" / "project"


def refresh(place: Place, checkout: Path) -> None:
    """Bring the project up to date with the checkout's stacks that live in this sandbox."""
    folder(place).mkdir(parents=True, exist_ok=True)
    project = _read(checkout / _PROJECT)
    project |= {"main": str(checkout)}
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    _write(folder(place) / _PROJECT, project)
    for file in sorted(checkout.glob("Pulumi.*.yaml")):
        stack = _read(file)
        if isinstance(stack.get("config"), dict) and stack["config"].get(_SANDBOX) == place.name:
            _write(folder(place) / file.name, _with_memory(stack, _read(folder(place) / file.name)))


def _with_memory(stack: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The stack with the salt, the secrets that were set in it, and the commit that was published last."""
    kept = {_SALT: before[_SALT]} if _SALT in before else {}
    remembered = before.get("config", {})
    commit = remembered.get(_GIT, {}).get("commit")
    config = {key: value for key, value in remembered.items() if _is_secret(value)} | stack["config"]
    if commit is not None and _GIT in config:
        config = config | {_GIT: {"commit": commit} | config[_GIT]}
    return stack | {"config": config} | kept


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {_SECURE}


def _read(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = (yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None) or {}
    return read


def _write(file: Path, document: dict[str, Any]) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    partial.replace(file)
