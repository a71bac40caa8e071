"""Delivery `direct`: Pulumi registers every object of the layers itself, with edges for their order."""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops.addon import Bundle
from gitops.delivery import expansion
from gitops.delivery.registration import Built, Registration, annotated, variables, website
from gitops.duration import Duration
from gitops.flux import PRUNE_ANNOTATION, HelmRelease, HelmRepository, OCIRepository
from gitops.graph import BundleGraph
from gitops.layer import Layer
from gitops.objects import KubernetesObject, Manifest, Namespace, ObjectKey
from gitops.platform import Platform
from gitops.policies.health_gates import CONDITIONS
from gitops.pulumi_annotations import WAIT_FOR
from gitops.substitution import substitute
from gitops.teardown import kept_bundles


def registrations(platform: Platform) -> tuple[Registration, ...]:
    """The variables, every object of every layer in the order of its bundles, and the website."""
    values = platform.values
    return (
        *variables(platform),
        *(_layer_object(platform, layer, item) for layer in platform.layers for item in layer.objects),
        *(item for placed in _ordered(platform) for item in placed.registrations(values)),
        *website(platform),
    )


def expand(platform: Platform) -> dict[ObjectKey, Manifest]:
    """What Pulumi applies."""
    return expansion.of_registrations(registrations(platform))


def built(_platform: Platform) -> tuple[Built, ...]:
    """Nothing: what Flux makes here is what the charts hold."""
    return ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A bundle where it stands in the platform, with the names of what gates it, and whether it outlives Pulumi."""

    layer: Layer
    bundle: Bundle
    gates: tuple[str, ...]
    kept: bool

    def registrations(self, values: dict[str, str]) -> Iterator[Registration]:
        for item in self.bundle.objects:
            annotations = {WAIT_FOR: f"condition={condition}"} if (condition := self._condition(item)) else {}
            yield Registration(
                name=_name(self.layer, item),
                component=self.layer.name,
                manifest=substitute(annotated(item, annotations), values),
                depends_on=self._depends_on(item),
                timeout=self._timeout(item) if annotations else None,
                retain_on_delete=self.kept or self._is_retained(item),
            )

    def _is_retained(self, item: KubernetesObject) -> bool:
        """With a namespace would go what somebody else keeps in it, a volume's claim or a secret."""
        return isinstance(item, Namespace) or PRUNE_ANNOTATION in item.metadata.annotations

    def _depends_on(self, item: KubernetesObject) -> tuple[str, ...]:
        """A release waits for all else in its bundle; namespaces and sources wait for no other bundle."""
        if isinstance(item, Namespace):
            return ()
        if isinstance(item, HelmRepository | OCIRepository):
            return self._names(Namespace)
        if isinstance(item, HelmRelease):
            return tuple(_name(self.layer, other) for other in self.bundle.objects if other != item) + self.gates
        return self._names(Namespace) + self.gates

    def _names(self, kind: type[KubernetesObject]) -> tuple[str, ...]:
        return tuple(_name(self.layer, item) for item in self.bundle.objects if isinstance(item, kind))

    def _condition(self, item: KubernetesObject) -> str | None:
        if isinstance(item, HelmRelease):
            return "Ready"
        gated = bool(self.bundle.reconciliation.health_check_exprs)
        return CONDITIONS.get((item.api_version, item.kind)) if gated else None

    def _timeout(self, item: KubernetesObject) -> Duration:
        own = item.spec.timeout if isinstance(item, HelmRelease) else None
        return max(self.bundle.reconciliation.timeout, own or Duration(0))


def _ordered(platform: Platform) -> Iterator[_Placed]:
    graph = BundleGraph.needed(platform.bundles)
    homes = {bundle.name: (layer, bundle) for layer in platform.layers for bundle in layer.bundles}
    kept = kept_bundles(platform)
    for name in graph.order():
        gates = (gate for target in graph.edges[name] for gate in _gates(*homes[target]))
        yield _Placed(*homes[name], tuple(gates), name in kept)


def _gates(layer: Layer, bundle: Bundle) -> tuple[str, ...]:
    """The names of what makes a bundle ready: its releases, or everything in it where there is none."""
    releases = tuple(item for item in bundle.objects if isinstance(item, HelmRelease))
    return tuple(_name(layer, item) for item in releases or bundle.objects)


def _layer_object(platform: Platform, layer: Layer, item: KubernetesObject) -> Registration:
    manifest = substitute(item.manifest(), platform.values)
    retained = platform.cluster.retain
    return Registration(name=_name(layer, item), component=layer.name, manifest=manifest, retain_on_delete=retained)


def _name(layer: Layer, item: KubernetesObject) -> str:
    key = item.key
    place = f"{key.namespace}/{key.name}" if key.namespace else key.name
    return f"{layer.name}-{key.kind.lower()}-{place}"
