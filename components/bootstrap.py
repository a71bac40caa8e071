"""What comes before the layers."""

from components.component import Component


class FluxBootstrap(Component):
    """Flux in a bare cluster: its operator and instance, the network to start on, and the secrets from outside."""

    component = "bootstrap"
