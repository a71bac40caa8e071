"""The network layer."""

from components.component import Component


class NetworkLayer(Component):
    """Cilium, load balancer addresses, ingress, certificates, trust and DNS."""

    component = "network"
