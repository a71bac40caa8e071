"""What the deliveries share in which Flux builds the rendered tree from a source."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gitops.delivery.registration import Built, Registration, annotated, variables, website
from gitops.flux import (
    NAMESPACE,
    SHARD_LABEL,
    TENANT_LABEL,
    CommonMetadata,
    Kustomization,
    SubstituteReference,
)
from gitops.layer import Layer
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.pulumi_annotations import WAIT_FOR
from gitops.rendering import bundle_kustomization, bundle_manifests, kustomization, source_kind
from gitops.variables import CLUSTER_VARS

LAYER_SHARD: Final = "infra"
"""The shard that reconciles the layers, where the cluster declares it."""


def registrations(platform: Platform, source: Registration, wait_for: str) -> tuple[Registration, ...]:
    """The variables, the source, a Kustomization for each layer, and the website.

    Pulumi waits for a layer by the annotation `wait_for`.
    """
    carriers = (*variables(platform), source)
    names = tuple(item.name for item in carriers)
    layers = (_layer(platform, layer, names, wait_for) for layer in platform.layers)
    return (*carriers, *layers, *website(platform))


def built(platform: Platform) -> Iterator[Built]:
    """Every object of the tree, as it stands there."""
    for layer in platform.layers:
        by = _kustomization(layer.kustomization)
        yield from (Built(by, item.manifest()) for item in layer.objects)
        yield from (Built(by, item.manifest()) for item in _bundles(platform, layer))
    for bundle in platform.bundles:
        yield from (Built(_kustomization(bundle.name), item) for item in bundle_manifests(bundle))


def _bundles(platform: Platform, layer: Layer) -> Iterator[Kustomization]:
    for addon in layer.addons:
        for bundle in addon.bundles:
            yield bundle_kustomization(platform, bundle, f"{layer.path}/{addon.name}/{bundle.stage}")


def _kustomization(name: str) -> ObjectKey:
    return ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", NAMESPACE, name)


def _layer(platform: Platform, layer: Layer, carriers: tuple[str, ...], wait_for: str) -> Registration:
    shard = {SHARD_LABEL: LAYER_SHARD} if LAYER_SHARD in platform.cluster.shards else {}
    variables_of_layer = (SubstituteReference(kind="ConfigMap", name=CLUSTER_VARS),)
    item = kustomization(
        layer.kustomization,
        layer.reconciliation,
        path=layer.path,
        source=source_kind(platform),
        substitute_from=variables_of_layer if layer.uses_variables else (),
        common_metadata=CommonMetadata(labels={TENANT_LABEL: layer.tenant, **shard}),
    )
    labelled = replace(item, metadata=replace(item.metadata, labels=shard))
    follows = (f"{layer.follows}-reconciliation",) if layer.follows else ()
    return Registration(
        name=layer.kustomization,
        component=layer.name,
        manifest=annotated(labelled, {WAIT_FOR: wait_for}),
        depends_on=(*carriers, *follows),
        timeout=layer.reconciliation.timeout,
    )
