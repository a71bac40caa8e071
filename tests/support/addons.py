"""What an add-on makes of a cluster, as plain manifests."""

from typing import Any

from addons.catalogue import platform, seed
from gitops.addon import Addon
from gitops.objects import Manifest
from gitops.substitution import substitute
from tests.support.stacks import variant


def addon(name: str, stack: str = "odyssey", **settings: Any) -> Addon:
    planned = platform(variant(stack, **settings))
    return next(item for item in planned.addons if item.name == name)


def names(stack: str = "odyssey", **settings: Any) -> set[str]:
    return {item.name for item in platform(variant(stack, **settings)).addons}


def objects(name: str, kind: str, stack: str = "odyssey", **settings: Any) -> list[Manifest]:
    """The seed's objects of one kind, variables resolved."""
    planned = seed(variant(stack, **settings))
    found = next(item for item in planned.addons if item.name == name)
    manifests = [item.manifest() for bundle in found.bundles for item in bundle.objects if item.kind == kind]
    return [substitute(manifest, planned.values) for manifest in manifests]


def values(name: str, stack: str = "odyssey", **settings: Any) -> dict[str, Any]:
    """The chart values of an add-on's release."""
    (release,) = objects(name, "HelmRelease", stack, **settings)
    found: dict[str, Any] = release["spec"].get("values", {})
    return found
