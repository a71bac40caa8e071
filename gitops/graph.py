"""The order between bundles: what waits for what, whether it can work, and how long it may take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from graphlib import CycleError, TopologicalSorter

from gitops.addon import Bundle
from gitops.duration import Duration

REQUEUE = Duration.seconds(30)
"""How long Flux may take to look at an unready dependency again (`--requeue-dependency`)."""


@dataclass(frozen=True, slots=True)
class BundleGraph:
    """Edges from each bundle to the bundles that it waits for; every target is itself a key."""

    edges: Mapping[str, tuple[str, ...]]

    @classmethod
    def needed(cls, bundles: Iterable[Bundle]) -> "BundleGraph":
        """The true order: what each bundle needs, and what it comes after where that is installed."""
        named = {bundle.name: bundle for bundle in bundles}
        return cls({name: installed(bundle, named) for name, bundle in named.items()})

    @classmethod
    def declared(cls, bundles: Iterable[Bundle]) -> "BundleGraph":
        """The order that Flux is told."""
        return cls({bundle.name: bundle.reconciliation.depends_on for bundle in bundles})

    def cycle(self) -> tuple[str, ...]:
        """The bundles of one cycle, the first one repeated at the end; nothing when there is none."""
        try:
            TopologicalSorter(self.edges).prepare()
        except CycleError as error:
            # graphlib lists a node before what depends on it; read as "waits for" it is the other way round.
            return tuple(reversed(error.args[1]))
        return ()

    def generations(self) -> tuple[tuple[str, ...], ...]:
        """Bundles that can be reconciled together, in order; CycleError when there is a cycle."""
        place = {name: index for index, name in enumerate(self.edges)}
        sorter = TopologicalSorter(self.edges)
        sorter.prepare()
        generations = []
        while sorter.is_active():
            ready = tuple(sorted(sorter.get_ready(), key=place.__getitem__))
            generations.append(ready)
            sorter.done(*ready)
        return tuple(generations)

    def order(self) -> tuple[str, ...]:
        """All bundles, each after everything that it waits for."""
        return tuple(name for generation in self.generations() for name in generation)

    def finish(self, timeouts: Mapping[str, Duration], *, requeue: Duration = REQUEUE) -> dict[str, Duration]:
        """When each bundle is ready at the latest: its own timeout after the slowest of what it waits for."""
        finish: dict[str, Duration] = {}
        for name in self.order():
            starts = (finish[target] + requeue for target in self.edges[name])
            finish[name] = timeouts[name] + reduce(max, starts, Duration(0))
        return finish


def awaited(bundles: Iterable[Bundle]) -> dict[str, frozenset[str]]:
    """The bundles that each bundle waits for, directly or not; cycles and bundles that are missing do no harm."""
    edges = BundleGraph.needed(bundles).edges
    return {name: _closure(name, edges) for name in edges}


def _closure(name: str, edges: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    ahead = [name]
    while ahead:
        new = set(edges.get(ahead.pop(), ())) - found
        found |= new
        ahead += new
    return frozenset(found)


def installed(bundle: Bundle, names: Iterable[str]) -> tuple[str, ...]:
    """What a bundle waits for on a platform that has the bundles `names`."""
    return bundle.needs + tuple(name for name in bundle.after if name in names)
