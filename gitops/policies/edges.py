"""Orders bundles by what they need instead of layer by layer."""

from dataclasses import replace

from gitops.addon import Bundle
from gitops.graph import installed
from gitops.layer import Layer
from gitops.platform import Platform


def bundle_edges(platform: Platform) -> Platform:
    """Each bundle waits for exactly the bundles it needs, so one sick workload holds back nothing else."""
    names = frozenset(bundle.name for bundle in platform.bundles)

    def ordered(bundle: Bundle) -> Bundle:
        return replace(bundle, reconciliation=replace(bundle.reconciliation, depends_on=installed(bundle, names)))

    def independent(layer: Layer) -> Layer:
        return replace(layer, follows=None, reconciliation=replace(layer.reconciliation, depends_on=()))

    return platform.map_bundles(ordered).map_layers(independent)
