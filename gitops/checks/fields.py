"""The single values in an object, each with the way to it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

Parts: TypeAlias = tuple[str | int, ...]


class Leaf(NamedTuple):
    """One value that holds no others."""

    parts: Parts
    value: Any

    @property
    def path(self) -> str:
        """The field path, like `spec.hosts[0]`."""
        return spelled(self.parts)

    @property
    def key(self) -> str:
        """The nearest key, be it that of a list around the value."""
        return next((part for part in reversed(self.parts) if isinstance(part, str)), "")


def leaves(value: Any, parts: Parts = ()) -> Iterator[Leaf]:
    """Every single value in a manifest, in order."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*parts, str(key)))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*parts, index))
    else:
        yield Leaf(parts, value)


def spelled(parts: Parts) -> str:
    """A path as people write it."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def at(value: Any, parts: Parts) -> Any:
    """What stands at a path; nothing where the path ends early."""
    for part in parts:
        if isinstance(part, int):
            value = value[part] if isinstance(value, list | tuple) and part < len(value) else None
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    return value
