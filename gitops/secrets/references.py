"""Where an object names the Secrets and ConfigMaps that it needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gitops.objects import ObjectKey

# Kubernetes spells a reference in few ways, and charts copy them into their values.
_MAPPINGS: Final = {
    "configMap": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "configMapRef": "ConfigMap",
    "secret": "Secret",
    "secretKeyRef": "Secret",
    "secretRef": "Secret",
}
_NAME_SUFFIXES: Final = ("secretName", "SecretName", "Secret")
_LISTS: Final = {"imagePullSecrets": "Secret", "substituteFrom": None, "valuesFrom": None}
_KINDS: Final = ("Secret", "ConfigMap")
_SWITCHES: Final = ("enabled", "create")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """One place that names a Secret or ConfigMap.

    Attributes:
        key: What is named.
        field: Where, as a field path.
        keys: The keys of its data that are read there, where the place says so.
        waits: Whether nothing works before it exists; an Ingress does, and takes its certificate when it comes.
    """

    key: ObjectKey
    field: str
    keys: tuple[str, ...] = ()
    waits: bool = True


def references(value: Any, *, namespace: str, field: str = "") -> Iterator[Reference]:
    """The references in a part of an object; names without a namespace are in `namespace`.

    What a chart's values switch off is left out.
    """
    if isinstance(value, Mapping) and not is_off(value):
        for name, inner in value.items():
            path = f"{field}.{name}" if field else str(name)
            yield from _named(str(name), inner, value, _Place(namespace, path))
            yield from references(inner, namespace=namespace, field=path)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from references(inner, namespace=namespace, field=f"{field}[{index}]")


def is_off(values: Mapping[str, Any]) -> bool:
    """Whether a part of a chart's values says that it is not wanted."""
    return any(values.get(switch) is False for switch in _SWITCHES)


def named(kind: str, name: str, *, namespace: str) -> ObjectKey:
    """The key of what a text names, as `<name>` or `<namespace>/<name>`."""
    place, slash, rest = name.partition("/")
    return ObjectKey("", kind, place, rest) if slash else ObjectKey("", kind, namespace, name)


class _Place(NamedTuple):
    """A field path, and the namespace of the object that it is in."""

    namespace: str
    field: str


def _named(name: str, value: Any, siblings: Mapping[str, Any], at: _Place) -> Iterator[Reference]:
    if isinstance(value, str):
        if value and name.endswith(_NAME_SUFFIXES) and not siblings.get("optional"):
            yield _by_name(value, siblings, at)
    elif isinstance(value, Mapping):
        yield from _by_mapping("Secret" if name.endswith("SecretRef") else _MAPPINGS.get(name), value, at)
    elif name in _LISTS and isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _by_item(_LISTS[name], item, _Place(at.namespace, f"{at.field}[{index}]"))


def _by_name(value: str, siblings: Mapping[str, Any], at: _Place) -> Reference:
    key = named("Secret", value, namespace=at.namespace)
    return Reference(key=key, field=at.field, keys=tuple(_items(siblings)), waits="hosts" not in siblings)


def _by_item(kind: str | None, item: Any, at: _Place) -> Iterator[Reference]:
    """An item of a list; some charts take names where Kubernetes has mappings."""
    if isinstance(item, Mapping):
        yield from _by_mapping(kind or item.get("kind"), item, at)
    elif kind and isinstance(item, str):
        yield Reference(key=named(kind, item, namespace=at.namespace), field=at.field)


def _by_mapping(kind: Any, value: Mapping[str, Any], at: _Place) -> Iterator[Reference]:
    name = value.get("name")
    # A chart that is told to create it needs nobody else to.
    if kind not in _KINDS or not isinstance(name, str) or not name or value.get("optional") or value.get("create"):
        return
    namespace = value.get("namespace")
    key = ObjectKey("", kind, namespace if isinstance(namespace, str) else at.namespace, name)
    read = (value.get("key"), value.get("valuesKey"), *_items(value))
    yield Reference(key=key, field=f"{at.field}.name", keys=tuple(item for item in read if isinstance(item, str)))


def _items(value: Mapping[str, Any]) -> Iterator[str]:
    """The keys that a volume picks."""
    items = value.get("items")
    listed = items if isinstance(items, list | tuple) else ()
    yield from (item["key"] for item in listed if isinstance(item, Mapping) and isinstance(item.get("key"), str))
