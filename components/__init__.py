"""The Pulumi shell: components that register what the core decided, and decide nothing."""

from collections.abc import Mapping
from typing import Final

from components.artifact import Artifact
from components.bootstrap import FluxBootstrap
from components.cluster_vars import ClusterVarsConfigMap
from components.common_configs import CommonConfigs
from components.component import Component
from components.flux import GitSource
from components.infra import InfraLayer
from components.logging import LoggingLayer
from components.network import NetworkLayer
from components.secrets import SecretsLayer
from components.website import Website

COMPONENTS: Final[Mapping[str, type[Component]]] = {
    "bootstrap": FluxBootstrap,
    "cluster": ClusterVarsConfigMap,
    "flux": GitSource,
    "artifact": Artifact,
    "common-configs": CommonConfigs,
    "network": NetworkLayer,
    "secret": SecretsLayer,
    "infra": InfraLayer,
    "log": LoggingLayer,
    "wedding-website": Website,
}
"""The type of each component, by the name that its registrations give it."""
