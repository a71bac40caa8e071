"""The order of a platform as a Mermaid flowchart."""

from collections.abc import Iterator

from gitops.delivery import delivery_of
from gitops.layer import Layer
from gitops.platform import Platform


def flowchart(platform: Platform) -> str:
    """Layers as boxes around their bundles; an arrow points from what is ready first to what waits for it."""
    return "\n".join(_lines(platform)) + "\n"


def _lines(platform: Platform) -> Iterator[str]:
    yield "flowchart LR"
    for layer in platform.layers:
        yield from _layer_lines(layer)
    for name, targets in delivery_of(platform).graph(platform.bundles).edges.items():
        yield from (f"  {target} --> {name}" for target in targets)
    for layer in platform.layers:
        yield from (f"  {target} --> {layer.kustomization}" for target in layer.reconciliation.depends_on)


def _layer_lines(layer: Layer) -> Iterator[str]:
    yield f"  subgraph {layer.kustomization}"
    yield from (f"    {bundle.name}" for bundle in layer.bundles)
    yield "  end"
