"""The variables that Flux substitutes: the cluster's seven, and what the model derives from its config."""

import json
from dataclasses import replace
from typing import Final

from gitops.cluster import Cluster
from gitops.flux import NAMESPACE
from gitops.layer import Layer
from gitops.objects import ConfigMap, Metadata
from gitops.platform import Platform
from gitops.substitution import variables_used

CLUSTER_VARS: Final = "cluster-vars"
DERIVED_VARS: Final = "cluster-vars-derived"


def cluster_vars(cluster: Cluster) -> ConfigMap:
    """The article's ConfigMap."""
    return _config_map(CLUSTER_VARS, cluster.cluster_vars.as_data())


def derived(cluster: Cluster) -> dict[str, str]:
    """Every value that the model can derive.

    `load_balancer_ranges` and `load_balancer_blocks` are YAML flow lists: substitution works on an object's
    text, so a field that is nothing but such a variable becomes the list.
    """
    pool = cluster.pool
    free = pool.without(cluster.cluster_vars.dns_ip, cluster.cluster_vars.ingress_ip)
    network = cluster.network.model_dump(include={"pod_cidr", "service_cidr", "node_cidr"}, exclude_none=True)
    return {
        "api_host": cluster.api_host,
        "load_balancer_start": str(pool.first),
        "load_balancer_stop": str(pool.last),
        "load_balancer_ranges": json.dumps([str(part) for part in free]),
        "load_balancer_blocks": json.dumps([{"start": str(part.first), "stop": str(part.last)} for part in free]),
        **network,
    }


def with_variables(platform: Platform) -> Platform:
    """The platform with the ConfigMaps of its variables: of the derived ones just those that are used."""
    used = {name for bundle in platform.bundles for item in bundle.objects for name in variables_used(item.manifest())}
    data = {name: value for name, value in derived(platform.cluster).items() if name in used}
    config_maps = (cluster_vars(platform.cluster), *((_config_map(DERIVED_VARS, data),) if data else ()))
    return replace(platform, variables=config_maps)


def layer_values(platform: Platform, layer: Layer) -> dict[str, str]:
    """The variables that a layer's own Kustomization fills in: in its objects, and in its bundles' Kustomizations."""
    carriers = (item for item in platform.variables if layer.uses_variables and item.metadata.name == CLUSTER_VARS)
    return {name: value for item in carriers for name, value in item.data.items()} | dict(
        layer.reconciliation.substitute
    )


def _config_map(name: str, data: dict[str, str]) -> ConfigMap:
    return ConfigMap(metadata=Metadata(name=name, namespace=NAMESPACE), data=data)
