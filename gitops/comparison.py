"""What differs between two sets of objects, by object and field path."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops.objects import Manifest, ObjectKey

MISSING = object()
"""Stands for a field that one side does not have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """One field that differs; a side that lacks it has `MISSING`."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One object that differs."""

    key: ObjectKey
    kind: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...] = ()


def compare(before: Mapping[ObjectKey, Manifest], after: Mapping[ObjectKey, Manifest]) -> tuple[Change, ...]:
    """Every object that differs, sorted by key."""
    return tuple(
        change
        for key in sorted(before.keys() | after.keys())
        if (change := _change(key, before.get(key), after.get(key)))
    )


def _change(key: ObjectKey, before: Manifest | None, after: Manifest | None) -> Change | None:
    if before is None:
        return Change(key=key, kind="added")
    if after is None:
        return Change(key=key, kind="removed")
    fields = tuple(_fields("", before, after))
    return Change(key=key, kind="changed", fields=fields) if fields else None


def _fields(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _fields(_child(path, key), before.get(key, MISSING), after.get(key, MISSING))
    elif _is_list(before) and _is_list(after):
        for index in range(max(len(before), len(after))):
            yield from _fields(f"{path}[{index}]", _at(before, index), _at(after, index))
    elif before is not after and (before != after or type(before) is not type(after)):
        yield FieldChange(path=path, before=before, after=after)


def _child(path: str, key: str) -> str:
    if not key.replace("-", "").replace("_", "").isalnum():
        return f"{path}[{key!r}]"
    return f"{path}.{key}" if path else key


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _at(items: Sequence[Any], index: int) -> Any:
    return items[index] if index < len(items) else MISSING
