"""Gates that do not gate: edges, waiting, time and order."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gitops.duration import Duration
from gitops.layer import Layer
from gitops.platform import Platform
from tests.breaking.breakage import Breakage
from tests.support.platforms import STRICT, with_reconciliation


def breakages() -> Iterator[Breakage]:
    """Each gate of odyssey dropped, widened, shortened or led astray."""
    for bundle in STRICT.bundles:
        chosen = bundle.reconciliation
        if chosen.wait or chosen.health_checks:
            yield _bundle("drop a gate", bundle.name, wait=None, health_checks=())
        for target in chosen.depends_on:
            kept = tuple(name for name in chosen.depends_on if name != target)
            yield _bundle(f"drop the edge to {target}", bundle.name, depends_on=kept)
            yield _bundle(f"misspell the edge to {target}", bundle.name, depends_on=(*kept, f"{target[:-1]}"))
        yield _bundle("wait for what comes later", bundle.name, depends_on=(*chosen.depends_on, _later(bundle.name)))
        yield _bundle("shorten the timeout", bundle.name, timeout=Duration.seconds(30))
        if chosen.health_check_exprs:
            yield _bundle("drop the health expressions", bundle.name, health_check_exprs=())
    for bundle in STRICT.bundles:
        if bundle.needs:
            yield Breakage("forget what it needs", bundle.name, _without_needs(bundle.name))
    for layer in STRICT.layers:
        yield _layer("drop the gate of a layer", layer, wait=None)
        yield _layer("let a layer wait for another", layer, depends_on=("network-reconciliation",))
        yield _layer("let a layer wait for nothing that exists", layer, depends_on=("networking",))
        if layer.addons:
            yield _layer("shorten the timeout of a layer", layer, timeout=Duration.minutes(1))


def _bundle(sort: str, name: str, **changes: Any) -> Breakage:
    return Breakage(sort.partition(" to ")[0], f"{name}: {sort}", with_reconciliation(STRICT, name, **changes))


def _layer(sort: str, layer: Layer, **changes: Any) -> Breakage:
    def changed(item: Layer) -> Layer:
        return (
            replace(item, reconciliation=replace(item.reconciliation, **changes)) if item.name == layer.name else item
        )

    return Breakage(sort, layer.name, STRICT.map_layers(changed))


def _later(name: str) -> str:
    names = [bundle.name for bundle in STRICT.bundles if bundle.name != name]
    return names[-1]


def _without_needs(name: str) -> Platform:
    return STRICT.map_bundles(
        lambda item: (
            replace(item, needs=(), after=(), reconciliation=replace(item.reconciliation, depends_on=()))
            if item.name == name
            else item
        )
    )
