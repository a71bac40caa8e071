"""The infra layer."""

from components.component import Component


class InfraLayer(Component):
    """External Secrets, log collection, metrics and storage."""

    component = "infra"
