"""Where an object names the Secrets and ConfigMaps that it needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

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
_LISTS: Final = {"imagePullSecrets": "Secret", "substituteFrom": "", "valuesFrom": ""}
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
            yield from _named(str(name), inner, value, Reference(key=_key("", namespace, ""), field=path))
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
    return _key(kind, place, rest) if slash else _key(kind, namespace, name)


def _named(name: str, value: Any, siblings: Mapping[str, Any], at: Reference) -> Iterator[Reference]:
    if isinstance(value, str):
        if value and name.endswith(_NAME_SUFFIXES) and not siblings.get("optional"):
            yield _by_name(value, siblings, at)
    elif isinstance(value, Mapping):
        kind = "Secret" if name.endswith("SecretRef") else _MAPPINGS.get(name, "")
        yield from _by_mapping(kind, value, at)
    elif name in _LISTS:
        for index, item in enumerate(value):
            inside = Reference(key=at.key, field=f"{at.field}[{index}]")
            yield from _by_mapping(_LISTS[name] or item.get("kind", ""), item, inside)


def _by_name(value: str, siblings: Mapping[str, Any], at: Reference) -> Reference:
    keys = tuple(_items(siblings))
    key = named("Secret", value, namespace=at.key.namespace)
    return Reference(key=key, field=at.field, keys=keys, waits="hosts" not in siblings)


def _by_mapping(kind: str, value: Mapping[str, Any], at: Reference) -> Iterator[Reference]:
    name = value.get("name")
    # A chart that is told to create it needs nobody else to.
    if not kind or not isinstance(name, str) or not name or value.get("optional") or value.get("create"):
        return
    read = (value.get("key"), value.get("valuesKey"), *_items(value))
    key = _key(kind, value.get("namespace") or at.key.namespace, name)
    yield Reference(key=key, field=f"{at.field}.name", keys=tuple(item for item in read if item))


def _items(value: Mapping[str, Any]) -> Iterator[str]:
    """The keys that a volume picks."""
    yield from (item["key"] for item in value.get("items", ()) if isinstance(item, Mapping) and "key" in item)


def _key(kind: str, namespace: str, name: str) -> ObjectKey:
    return ObjectKey("", kind, namespace, name)
