"""The stack's config as the engine hands it over."""

from pathlib import Path
from typing import Final

import pulumi
from pulumi.runtime.config import CONFIG, get_config, get_config_env

from addons.catalogue import KNOWN
from gitops.cluster import Cluster
from gitops.config import parse_config, parse_stack

_NAMESPACE: Final = "homelab:"


def read_cluster(folder: Path) -> Cluster:
    """The cluster of the current stack; ConfigError with every mistake.

    A run without an engine, as under a debugger, has no config and reads the stack's file in `folder`.
    """
    config = {key: value for key, value in _config().items() if key.startswith(_NAMESPACE)}
    file = f"Pulumi.{pulumi.get_stack()}.yaml"
    if config:
        return parse_config(config, source=file, known=KNOWN)
    return parse_stack((folder / file).read_text(encoding="utf-8"), file=file, known=KNOWN)


def secret_value(key: str) -> str | None:
    """The text of `bootstrap:<key>`, decrypted; not through `pulumi.Config`, which would make it an `Output`."""
    value: str | None = get_config(f"bootstrap:{key}")
    return value


def _config() -> dict[str, object]:
    """All of it, because `pulumi.Config` cannot list keys, and an unknown key is a mistake too."""
    return {**get_config_env(), **CONFIG.get()}
