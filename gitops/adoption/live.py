"""What a live cluster shows of itself, as far as adopting it depends on that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitops.flux import RESOURCE_SET_API
from gitops.objects import Manifest, ObjectKey

INSTANCE: Final = (RESOURCE_SET_API, "FluxInstance")

_OWNER: Final = "kustomize.toolkit.fluxcd.io"


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """One look at a cluster.

    Attributes:
        serves_flux: Whether its API server knows Kustomizations at all.
        instances: The FluxInstances.
        kustomizations: The Kustomizations of all namespaces.
        releases: The HelmReleases of all namespaces.
        objects: What the stack declares and is there already.
    """

    serves_flux: bool = True
    instances: tuple[Manifest, ...] = ()
    kustomizations: tuple[Manifest, ...] = ()
    releases: tuple[Manifest, ...] = ()
    objects: Mapping[ObjectKey, Manifest] = field(default_factory=dict)

    @property
    def syncs(self) -> tuple[Manifest, ...]:
        """The FluxInstances that make a source and a Kustomization of their own."""
        return tuple(item for item in self.instances if item["spec"].get("sync"))


def head(manifest: Mapping[str, Any]) -> Manifest:
    """What names an object, and nothing else of it."""
    metadata = {key: manifest["metadata"][key] for key in ("name", "namespace") if key in manifest["metadata"]}
    return {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "metadata": metadata}


def applied_by(kustomization: Manifest) -> dict[ObjectKey, str]:
    """What a Kustomization has applied, as its inventory says, with the version of each group."""
    entries = ((kustomization.get("status") or {}).get("inventory") or {}).get("entries") or ()
    return {_entry_key(entry["id"]): entry["v"] for entry in entries}


def _entry_key(text: str) -> ObjectKey:
    """The key that `<namespace>_<name>_<group>_<kind>` spells; `:`, which only names of RBAC hold, is written `__`."""
    namespace, _, rest = text.partition("_")
    rest, _, kind = rest.rpartition("_")
    name, _, group = rest.rpartition("_")
    return ObjectKey(group, kind, namespace, name.replace("__", ":"))


def owner_of(manifest: Manifest) -> tuple[str, str] | None:
    """Namespace and name of the Kustomization whose labels an object carries."""
    labels = manifest["metadata"].get("labels") or {}
    names = (labels.get(f"{_OWNER}/namespace"), labels.get(f"{_OWNER}/name"))
    return (names[0], names[1]) if names[0] and names[1] else None


def appliers(manifest: Manifest) -> tuple[str, ...]:
    """The field managers that apply an object."""
    managed = manifest["metadata"].get("managedFields") or ()
    return tuple(item["manager"] for item in managed if item["operation"] == "Apply" and not item.get("subresource"))


def managers(manifest: Manifest) -> frozenset[str]:
    """All field managers of an object."""
    return frozenset(item["manager"] for item in manifest["metadata"].get("managedFields") or ())
