"""How long a layer may take: the slowest path to its last bundle, step by step, and a guess at a cold start."""

from dataclasses import dataclass
from functools import reduce

from gitops.addon import Bundle
from gitops.duration import Duration
from gitops.flux import HelmRelease
from gitops.graph import REQUEUE, BundleGraph
from gitops.platform import Platform

_RELEASE = Duration.minutes(1)
"""What a release takes on a cold start, by rule of thumb: pulling its images, and starting its pods."""

_OBJECTS = Duration.seconds(5)
"""What a bundle without a release takes."""

_NOTICED = Duration.seconds(15)
"""What an edge takes on average: Flux looks every 30 s whether a dependency is ready."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One bundle of a path, and what it may take."""

    bundle: str
    timeout: Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """One layer.

    Attributes:
        layer: Its name.
        timeout: What its Kustomization allows.
        path: The bundles that come one after the other to its slowest one.
        slowest: What that path may take.
        estimate: When its last bundle is ready on a cold start, by rule of thumb.
    """

    layer: str
    timeout: Duration
    path: tuple[Step, ...]
    slowest: Duration
    estimate: Duration

    @property
    def arithmetic(self) -> str:
        """The sum, like `a 5m + 30s + b 6m = 11m30s`."""
        terms = f" + {REQUEUE} + ".join(f"{step.bundle} {step.timeout}" for step in self.path)
        return f"{terms} = {self.slowest}" if self.path else "nothing to wait for"


def timing(platform: Platform) -> tuple[Timing, ...]:
    """Every layer's, in order."""
    graph = BundleGraph.needed(platform.bundles)
    timeouts = {bundle.name: bundle.reconciliation.timeout for bundle in platform.bundles}
    guesses = {bundle.name: _guess(bundle) for bundle in platform.bundles}
    latest, likely = graph.finish(timeouts), graph.finish(guesses, requeue=_NOTICED)
    found = []
    for layer in platform.layers:
        names = [bundle.name for bundle in layer.bundles]
        last = max(names, key=latest.__getitem__, default=None)
        path = _path(graph, latest, last) if last else ()
        found.append(
            Timing(
                layer=layer.name,
                timeout=layer.reconciliation.timeout,
                path=tuple(Step(bundle=name, timeout=timeouts[name]) for name in path),
                slowest=latest[last] if last else Duration(0),
                estimate=reduce(max, (likely[name] for name in names), Duration(0)),
            )
        )
    return tuple(found)


def _path(graph: BundleGraph, latest: dict[str, Duration], last: str) -> tuple[str, ...]:
    """What comes one after the other until `last`, each the slowest of what the next waits for."""
    before = graph.edges[last]
    return (*_path(graph, latest, max(before, key=latest.__getitem__)), last) if before else (last,)


def _guess(bundle: Bundle) -> Duration:
    return _RELEASE if any(isinstance(item, HelmRelease) for item in bundle.objects) else _OBJECTS
