"""Taking a platform down in order: Flux ignores `dependsOn` when it deletes, and Pulumi knows the layers alone."""

from collections.abc import Iterable, Iterator
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
    retained = () if delete_data else tuple(_retained(platform))
    named = {bundle.name: bundle for bundle in platform.bundles}
    waiting = {name: tuple(other for other, targets in graph.edges.items() if name in targets) for name in graph.edges}
    return tuple(
        TeardownStep(
            bundle=name,
            objects=tuple(_objects(named[name])),
            after=waiting[name],
            kept_for=tuple(_kept_for(name, retained, graph)),
        )
        for name in reversed(graph.order())
    )


def _retained(platform: Platform) -> Iterator[str]:
    return (bundle.name for addon in platform.addons if addon.retain for bundle in addon.bundles)


def _objects(bundle: Bundle) -> Iterator[str]:
    return (str(item.key) for item in reversed(bundle.objects) if item.kind != "Namespace")


def _kept_for(name: str, retained: Iterable[str], graph: BundleGraph) -> Iterator[str]:
    return (item for item in retained if name in _needed(item, graph))


def _needed(name: str, graph: BundleGraph) -> frozenset[str]:
    """The bundle and everything that it needs, however far."""
    return frozenset({name}).union(*(_needed(target, graph) for target in graph.edges[name]))
