"""Property maps of Pulumi's protocol and plain values, with what is secret and what is not known yet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime import rpc

Properties: TypeAlias = dict[str, PropertyValue]
"""A resource's inputs or outputs."""

UNKNOWN: Final = Computed()
"""Stands in plain values for one that a preview cannot know."""


def unmarshalled(properties: struct_pb2.Struct) -> Properties:
    """Properties out of the protocol; the SDK leaves the text there that stands for what is not known yet."""
    return _mapped(PropertyValue.unmarshal_map(properties), lambda held: UNKNOWN if held == rpc.UNKNOWN else held)


def marshalled(properties: Properties | None) -> struct_pb2.Struct:
    """Properties for the protocol."""
    known = _mapped(properties or {}, lambda held: rpc.UNKNOWN if isinstance(held, Computed) else held)
    return PropertyValue.marshal_map(known)


def _mapped(properties: Mapping[str, PropertyValue], change: Callable[[Any], Any]) -> Properties:
    return {key: _replaced(value, change) for key, value in properties.items()}


def _replaced(value: PropertyValue, change: Callable[[Any], Any]) -> PropertyValue:
    held = value.value
    if isinstance(held, Mapping):
        return value.with_value(_mapped(held, change))
    if isinstance(held, Sequence) and not isinstance(held, str):
        return value.with_value([_replaced(item, change) for item in held])
    return value.with_value(change(held))


def plain(value: PropertyValue) -> Any:
    """The value without its marks: whole numbers as integers, nulls in mappings dropped."""
    held = value.value
    if isinstance(held, Mapping):
        return {key: plain(item) for key, item in held.items() if item.value is not None}
    if isinstance(held, Sequence) and not isinstance(held, str):
        return [plain(item) for item in held]
    if isinstance(held, float) and held.is_integer():
        return int(held)
    return held


def plain_map(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """All values of a property map without their marks."""
    document: dict[str, Any] = plain(PropertyValue(properties))
    return document


def marked(value: Any, like: PropertyValue | None = None) -> PropertyValue:
    """A plain value as a property; secret where `like` is, as deep as both are mappings."""
    twin = like.value if like else None
    secret = like is not None and like.is_secret
    if isinstance(value, Mapping):
        twins = twin if isinstance(twin, Mapping) else {}
        secret = secret or (like is not None and not twins and like.contains_secret())
        return PropertyValue({key: marked(item, twins.get(key)) for key, item in value.items()}, secret)
    # A list may come back in another order, so one secret makes all of it secret.
    secret = secret or (like is not None and like.contains_secret())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return PropertyValue([marked(item) for item in value], secret)
    number = isinstance(value, int) and not isinstance(value, bool)
    return PropertyValue(float(value) if number else value, secret)


def marked_map(document: Mapping[str, Any], like: Mapping[str, PropertyValue]) -> Properties:
    """A plain mapping as properties, each secret where its like is."""
    return {key: marked(value, like.get(key)) for key, value in document.items()}


def has_unknown(value: Any) -> bool:
    """Whether any part of a plain value is not known."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Computed)
