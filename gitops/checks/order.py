"""The order between bundles: what waits for what must exist, come earlier, and end."""

from collections import Counter
from collections.abc import Iterator

from gitops.addon import Addon, Bundle
from gitops.errors import Problem
from gitops.graph import BundleGraph, installed
from gitops.platform import Platform


def distinct_bundles(platform: Platform) -> Iterator[Problem]:
    """Two Kustomizations of one name are one object, so the second would replace the first."""
    counts = Counter(bundle.name for bundle in platform.bundles)
    for addon, bundle in _bundles(platform):
        if counts[bundle.name] > 1:
            yield Problem(
                rule="bundles/distinct",
                where=f"{addon.declared_at}: bundle {bundle.name}",
                what=f"{counts[bundle.name]} bundles are called {bundle.name!r}",
                fix="give each add-on a name of its own",
            )


def existing_bundles(platform: Platform) -> Iterator[Problem]:
    """A bundle that waits for one that is missing, or whose layer waits for its own, waits for ever."""
    place = {bundle.name: index for index, layer in enumerate(platform.layers) for bundle in layer.bundles}
    edges = (
        (f"{addon.declared_at}: bundle {bundle.name}", bundle.name, target)
        for addon, bundle in _bundles(platform)
        for target in installed(bundle, place)
    )
    for where, name, target in edges:
        if target not in place:
            yield _missing(where, name, target)
        elif place[target] > place[name]:
            yield _later(where, name, target)


def acyclic_bundles(platform: Platform) -> Iterator[Problem]:
    """Bundles that wait for each other never start."""
    named = {bundle.name: addon for addon, bundle in _bundles(platform)}
    cycle = BundleGraph.needed(platform.bundles).cycle()
    if cycle:
        yield Problem(
            rule="bundles/acyclic",
            where=f"{named[cycle[0]].declared_at}: bundle {cycle[0]}",
            what=f"bundles wait for each other: {' → '.join(cycle)}",
            fix="drop one of these edges",
        )


def _missing(where: str, bundle: str, target: str) -> Problem:
    addon = target.removesuffix("-controllers").removesuffix("-configs")
    return Problem(
        rule="bundles/exist",
        where=where,
        what=f"{bundle} needs {target}, which is not installed",
        fix=f"switch {addon} on (homelab:addons.{addon}.enabled), or switch off what needs it",
    )


def _later(where: str, bundle: str, target: str) -> Problem:
    return Problem(
        rule="bundles/earlier-layer",
        where=where,
        what=f"{bundle} waits for {target}, which is in a later layer",
        fix=f"move the add-on to the layer of {target} or a later one, or drop the edge",
    )


def _bundles(platform: Platform) -> Iterator[tuple[Addon, Bundle]]:
    yield from ((addon, bundle) for addon in platform.addons for bundle in addon.bundles)
