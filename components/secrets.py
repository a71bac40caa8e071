"""The secrets layer."""

from components.component import Component


class SecretsLayer(Component):
    """The 1Password Connect server."""

    component = "secret"
