"""What pydantic finds, in words that say how to mend it."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from gitops.cluster import Cluster
from gitops.config.document import Path
from gitops.values import shown

_EXPECTED = {
    "string_type": ("text", "quote it: {quoted}"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "int_type": ("a whole number", "write it without quotes and point"),
    "tuple_type": ("a list", "write it as a list: [a, b]"),
    "model_type": ("a mapping", "write keys and values under it"),
    "model_attributes_type": ("a mapping", "write keys and values under it"),
    "dict_type": ("a mapping", "write keys and values under it"),
}

_BOUNDS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}

# A name or a number in the path stands between these and a model of theirs.
_CONTAINERS: Final = (Mapping, tuple)


def mistake(detail: ErrorDetails, path: Path, placed: Path) -> tuple[str, Path, str, str]:
    """Rule, path, what is wrong and how to fix it."""
    kind, context = detail["type"], detail.get("ctx", {})
    if "fix" in context:
        return kind, placed, context["what"], context["fix"]
    if kind == "missing":
        return "missing", placed, "it is missing", f"add it: {_description(path)}"
    if kind == "extra_forbidden":
        return "unknown-key", placed, *unknown(str(path[-1]), _model(path[:-1]).model_fields)
    rule, what, fix = _value_mistake(kind, detail["input"], context) or (
        "value",
        "cannot stand here",
        detail["msg"],
    )
    return rule, placed, f"{shown(detail['input'])} {what}", fix


def _value_mistake(kind: str, value: object, context: dict[str, Any]) -> tuple[str, str, str] | None:
    if kind == "literal_error":
        return "choice", "is none of the choices", f"use {context['expected']}"
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        return "range", "is out of range", f"use {word} {context[key]}"
    if kind in _EXPECTED:
        expected, fix = _EXPECTED[kind]
        return "type", f"is not {expected}", fix.format(quoted=_quoted(value))
    return None


def unknown(name: str, names: Iterable[str]) -> tuple[str, str]:
    """What and fix for a name that is none of `names`."""
    choices = sorted(names)
    close = get_close_matches(name, choices, n=1)
    fix = f"did you mean {close[0]}?" if close else f"there are {', '.join(choices)}"
    return f"there is no {shown(name)} here", fix


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, int | float) and not isinstance(value, bool) else '"…"'


def _description(path: Path) -> str:
    return str(_model(path[:-1]).model_fields[str(path[-1])].description)


def _model(path: Path) -> type[BaseModel]:
    """The model at a path, which leads to one."""
    model: type[BaseModel] = Cluster
    parts = iter(path)
    for part in parts:
        annotation = model.model_fields[str(part)].annotation
        model = next(item for item in get_args(annotation) or (annotation,) if issubclass(item, BaseModel))
        if get_origin(annotation) in _CONTAINERS:
            next(parts)
    return model
