"""Every object that the program declares for a cluster, with its one owner."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gitops.delivery import delivery_of
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.platform import Platform
from gitops.rendering import bundle_kustomization, bundle_manifests


class Owner(StrEnum):
    """Who writes an object, and deletes it."""

    PULUMI = "pulumi"
    FLUX = "flux"


@dataclass(frozen=True, slots=True)
class Entry:
    """One declared object: as it is registered, or as it stands in the tree."""

    owner: Owner
    manifest: Manifest

    @property
    def key(self) -> ObjectKey:
        """Group, kind, namespace and name."""
        return object_key(self.manifest)


def inventory(platform: Platform) -> dict[ObjectKey, Entry]:
    """Every declared object by key; what the charts create beside them is Flux's too."""
    delivery = delivery_of(platform)
    registered = (Entry(Owner.PULUMI, item.manifest) for item in delivery.registrations(platform))
    published = (Entry(Owner.FLUX, item) for item in _published(platform)) if delivery.publishes else ()
    return {entry.key: entry for entry in (*published, *registered)}


def _published(platform: Platform) -> Iterator[Manifest]:
    yield from (item.manifest() for layer in platform.layers for item in layer.objects)
    placed = (
        (bundle, f"{layer.path}/{addon.name}/{bundle.stage}")
        for layer in platform.layers
        for addon in layer.addons
        for bundle in addon.bundles
    )
    for bundle, path in placed:
        yield bundle_kustomization(platform, bundle, path).manifest()
        yield from bundle_manifests(bundle)
