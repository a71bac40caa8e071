"""Kubernetes objects as frozen values; plain mappings exist only where one is asked for its manifest."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from typing_extensions import override

from gitops.duration import Duration

Manifest: TypeAlias = dict[str, Any]
"""A plain camelCase mapping, as Kubernetes' API takes it."""


def freeze(value: Any) -> Any:
    """A read-only copy: mappings and sequences inside are read-only too."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: Any) -> Any:
    """A plain copy of dicts and lists, as YAML and JSON writers want it."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [thaw(item) for item in value]
    return value


class ObjectKey(NamedTuple):
    """What makes an object the same object; the version is left out, as one object is served in several."""

    group: str
    kind: str
    namespace: str
    name: str

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def object_key(manifest: Mapping[str, Any]) -> ObjectKey:
    """The key of a plain manifest."""
    metadata = manifest["metadata"]
    group = manifest["apiVersion"].rpartition("/")[0]
    return ObjectKey(group, manifest["kind"], metadata.get("namespace", ""), metadata["name"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """ObjectMeta, as far as a declaration sets it."""

    name: str
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", freeze(self.labels))
        object.__setattr__(self, "annotations", freeze(self.annotations))


@dataclass(frozen=True, kw_only=True, slots=True)
class KubernetesObject(ABC):
    """Any object: its version, kind and metadata; subclasses add the rest."""

    api_version: str
    kind: str
    metadata: Metadata

    @abstractmethod
    def content(self) -> Manifest:
        """The top-level fields beside apiVersion, kind and metadata."""

    def manifest(self) -> Manifest:
        """The object as Kubernetes' API takes it, keys in their customary order."""
        head = {"apiVersion": self.api_version, "kind": self.kind, "metadata": encode(self.metadata)}
        return head | self.content()

    @property
    def key(self) -> ObjectKey:
        """Group, kind, namespace and name."""
        group = self.api_version.rpartition("/")[0]
        return ObjectKey(group, self.kind, self.metadata.namespace or "", self.metadata.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unstructured(KubernetesObject):
    """An object of a kind that needs no type of its own here."""

    fields: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", freeze(self.fields))

    @override
    def content(self) -> Manifest:
        plain: Manifest = thaw(self.fields)
        return plain


@dataclass(frozen=True, kw_only=True, slots=True)
class Namespace(KubernetesObject):
    """A namespace."""

    api_version: str = field(default="v1", init=False)
    kind: str = field(default="Namespace", init=False)

    @override
    def content(self) -> Manifest:
        return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigMap(KubernetesObject):
    """A ConfigMap of text values."""

    api_version: str = field(default="v1", init=False)
    kind: str = field(default="ConfigMap", init=False)
    data: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", freeze(self.data))

    @override
    def content(self) -> Manifest:
        return {"data": thaw(self.data)}


def encode(value: Any) -> Any:
    """A typed value as plain data: camelCase keys in field order, unset and empty ones dropped."""
    if is_dataclass(value) and not isinstance(value, Duration | type):
        pairs = ((key, getattr(value, name)) for name, key in _keys(type(value)))
        return {key: encode(item) for key, item in pairs if not _is_unset(item)}
    if isinstance(value, Duration):
        return str(value)
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return thaw(value)


def _is_unset(value: Any) -> bool:
    return value is None or (isinstance(value, tuple | Mapping) and not value)


@cache
def _keys(owner: type) -> tuple[tuple[str, str], ...]:
    return tuple((item.name, item.metadata.get("key") or _camel(item.name)) for item in fields(owner))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
