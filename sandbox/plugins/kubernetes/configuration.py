"""The provider's own configuration."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pulumi.provider.experimental.provider import DiffResponse

from cluster.kubeconfig import ClusterAccess, parse_kubeconfig, read_kubeconfig
from sandbox.plugins.properties import Properties, plain_map

_IDENTITY: Final = "clusterIdentifier"
_KUBECONFIG: Final = "kubeconfig"


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """What the provider was told, as far as it matters here."""

    access: ClusterAccess
    namespace: str
    config_map_mutable: bool = False
    secret_mutable: bool = False
    patch_force: bool = False
    upsert: bool = False

    @classmethod
    def parse(cls, args: Properties) -> "Configuration":
        """The configuration in a provider's inputs, where the environment does not say otherwise.

        Raises:
            KubeconfigError: There is no kubeconfig, or it does not hold the context.
        """
        values = plain_map(args)
        access = _access(values.get(_KUBECONFIG), values.get("context"))
        return cls(
            access=access,
            namespace=values.get("namespace") or access.config.namespace,
            config_map_mutable=_flag(values, "enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
            secret_mutable=_flag(values, "enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
            patch_force=_flag(values, "enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
            upsert=_flag(values, "upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
        )


def changed_configuration(old: Properties, new: Properties) -> DiffResponse:
    """What a change means: another cluster replaces the provider, and so everything in it."""
    before, after = plain_map(old), plain_map(new)
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    decisive = _IDENTITY if before.get(_IDENTITY) or after.get(_IDENTITY) else _KUBECONFIG
    replaces = [decisive] if decisive in changed else []
    return DiffResponse(changes=bool(changed), replaces=replaces, diffs=changed)


def _access(kubeconfig: object, context: str | None) -> ClusterAccess:
    """The kubeconfig is given as its text, as a path, as a mapping, or not at all."""
    if isinstance(kubeconfig, Mapping):
        return parse_kubeconfig(yaml.safe_dump(kubeconfig), context)
    if not isinstance(kubeconfig, str) or not kubeconfig:
        return read_kubeconfig(context=context)
    if "\n" not in kubeconfig and Path(kubeconfig).expanduser().is_file():
        return read_kubeconfig(Path(kubeconfig).expanduser(), context)
    return parse_kubeconfig(kubeconfig, context)


def _flag(values: Mapping[str, Any], key: str, variable: str) -> bool:
    # The engine sends a provider's booleans as text.
    return str(values.get(key, os.environ.get(variable, ""))).lower() == "true"
