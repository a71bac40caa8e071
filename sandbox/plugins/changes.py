"""What differs between two plain values, path by path, as Pulumi writes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pulumi.provider.experimental.property_value import Computed
from pulumi.provider.experimental.provider import PropertyDiffKind

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the root."""

REPLACING: Final = {
    PropertyDiffKind.ADD: PropertyDiffKind.ADD_REPLACE,
    PropertyDiffKind.DELETE: PropertyDiffKind.DELETE_REPLACE,
    PropertyDiffKind.UPDATE: PropertyDiffKind.UPDATE_REPLACE,
}
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is added, gone or another; `value` is the new one."""

    path: Path
    kind: PropertyDiffKind
    value: Any = None


def changes(old: Any, new: Any, path: Path = ()) -> Iterator[Change]:
    """All changes, as deep as both sides are mappings or lists."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from changes(old.get(key, _MISSING), new.get(key, _MISSING), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from changes(_at(old, index), _at(new, index), (*path, index))
    elif old is _MISSING:
        yield Change(path, PropertyDiffKind.ADD, new)
    elif new is _MISSING:
        yield Change(path, PropertyDiffKind.DELETE)
    elif not _same(old, new):
        yield Change(path, PropertyDiffKind.UPDATE, new)


def path_text(path: Path) -> str:
    """A path as Pulumi writes it: `spec.ports[0]`, `metadata.labels["a.b/c"]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif any(mark in part for mark in '."[]'):
            text += '["' + part.replace('"', '\\"') + '"]'
        else:
            text += f".{part}" if text else part
    return text


def _at(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else _MISSING


def _same(old: Any, new: Any) -> bool:
    # What is not known yet may be anything; and true is no 1.
    known = not isinstance(new, Computed)
    return known and isinstance(old, bool) == isinstance(new, bool) and bool(old == new)
