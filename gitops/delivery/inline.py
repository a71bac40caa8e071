"""Delivery `inline`: Pulumi registers each bundle as a ResourceSet and the variables as its inputs; there is no source.

A layer is its component's ResourceSets, and one more by the name of its Kustomization elsewhere: that one holds the
layer's own objects and is Ready when all its bundles are. Pulumi waits for it alone.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gitops.addon import Addon, Bundle, Reconciliation
from gitops.delivery import expansion
from gitops.delivery.registration import CLUSTER, Built, Registration, annotated, website
from gitops.flux import (
    NAMESPACE,
    PRUNE_ANNOTATION,
    RESOURCE_SET_API,
    TENANT_LABEL,
    Dependency,
    InputProviderReference,
    ResourceSet,
    ResourceSetInputProvider,
    ResourceSetInputProviderSpec,
    ResourceSetSpec,
)
from gitops.graph import BundleGraph
from gitops.layer import Layer
from gitops.objects import KubernetesObject, Manifest, Metadata, ObjectKey, thaw
from gitops.platform import Platform
from gitops.pulumi_annotations import WAIT_FOR
from gitops.templating import template, uses_inputs
from gitops.variables import CLUSTER_VARS

REVISION: Final = "revision"
"""The input that tells one state of the variables from the next, where the platform carries revisions."""

_OPERATOR: Final = "fluxcd.controlplane.io"
_READY: Final = "status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')"


def registrations(platform: Platform) -> tuple[Registration, ...]:
    """The inputs, a ResourceSet for each bundle, one for each layer, and the website."""
    homes = {bundle.name: (layer, bundle) for layer in platform.layers for bundle in layer.bundles}
    layers = (item for layer in platform.layers for item in _Layer(platform, layer, homes).registrations())
    return (_inputs(platform), *layers, *website(platform))


def expand(platform: Platform) -> dict[ObjectKey, Manifest]:
    """What the operator makes of the ResourceSets, and what Pulumi applies beside them."""
    return expansion.of_resource_sets(registrations(platform))


def built(platform: Platform) -> Iterator[Built]:
    """Every object that the operator makes."""
    layers = ((layer.kustomization, item) for layer in platform.layers for item in layer.objects)
    bundles = ((bundle.name, item) for bundle in platform.bundles for item in bundle.objects)
    for name, item in (*layers, *bundles):
        yield Built(ObjectKey(_OPERATOR, "ResourceSet", NAMESPACE, name), item.manifest())


def _inputs(platform: Platform) -> Registration:
    revision = _revision(platform)
    values = {name: value.replace("\n", "") for name, value in platform.values.items()}
    provider = ResourceSetInputProvider(
        metadata=Metadata(name=CLUSTER_VARS, namespace=NAMESPACE),
        spec=ResourceSetInputProviderSpec(default_values=values | ({REVISION: revision} if revision else {})),
    )
    # Without values to be had, each ResourceSet would look for them again only after a pause.
    manifest = annotated(provider, {WAIT_FOR: "condition=Ready"})
    return Registration(name=CLUSTER_VARS, component=CLUSTER, manifest=manifest)


def _revision(platform: Platform) -> str | None:
    revisions = (layer.reconciliation.substitute.get(REVISION) for layer in platform.layers)
    return next((item for item in revisions if item), None)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer in its platform, with all bundles of that by name, each with its own layer."""

    platform: Platform
    layer: Layer
    homes: dict[str, tuple[Layer, Bundle]]

    def registrations(self) -> Iterator[Registration]:
        """The bundles, each after those that it waits for, then the layer itself."""
        place = {name: index for index, name in enumerate(BundleGraph.declared(self.platform.bundles).order())}
        placed = [(addon, bundle) for addon in self.layer.addons for bundle in addon.bundles]
        sets = [self._bundle(*item) for item in sorted(placed, key=lambda item: place[item[1].name])]
        yield from sets
        yield self._layer(sets)

    def _bundle(self, addon: Addon, bundle: Bundle) -> Registration:
        chosen = bundle.reconciliation
        retained = addon.retain or not chosen.prune or chosen.deletion_policy == "Orphan"
        resources = tuple(self._resource(item, retained=retained) for item in bundle.objects)
        waits_for = (gate for name in chosen.depends_on for gate in _gates(self.homes[name][1]))
        spec = ResourceSetSpec(
            inputs_from=_inputs_from(resources),
            depends_on=(*self._inputs_ready(resources), *self._layers_before(), *waits_for),
            wait=bool(chosen.wait or chosen.health_checks) or None,
            resources=resources,
        )
        return Registration(
            name=_name(self.layer, bundle),
            component=self.layer.name,
            manifest=self._resource_set(bundle.name, chosen, spec).manifest(),
            # The operator keeps the order while it applies; when Pulumi deletes, only Pulumi does.
            depends_on=(CLUSTER_VARS, *self._follows(), *(_name(*self.homes[name]) for name in chosen.depends_on)),
        )

    def _layer(self, sets: Iterable[Registration]) -> Registration:
        layer, chosen = self.layer, self.layer.reconciliation
        retained = self.platform.cluster.retain or not chosen.prune
        resources = tuple(self._resource(item, retained=retained) for item in layer.objects)
        gates = (gate for bundle in layer.bundles for gate in _gates(bundle))
        spec = ResourceSetSpec(
            # Of the layer's whole content, so that none counts as Ready with the health of an older one.
            inputs=({REVISION: _digest(sets, resources)},) if REVISION in chosen.substitute else (),
            depends_on=(*self._layers_before(), *gates),
            wait=chosen.wait,
            resources=resources,
            # A ResourceSet must say what it holds, if it is nothing.
            resources_template=None if resources else "",
        )
        item = self._resource_set(layer.kustomization, chosen, spec)
        return Registration(
            name=layer.kustomization,
            component=layer.name,
            manifest=annotated(item, {WAIT_FOR: "condition=Ready"}),
            depends_on=(CLUSTER_VARS, *self._follows(), *(item.name for item in sets)),
            timeout=chosen.timeout,
        )

    def _resource_set(self, name: str, chosen: Reconciliation, spec: ResourceSetSpec) -> ResourceSet:
        annotations = {
            f"{_OPERATOR}/reconcileEvery": str(chosen.interval),
            f"{_OPERATOR}/reconcileTimeout": str(chosen.timeout),
        }
        labels = {TENANT_LABEL: self.layer.tenant}
        metadata = Metadata(name=name, namespace=NAMESPACE, labels=labels, annotations=annotations)
        return ResourceSet(metadata=metadata, spec=spec)

    def _resource(self, item: KubernetesObject, *, retained: bool) -> Manifest:
        """The template of an object; what Flux would not prune, the operator does not prune."""
        kept = retained or PRUNE_ANNOTATION in item.metadata.annotations
        manifest = annotated(item, {f"{_OPERATOR}/prune": "disabled"} if kept else {})
        return template(manifest, self.platform.values)

    def _inputs_ready(self, resources: tuple[Manifest, ...]) -> Iterator[Dependency]:
        """The inputs of this very revision: with none at all the operator would prune what it applied."""
        if not _inputs_from(resources):
            return
        revision = _revision(self.platform)
        exported = f"status.exportedInputs.exists(e, e.{REVISION} == '{revision}')"
        yield Dependency(
            api_version=RESOURCE_SET_API,
            kind="ResourceSetInputProvider",
            name=CLUSTER_VARS,
            namespace=NAMESPACE,
            ready=True,
            ready_expr=f"{_READY} && {exported}" if revision else None,
        )

    def _layers_before(self) -> tuple[Dependency, ...]:
        return tuple(_ready(name) for name in self.layer.reconciliation.depends_on)

    def _follows(self) -> tuple[str, ...]:
        return (f"{self.layer.follows}-reconciliation",) if self.layer.follows else ()


def _inputs_from(resources: tuple[Manifest, ...]) -> tuple[InputProviderReference, ...]:
    return (InputProviderReference(name=CLUSTER_VARS),) if any(map(uses_inputs, resources)) else ()


def _gates(bundle: Bundle) -> Iterator[Dependency]:
    """What makes a bundle ready: its ResourceSet, and what the operator's own `wait` does not see or cannot judge."""
    yield _ready(bundle.name)
    own = {(item.kind, item.metadata.name) for item in bundle.objects}
    for check in bundle.reconciliation.health_checks:
        if (check.kind, check.name) not in own:
            yield Dependency(api_version=check.api_version, kind=check.kind, name=check.name, ready=True)
    expressions = {(item.api_version, item.kind): item.current for item in bundle.reconciliation.health_check_exprs}
    for item in bundle.objects:
        if (item.api_version, item.kind) in expressions:
            yield _judged(item, expressions[item.api_version, item.kind])


def _judged(item: KubernetesObject, expression: str) -> Dependency:
    return Dependency(
        api_version=item.api_version,
        kind=item.kind,
        name=item.metadata.name,
        namespace=item.metadata.namespace,
        ready=True,
        ready_expr=expression,
    )


def _ready(name: str) -> Dependency:
    return Dependency(api_version=RESOURCE_SET_API, kind="ResourceSet", name=name, namespace=NAMESPACE, ready=True)


def _name(layer: Layer, bundle: Bundle) -> str:
    return f"{layer.name}-{bundle.name}"


def _digest(sets: Iterable[Registration], resources: tuple[Manifest, ...]) -> str:
    content = [*(item.manifest for item in sets), *map(thaw, resources)]
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
