"""How a LoadBalancer Service gets one of the fixed addresses, whoever hands them out."""

from typing import Any

from gitops.cluster import Cluster

_ANNOTATIONS = {"metallb": "metallb.io/loadBalancerIPs", "cilium": "lbipam.cilium.io/ips"}
# Cilium's L2 announcements do not work with Local; MetalLB announces from a node with a pod, so clients
# keep their address.
_TRAFFIC_POLICIES = {"metallb": "Local", "cilium": "Cluster"}

CONFIGS = ("metallb-configs", "cilium-configs")
"""The bundles that make addresses available; a cluster has one of them."""


def service(cluster: Cluster, address: str) -> dict[str, Any]:
    """Chart values of a Service of type LoadBalancer with a fixed address."""
    owner = cluster.network.load_balancer
    return {
        "type": "LoadBalancer",
        "annotations": {_ANNOTATIONS[owner]: address},
        "externalTrafficPolicy": _TRAFFIC_POLICIES[owner],
    }
