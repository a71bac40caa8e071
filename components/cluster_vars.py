"""The cluster's variables."""

from components.component import Component


class ClusterVarsConfigMap(Component):
    """The ConfigMaps from which Flux substitutes variables: `cluster-vars`, and what is derived from it."""

    component = "cluster"
