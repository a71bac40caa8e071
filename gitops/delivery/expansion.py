"""What a cluster ends up with: the objects of a delivery, less what carries them there.

Follows kustomize-controller: build a path (its overlay, or every file below it), substitute, set the common
metadata, apply, and go on with the Kustomizations among the result. And the Flux Operator: fill in each template of a
ResourceSet with the inputs of the provider that it names.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops.delivery.registration import Registration
from gitops.documents import from_yaml
from gitops.flux import NAMESPACE, SOURCE
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.platform import Platform
from gitops.rendering import OVERLAY, Tree
from gitops.substitution import substitute
from gitops.templating import build

_FLUX = "kustomize.toolkit.fluxcd.io"
_SOURCE = "source.toolkit.fluxcd.io"
_OPERATOR = "fluxcd.controlplane.io"
_CARRIER_KINDS = frozenset(
    {
        (_FLUX, "Kustomization"),
        (_OPERATOR, "ResourceSet"),
        (_OPERATOR, "ResourceSetInputProvider"),
    }
)
_CONTROL = ("pulumi.com/", f"{_FLUX}/", "toolkit.fluxcd.io/", "sharding.fluxcd.io/", f"{_OPERATOR}/")
_VARIABLES = "cluster-vars"


def of_registrations(registrations: Iterable[Registration]) -> dict[ObjectKey, Manifest]:
    """The objects that Pulumi applies."""
    return _plain(item.manifest for item in registrations)


def of_namespaces(platform: Platform) -> dict[ObjectKey, Manifest]:
    """The namespaces that Pulumi makes before the layers."""
    return _plain(substitute(item.manifest(), platform.values) for item in platform.namespaces)


def of_tree(registrations: Iterable[Registration], tree: Tree) -> dict[ObjectKey, Manifest]:
    """The objects that Pulumi applies, and what Flux builds from a tree by the Kustomizations among them."""
    applied = {item.key: item.manifest for item in registrations}
    config_maps = {key.name: item["data"] for key, item in applied.items() if key.kind == "ConfigMap"}
    names = frozenset((key.kind, key.name) for key in applied)
    built = (item for manifest in applied.values() for item in _Build(tree, config_maps, names).of(manifest))
    return _plain([*applied.values(), *built])


def of_resource_sets(registrations: Iterable[Registration]) -> dict[ObjectKey, Manifest]:
    """The objects that Pulumi applies, and what the operator makes of the ResourceSets among them."""
    applied = {item.key: item.manifest for item in registrations}
    providers = {key.name: item["spec"] for key, item in applied.items() if key.kind == "ResourceSetInputProvider"}
    sets = [item["spec"] for key, item in applied.items() if key.kind == "ResourceSet"]
    return _plain([*applied.values(), *(item for spec in sets for item in _built(spec, providers))])


def _built(spec: Mapping[str, Any], providers: Mapping[str, Any]) -> Iterator[Manifest]:
    inputs: dict[str, str] = {}
    for reference in spec.get("inputsFrom", ()):
        inputs |= providers[reference["name"]]["defaultValues"]
    return (build(resource, inputs) for resource in spec.get("resources", ()))


@dataclass(frozen=True, slots=True)
class _Build:
    """What kustomize-controller has at hand: the tree, ConfigMaps by name, and what is applied, by kind and name."""

    tree: Tree
    config_maps: Mapping[str, Any]
    applied: frozenset[tuple[str, str]]

    def of(self, manifest: Manifest) -> Iterator[Manifest]:
        """The objects of a Kustomization, and of those among them; of one whose source is missing none."""
        key, spec = object_key(manifest), manifest.get("spec", {})
        if (key.group, key.kind) != (_FLUX, "Kustomization") or not self._has_source(spec):
            return
        values = self._values(spec.get("postBuild", {}))
        for document in self._read(spec["path"].removeprefix("./")):
            item = substitute(document, values) if values else document
            yield item
            yield from self.of(item)

    def _has_source(self, spec: Mapping[str, Any]) -> bool:
        return (spec["sourceRef"]["kind"], spec["sourceRef"]["name"]) in self.applied

    def _values(self, post_build: Mapping[str, Any]) -> dict[str, str]:
        values: dict[str, str] = {}
        for reference in post_build.get("substituteFrom", ()):
            values |= self.config_maps[reference["name"]]
        values |= post_build.get("substitute", {})
        return values

    def _read(self, path: str) -> Iterator[Manifest]:
        overlay = self.tree.get(f"{path}/{OVERLAY}")
        if overlay is None:
            for file in (file for file in self.tree if file.startswith(f"{path}/")):
                yield from from_yaml(self.tree[file])
            return
        for resource in next(from_yaml(overlay))["resources"]:
            yield from from_yaml(self.tree[f"{path}/{resource}"])


def _plain(manifests: Iterable[Manifest]) -> dict[ObjectKey, Manifest]:
    kept = {object_key(item): item for item in manifests}
    return {key: _uncontrolled(item) for key, item in kept.items() if not _is_carrier(key)}


def _is_carrier(key: ObjectKey) -> bool:
    variables = key.kind == "ConfigMap" and key.name.startswith(_VARIABLES)
    source = key.group == _SOURCE and (key.namespace, key.name) == (NAMESPACE, SOURCE)
    return variables or source or (key.group, key.kind) in _CARRIER_KINDS


def _uncontrolled(manifest: Manifest) -> Manifest:
    metadata = dict(manifest["metadata"])
    for field in ("labels", "annotations"):
        kept = {key: value for key, value in metadata.pop(field, {}).items() if not key.startswith(_CONTROL)}
        metadata |= {field: kept} if kept else {}
    return {**manifest, "metadata": metadata}
