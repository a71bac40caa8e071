"""What a stack tells other stacks, through `StackReference`."""

from typing import Any

from gitops.inventory import inventory
from gitops.plan import owned, website_url
from gitops.platform import Platform
from gitops.policies.revision import revision_of


def outputs(platform: Platform) -> dict[str, Any]:
    """The stack's outputs: plain values, known before anything is registered."""
    return {
        "revision": revision_of(platform),
        "layers": {layer.name: layer.kustomization for layer in platform.layers},
        "owners": owned(inventory(platform)),
        "website": website_url(platform),
    }
