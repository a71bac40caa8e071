"""k8s-gateway: answers DNS for the hosts of Ingresses and LoadBalancer Services."""

from typing import Any, Final

from addons.network import load_balancer
from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster

NAME: Final = "k8s-gateway"
# renovate: datasource=docker depName=codeberg.org/k8s-gateway/charts/k8s-gateway
VERSION: Final = "3.7.2"
CHART: Final = Chart(name=NAME, version=VERSION, repository="oci://codeberg.org/k8s-gateway/charts")
# renovate: datasource=docker depName=codeberg.org/k8s-gateway/k8s_gateway
IMAGE_TAG: Final = "1.8.2"


def k8s_gateway(cluster: Cluster) -> Addon:
    """The DNS server of `${domain}`, at `${dns_ip}`."""
    return Addon(
        name=NAME,
        controllers=controllers(
            NAME,
            namespace(NAME),
            *CHART.release(NAME, namespace=NAME, values=_values(cluster)),
            after=load_balancer.CONFIGS,
        ),
    )


def _values(cluster: Cluster) -> dict[str, Any]:
    return {
        "domain": "${domain}",
        # The chart's default is an older image, on a registry that the project has left.
        "image": {"registry": "codeberg.org", "repository": "k8s-gateway/k8s_gateway", "tag": IMAGE_TAG},
        "watchedResources": ["Ingress", "Service"],
        # Answers that do not fit into a datagram are asked for again over TCP.
        "service": {**load_balancer.service(cluster, "${dns_ip}"), "useTcp": True},
    }
