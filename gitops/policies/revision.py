"""Makes a change of the variables or the source visible in every layer and bundle."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

from gitops.addon import Bundle
from gitops.cluster import Git, Oci
from gitops.layer import Layer
from gitops.objects import Manifest
from gitops.platform import Platform

_LENGTH = 11


def revision(platform: Platform) -> Platform:
    """Layers and bundles carry a revision, so none counts as Ready with the health of an older one."""
    value = revision_of(platform)

    def layer_revision(layer: Layer) -> Layer:
        return replace(layer, reconciliation=replace(layer.reconciliation, substitute={"revision": value}))

    def bundle_revision(bundle: Bundle) -> Bundle:
        substitute = {"revision": "${revision}"}
        return replace(bundle, reconciliation=replace(bundle.reconciliation, substitute=substitute))

    return platform.map_layers(layer_revision).map_bundles(bundle_revision)


def revision_of(platform: Platform) -> str:
    """A short hash of what the cluster reads, a pinned commit or an artifact, and every variable.

    YAML would read digits alone as a number, which is refused, so it starts with a letter.
    """
    text = json.dumps([_source(platform), platform.values], sort_keys=True)
    return f"r{sha256(text.encode()).hexdigest()[:_LENGTH]}"


def _source(platform: Platform) -> Any:
    """What the source is pinned to, or what the artifact to be pushed will hold; nothing without a source."""
    match platform.cluster.source:
        case Git(commit=pinned) | Oci(digest=str(pinned)):
            return pinned
        case Oci():
            return _artifact(platform)
        case _:
            return None


def _artifact(platform: Platform) -> list[Manifest]:
    objects = (item for layer in platform.layers for item in layer.objects)
    held = (item for bundle in platform.bundles for item in bundle.objects)
    # Namespaces that Pulumi makes for a secret count as before they left their bundles.
    items = sorted((*objects, *held, *platform.namespaces), key=lambda item: item.key)
    return [item.manifest() for item in items]
