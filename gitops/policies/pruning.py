"""Decides what is deleted when it leaves the platform, and what never is."""

from dataclasses import replace

from gitops.addon import Addon, Bundle
from gitops.flux import PRUNE_ANNOTATION, HelmRelease
from gitops.layer import Layer
from gitops.objects import KubernetesObject, Namespace
from gitops.platform import Platform


def pruning(platform: Platform) -> Platform:
    """What leaves a layer is removed, but never a namespace, nor an add-on that holds data or the network."""
    return platform.map_layers(_pruned).map_addons(_retained).map_objects(_kept)


def _pruned(layer: Layer) -> Layer:
    # Orphan is for the layer's own deletion, which must leave every workload.
    return replace(layer, reconciliation=replace(layer.reconciliation, prune=True, deletion_policy="Orphan"))


def _retained(addon: Addon) -> Addon:
    if not addon.retain:
        return addon
    # Orphan is for the deletion of the whole bundle; a release that is renamed within it is pruned all the same.
    released = tuple(unprunable(o) if isinstance(o, HelmRelease) else o for o in addon.controllers.objects)
    configs = addon.configs and _orphaned(addon.configs)
    return replace(addon, controllers=replace(_orphaned(addon.controllers), objects=released), configs=configs)


def _orphaned(bundle: Bundle) -> Bundle:
    return replace(bundle, reconciliation=replace(bundle.reconciliation, deletion_policy="Orphan"))


def _kept(item: KubernetesObject) -> KubernetesObject:
    return unprunable(item) if isinstance(item, Namespace) else item


def unprunable(item: KubernetesObject) -> KubernetesObject:
    """The same object, which Flux will not delete when it leaves its bundle."""
    annotations = {**item.metadata.annotations, PRUNE_ANNOTATION: "disabled"}
    return replace(item, metadata=replace(item.metadata, annotations=annotations))
