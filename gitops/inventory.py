"""Every object that the program declares for a cluster, with its one owner."""

from dataclasses import dataclass
from enum import StrEnum

from gitops.delivery import delivery_of
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.platform import Platform


class Owner(StrEnum):
    """Who writes an object, and deletes it."""

    PULUMI = "pulumi"
    FLUX = "flux"


@dataclass(frozen=True, slots=True)
class Entry:
    """One declared object: as it is registered, or before Flux fills in variables, and by which of Flux's own."""

    owner: Owner
    manifest: Manifest
    by: ObjectKey | None = None

    @property
    def key(self) -> ObjectKey:
        """Group, kind, namespace and name."""
        return object_key(self.manifest)


def inventory(platform: Platform) -> dict[ObjectKey, Entry]:
    """Every declared object by key; what the charts create beside them is Flux's too."""
    delivery = delivery_of(platform)
    registered = (Entry(Owner.PULUMI, _carrier(item.manifest)) for item in delivery.registrations(platform))
    built = (Entry(Owner.FLUX, item.manifest, item.by) for item in delivery.built(platform))
    return {entry.key: entry for entry in (*built, *registered)}


def _carrier(manifest: Manifest) -> Manifest:
    """The manifest, less the templates of a ResourceSet: they are entries by themselves."""
    if object_key(manifest).kind != "ResourceSet":
        return manifest
    return {**manifest, "spec": {key: value for key, value in manifest["spec"].items() if key != "resources"}}
