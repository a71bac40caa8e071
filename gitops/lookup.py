"""Looking into plain data whose shape nobody guarantees: chart values and custom resources."""

from collections.abc import Mapping
from typing import Any


def value_at(values: Any, path: str, *, default: Any = None) -> Any:
    """What stands at a dotted path."""
    found: Any = values
    for key in path.split("."):
        if not isinstance(found, Mapping) or key not in found:
            return default
        found = found[key]
    return found


def text_at(values: Any, path: str, *, default: str = "") -> str:
    """The text at a dotted path; the default where something else stands there."""
    found = value_at(values, path)
    return found if isinstance(found, str) else default


def mapping_at(values: Any, path: str) -> Mapping[str, Any]:
    """The mapping at a dotted path; an empty one where something else stands there."""
    found = value_at(values, path)
    return found if isinstance(found, Mapping) else {}


def mappings_at(values: Any, path: str) -> tuple[Mapping[str, Any], ...]:
    """The mappings of the list at a dotted path, less what else is in it."""
    found = value_at(values, path)
    return tuple(item for item in found if isinstance(item, Mapping)) if isinstance(found, list | tuple) else ()
