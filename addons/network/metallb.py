"""MetalLB: hands out the addresses of LoadBalancer Services and announces them on the LAN."""

from typing import Final

from gitops.addon import Addon, configs, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.objects import Metadata, Unstructured

NAME: Final = "metallb"
# renovate: datasource=helm depName=metallb registryUrl=https://metallb.github.io/metallb
VERSION: Final = "0.16.1"
CHART: Final = Chart(name="metallb", version=VERSION, repository="https://metallb.github.io/metallb")
VALUES: Final = {
    # Layer 2 needs no BGP daemon, neither of the two that the chart would start.
    "frrk8s": {"enabled": False},
    "speaker": {"frr": {"enabled": False}},
}
POOL: Final = "standard"


def metallb(cluster: Cluster) -> Addon | None:
    """Installed where the cluster chose it to own the LoadBalancer addresses."""
    if cluster.network.load_balancer != "metallb":
        return None
    return Addon(
        name=NAME,
        # Uninstalling deletes the CRDs, and with them every pool and address in use.
        retain=True,
        # The speaker announces addresses from the host's network.
        pod_security="privileged",
        serves=("metallb.io",),
        controllers=controllers(
            NAME,
            namespace(NAME),
            *CHART.release(NAME, namespace=NAME, values=VALUES),
            after=("cilium-controllers",),
        ),
        configs=configs(
            NAME,
            _metallb("IPAddressPool", POOL, addresses=["${load_balancer_pool}"]),
            _metallb("L2Advertisement", POOL, ipAddressPools=[POOL]),
        ),
    )


def _metallb(kind: str, name: str, **spec: object) -> Unstructured:
    metadata = Metadata(name=name, namespace=NAME)
    return Unstructured(api_version="metallb.io/v1beta1", kind=kind, metadata=metadata, fields={"spec": spec})
