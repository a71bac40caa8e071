"""What waits for what once Flux runs: the order of bundles, of their layers, and who serves which API group."""

from collections.abc import Iterable, Mapping

from gitops.addon import Bundle
from gitops.declared import DeclaredBundle
from gitops.delivery import DELIVERIES
from gitops.flux import HelmRelease
from gitops.graph import BundleGraph
from gitops.layer import Layer
from gitops.platform import Platform


def needed(platform: Platform) -> dict[str, frozenset[str]]:
    """For each bundle all that it needs or follows, directly or not."""
    edges = BundleGraph.needed(platform.bundles).edges
    return {name: _reached(name, edges) for name in edges}


def earlier(platform: Platform) -> dict[str, frozenset[str]]:
    """For each bundle all that Flux reconciles before it: by its own edges, and by those of its layer."""
    delivery = DELIVERIES.get(platform.cluster.delivery)
    edges = (delivery.graph if delivery else BundleGraph.declared)(platform.bundles).edges
    before = {layer.name: tuple(_bundles_before(platform, layer)) for layer in platform.layers}
    direct = {
        home.bundle.name: (*edges[home.bundle.name], *before[home.layer.name]) for home in platform.declared_bundles
    }
    return {name: _reached(name, direct) for name in direct}


def _bundles_before(platform: Platform, layer: Layer) -> Iterable[str]:
    """The bundles of the layers that a layer waits for; those wait for others in their turn."""
    layers = {item.kustomization: item for item in platform.layers}
    targets = (layers[name] for name in layer.reconciliation.depends_on if name in layers)
    return (bundle.name for target in targets for bundle in target.bundles)


def _reached(start: str, edges: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    ahead = list(edges[start])
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += edges.get(name, ())
    return frozenset(found)


def serving(platform: Platform) -> dict[str, DeclaredBundle]:
    """The bundle that brings each API group's CRDs and webhooks."""
    controllers = (home for home in platform.declared_bundles if home.bundle.stage == "controllers")
    return {group: home for home in controllers for group in home.addon.serves}


def waits(bundle: Bundle) -> bool:
    """Whether a bundle counts as ready once its releases are, and not as soon as they are applied."""
    chosen = bundle.reconciliation
    checked = {(item.kind, item.namespace, item.name) for item in chosen.health_checks}
    releases = {
        (item.kind, item.metadata.namespace, item.metadata.name)
        for item in bundle.objects
        if isinstance(item, HelmRelease)
    }
    return bool(chosen.wait) or bool(releases and releases <= checked)
