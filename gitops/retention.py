"""Keeps what leaves the program in the cluster, whoever delivers it."""

from dataclasses import replace

from gitops.addon import Addon, Bundle
from gitops.layer import Layer
from gitops.platform import Platform


def retained(platform: Platform) -> Platform:
    """The platform with every add-on kept when it is removed, as others are that hold data or the network."""
    return platform.map_layers(_layer).map_addons(_addon).map_bundles(_bundle)


def _layer(layer: Layer) -> Layer:
    return replace(layer, reconciliation=replace(layer.reconciliation, deletion_policy="Orphan"))


def _addon(addon: Addon) -> Addon:
    return replace(addon, retain=True)


def _bundle(bundle: Bundle) -> Bundle:
    return replace(bundle, reconciliation=replace(bundle.reconciliation, deletion_policy="Orphan"))
