"""The layer of variables that many Flux objects share."""

from components.component import Component


class CommonConfigs(Component):
    """`common-configs-reconciliation`, or in delivery direct the ConfigMap `common-configs-vars` itself."""

    component = "common-configs"
