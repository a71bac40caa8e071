"""What the deliveries share in which Flux builds the rendered tree from a source."""

from dataclasses import replace
from typing import Final

from gitops.delivery.registration import Registration, annotated
from gitops.flux import SHARD_LABEL, TENANT_LABEL, CommonMetadata, SubstituteReference
from gitops.layer import Layer
from gitops.platform import Platform
from gitops.pulumi_annotations import WAIT_FOR
from gitops.rendering import kustomization, source_kind
from gitops.variables import CLUSTER_VARS

LAYER_SHARD: Final = "infra"
"""The shard that reconciles the layers, where the cluster declares it."""


def layers(platform: Platform, carriers: tuple[str, ...], wait_for: str) -> tuple[Registration, ...]:
    """A Kustomization for each layer, after the carriers; Pulumi waits for it by the annotation `wait_for`."""
    return tuple(_layer(platform, layer, carriers, wait_for) for layer in platform.layers)


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
