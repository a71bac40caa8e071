"""The order between bundles: what waits for what must exist, come earlier, and end."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from gitops.checks.rule import rule
from gitops.declared import DeclaredBundle
from gitops.errors import Violation
from gitops.graph import BundleGraph, installed
from gitops.platform import Platform


@rule("bundles/distinct")
def distinct_bundles(platform: Platform) -> Iterator[Violation]:
    """Two Kustomizations of one name are one object, so the second would replace the first."""
    counts = Counter(bundle.name for bundle in platform.bundles)
    for item in platform.declared_bundles:
        if counts[item.bundle.name] > 1:
            yield item.violation(
                what=f"{counts[item.bundle.name]} bundles are called {item.bundle.name!r}",
                fix="give each add-on a name of its own",
            )


@rule("bundles/exist")
def existing_bundles(platform: Platform) -> Iterator[Violation]:
    """A bundle that waits for one that is missing waits for ever: Flux reports `dependency … not found` and retries."""
    places = _places(platform)
    for item, target in _edges(platform, places):
        addon = target.removesuffix("-controllers").removesuffix("-configs")
        if target not in places:
            yield item.violation(
                "spec.dependsOn",
                what=f"{item.bundle.name} needs {target}, which is not installed",
                fix=f"switch {addon} on (homelab:addons.{addon}.enabled), or switch off what needs it",
            )


@rule("bundles/earlier-layer")
def earlier_layers(platform: Platform) -> Iterator[Violation]:
    """Where layers wait for each other, a bundle that waits for one of a later layer holds up its own, for ever."""
    places = _places(platform)
    for item, target in _edges(platform, places):
        if target in places and places[target] > places[item.bundle.name]:
            yield item.violation(
                "spec.dependsOn",
                what=f"{item.bundle.name} waits for {target}, which is in a later layer",
                fix=f"move the add-on to the layer of {target} or a later one, or drop the edge",
            )


@rule("bundles/acyclic")
def acyclic_bundles(platform: Platform) -> Iterator[Violation]:
    """Bundles that wait for each other never start."""
    named = {item.bundle.name: item for item in platform.declared_bundles}
    cycle = BundleGraph.needed(platform.bundles).cycle()
    if cycle:
        yield named[cycle[0]].violation(
            "spec.dependsOn",
            what=f"bundles wait for each other: {' → '.join(cycle)}",
            fix="drop one of these edges",
        )


def _places(platform: Platform) -> dict[str, int]:
    return {bundle.name: index for index, layer in enumerate(platform.layers) for bundle in layer.bundles}


def _edges(platform: Platform, places: dict[str, int]) -> Iterator[tuple[DeclaredBundle, str]]:
    for item in platform.declared_bundles:
        yield from ((item, target) for target in installed(item.bundle, places))


RULES: Final = (distinct_bundles, existing_bundles, earlier_layers, acyclic_bundles)
