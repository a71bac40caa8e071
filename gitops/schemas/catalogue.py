"""The kinds whose schemas are known: Kubernetes' own, and the custom resources of Flux and of the add-ons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gitops.schemas.facts import Schema

KUBERNETES: Final = ("1.35", "1.37")
"""The oldest and the newest supported minor version: an object has to be valid in both."""

BUILT_IN: Final = "x-kubernetes-group-version-kind"
"""What marks the schema of a built-in kind."""

_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
# The library's code validates one object at a time, up to the first mistake; its data is what is needed here.
# It is found without an import, which would take 10 ms.
_BUILT_IN: Final = Path(getattr(find_spec("kubernetes_validate"), "origin", "")).with_name("kubernetes-json-schema")
_CUSTOM: Final = files("gitops.schemas") / "data"
# OpenAPI does not say it in a kind's schema.
_CLUSTER_SCOPED: Final = frozenset(
    {
        *("Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"),
        *("APIService", "StorageClass", "CSIDriver", "CSINode", "VolumeAttachment", "VolumeAttributesClass"),
        *("IngressClass", "IPAddress", "ServiceCIDR", "PriorityClass", "RuntimeClass", "FlowSchema"),
        *("PriorityLevelConfiguration", "CertificateSigningRequest", "ClusterTrustBundle", "DeviceClass"),
        *("ResourceSlice", "DeviceTaintRule", "StorageVersionMigration", "ValidatingAdmissionPolicy"),
        *("ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"),
        *("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    }
)
# What the Flux Operator's own rules say of a `spec`, in other words: theirs are text under the AGPL.
_STATED: Final[Mapping[str, Schema]] = {
    "fluxcd.controlplane.io/v1/ResourceSet": {
        "anyOf": [{"required": ["steps"]}, {"required": ["resources"]}, {"required": ["resourcesTemplate"]}]
    }
}


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownKind:
    """One version of a kind.

    Attributes:
        source: Where its schema is from: a Go module at its version, or a version of Kubernetes.
        namespaced: Whether its objects are in a namespace.
        schema: Of the whole object.
    """

    source: str
    namespaced: bool
    schema: Schema


@cache
def known_kinds(api_version: str, kind: str) -> tuple[KnownKind, ...]:
    """A kind as each API server has it that takes its objects; none when no one is known to serve it."""
    if _file(api_version, kind).is_file():
        return (_custom(api_version, kind),)
    names = ((version, _index(version).get((api_version, kind))) for version in KUBERNETES)
    return tuple(_built_in(version, kind, name) for version, name in names if name)


def served_versions(group: str, kind: str) -> tuple[str, ...]:
    """The known versions of a kind, as in `apiVersion`."""
    return tuple(sorted(version for version, name in _kinds(group) if name == kind))


def served_kinds(group: str) -> tuple[str, ...]:
    """The known kinds of a group; none when the group is not known."""
    return tuple(sorted({name for _, name in _kinds(group)}))


def committed_facts() -> dict[str, Mapping[str, Any]]:
    """The facts of every custom resource, by `group/version/Kind`."""
    return {
        f"{group.name}/{version.name}/{file.name.removesuffix('.json')}": json.loads(file.read_text("utf-8"))
        for group in _CUSTOM.iterdir()
        for version in group.iterdir()
        for file in version.iterdir()
    }


def _custom(api_version: str, kind: str) -> KnownKind:
    facts = json.loads(_file(api_version, kind).read_text("utf-8"))
    definitions, fields = _definitions(KUBERNETES[-1]), facts["schema"]["properties"]
    fields["metadata"] = definitions[_META] | {"allOf": [fields["metadata"]]}
    fields.get("spec", {}).update(_STATED.get(f"{api_version}/{kind}", {}))
    return KnownKind(
        source=facts["module"],
        namespaced=facts["scope"] == "Namespaced",
        schema=facts["schema"] | {"$defs": definitions},
    )


def _built_in(version: str, kind: str, name: str) -> KnownKind:
    return KnownKind(
        source=f"Kubernetes {version}",
        namespaced=kind not in _CLUSTER_SCOPED,
        schema=_definitions(version)[name] | {"$defs": _definitions(version)},
    )


def _file(api_version: str, kind: str) -> Traversable:
    return _CUSTOM.joinpath(*api_version.split("/"), f"{kind}.json")


@cache
def _kinds(group: str) -> tuple[tuple[str, str], ...]:
    """Version, as in `apiVersion`, and name of each known kind of a group."""
    built_in = (key for version in KUBERNETES for key in _index(version) if key[0].rpartition("/")[0] == group)
    folder = _CUSTOM / group
    custom = (
        (f"{group}/{version.name}", file.name.removesuffix(".json"))
        for version in (folder.iterdir() if group and folder.is_dir() else ())
        for file in version.iterdir()
    )
    return tuple(dict.fromkeys((*built_in, *custom)))


@cache
def _index(version: str) -> dict[tuple[str, str], str]:
    """The name of the definition of every built-in kind, by `apiVersion` and kind."""
    return {
        (f"{kind['group']}/{kind['version']}".lstrip("/"), kind["kind"]): name
        for name, definition in _definitions(version).items()
        for kind in definition.get(BUILT_IN, ())
        if "metadata" in definition.get("properties", {})
    }


@cache
def _definitions(version: str) -> dict[str, dict[str, Any]]:
    file = _BUILT_IN / f"v{version}.0-local-strict" / "_definitions.json"
    definitions: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))["$defs"]
    return definitions
