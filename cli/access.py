"""The API server that a stack's Pulumi writes to, so that nobody asks one cluster and changes another."""

from pathlib import Path
from typing import Final

import yaml

from cli.pulumi import Pulumi
from cluster.client import Client, connect

_KUBECONFIG: Final = "kubernetes:kubeconfig"
_CONTEXT: Final = "kubernetes:context"


def client_of(pulumi: Pulumi, stack_text: str) -> Client:
    """By the kubeconfig and context of the stack's config, else by the shell's; asks nothing yet.

    Args:
        pulumi: Decrypts the config.
        stack_text: Of the stack's file; Pulumi is not asked where this names no cluster.

    Raises:
        PulumiError: The config cannot be read.
        KubeconfigError: It leads to no cluster.
    """
    settings = pulumi.config() if _names_a_cluster(stack_text) else {}
    return connect(_path_or_text(settings.get(_KUBECONFIG), pulumi.folder), settings.get(_CONTEXT))


def _names_a_cluster(stack_text: str) -> bool:
    document = yaml.safe_load(stack_text)
    # An environment of Pulumi's may hold any key.
    return "environment" in document or not {_KUBECONFIG, _CONTEXT}.isdisjoint(document.get("config") or ())


def _path_or_text(kubeconfig: str | None, folder: Path) -> Path | str | None:
    """Pulumi takes either, and one line is no kubeconfig in YAML's usual form."""
    if kubeconfig is None or "\n" in kubeconfig.strip() or kubeconfig.lstrip().startswith("{"):
        return kubeconfig
    return folder / Path(kubeconfig.strip()).expanduser()
