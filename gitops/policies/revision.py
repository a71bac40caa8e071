"""Makes a change of the variables or the source visible in every layer and bundle."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

from gitops.addon import Bundle
from gitops.layer import Layer
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
    """In deliveries without a source nothing, even where the config still names a commit."""
    match platform.cluster.delivery:
        case "git":
            return platform.cluster.git and platform.cluster.git.commit
        case "oci":
            return _artifact(platform)
        case _:
            return None


def _artifact(platform: Platform) -> Any:
    """The artifact that the cluster is pinned to, or what the one to be pushed will hold."""
    pinned = platform.cluster.oci and platform.cluster.oci.digest
    objects = (item for layer in platform.layers for item in layer.objects)
    held = (item for bundle in platform.bundles for item in bundle.objects)
    # Namespaces that Pulumi makes for a secret count as before they left their bundles.
    items = sorted((*objects, *held, *platform.namespaces), key=lambda item: item.key)
    return pinned or [item.manifest() for item in items]
