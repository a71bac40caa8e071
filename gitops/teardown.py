"""Taking a platform down in order: Flux ignores `dependsOn` when it deletes, and Pulumi knows the layers alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops.addon import Bundle
from gitops.graph import BundleGraph
from gitops.platform import Platform


@dataclass(frozen=True, kw_only=True, slots=True)
class TeardownStep:
    """One bundle, in the order of deletion.

    Attributes:
        bundle: Its name.
        objects: What is deleted with it: custom resources by themselves, a chart's objects with their release.
        after: The bundles that must be gone before.
        kept_for: Why it stays: its own name where it holds data or the network, or what needs it; empty where it goes.
    """

    bundle: str
    objects: tuple[str, ...]
    after: tuple[str, ...]
    kept_for: tuple[str, ...] = ()


def teardown(platform: Platform, *, delete_data: bool = False) -> tuple[TeardownStep, ...]:
    """Every bundle after all that wait for it, so configs before the controllers and CRDs that serve them.

    What holds data or the network stays, with everything that it needs, unless `delete_data`.
    """
    graph = BundleGraph.needed(platform.bundles)
    kept = {} if delete_data else _kept(platform, graph)
    named, waiting = {bundle.name: bundle for bundle in platform.bundles}, _waiting(graph)
    return tuple(
        TeardownStep(
            bundle=name,
            objects=tuple(_objects(named[name])),
            after=tuple(waiting[name]),
            kept_for=kept.get(name, ()),
        )
        for name in reversed(graph.order())
    )


def kept_bundles(platform: Platform) -> dict[str, tuple[str, ...]]:
    """The bundles that hold data or the network, and all that these need; each with those that it is kept for."""
    return _kept(platform, BundleGraph.needed(platform.bundles))


def _kept(platform: Platform, graph: BundleGraph) -> dict[str, tuple[str, ...]]:
    kept: dict[str, tuple[str, ...]] = {}
    for name in _retained(platform):
        for needed in _needed(name, graph):
            kept[needed] = (*kept.get(needed, ()), name)
    return kept


def _retained(platform: Platform) -> Iterator[str]:
    return (bundle.name for addon in platform.addons if addon.retain for bundle in addon.bundles)


def _objects(bundle: Bundle) -> Iterator[str]:
    return (str(item.key) for item in reversed(bundle.objects) if item.kind != "Namespace")


def _waiting(graph: BundleGraph) -> dict[str, list[str]]:
    """The graph turned round: what waits for each bundle."""
    waiting: dict[str, list[str]] = {name: [] for name in graph.edges}
    for other, targets in graph.edges.items():
        for name in dict.fromkeys(targets):
            waiting[name].append(other)
    return waiting


def _needed(name: str, graph: BundleGraph) -> frozenset[str]:
    """The bundle and everything that it needs, however far."""
    return frozenset({name}).union(*(_needed(target, graph) for target in graph.edges[name]))
