"""The Pulumi shell: components that register what the core decided, and decide nothing."""

from collections.abc import Mapping
from typing import Final

from components.artifact import Artifact
from components.bootstrap import FluxBootstrap
from components.cluster_vars import ClusterVarsConfigMap
from components.common_configs import CommonConfigs
from components.component import Component, ComponentArgs
from components.flux import GitSource
from components.infra import InfraLayer
from components.logging import LoggingLayer
from components.network import NetworkLayer
from components.secrets import SecretsLayer
from components.website import Website

COMPONENTS: Final[Mapping[str, type[Component]]] = {
    item.component: item
    for item in (
        FluxBootstrap,
        ClusterVarsConfigMap,
        GitSource,
        Artifact,
        CommonConfigs,
        NetworkLayer,
        SecretsLayer,
        InfraLayer,
        LoggingLayer,
        Website,
    )
}
"""The type of each component, by the name that its registrations give it."""

__all__ = [
    "COMPONENTS",
    "Artifact",
    "ClusterVarsConfigMap",
    "CommonConfigs",
    "Component",
    "ComponentArgs",
    "FluxBootstrap",
    "GitSource",
    "InfraLayer",
    "LoggingLayer",
    "NetworkLayer",
    "SecretsLayer",
    "Website",
]
