"""What pydantic finds, in words that say how to mend it."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, get_args

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


def mistake(detail: ErrorDetails, path: Path, placed: Path) -> tuple[str, Path, str, str]:
    """Rule, path, what is wrong and how to fix it."""
    kind, context = detail["type"], detail.get("ctx", {})
    if "fix" in context:
        return kind, placed, context["what"], context["fix"]
    if kind == "missing":
        return "missing", placed, "it is missing", f"add it: {_description(path)}"
    if kind == "extra_forbidden":
        return "unknown-key", placed, *unknown(str(path[-1]), _fields(path[:-1]))
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
    owner = _model(path[:-1])
    described = owner.model_fields[str(path[-1])].description if owner else None
    return described or "see the schema"


def _fields(path: Path) -> tuple[str, ...]:
    owner = _model(path)
    return tuple(owner.model_fields) if owner else ()


def _model(path: Path) -> type[BaseModel] | None:
    """The model of the value at a path."""
    annotation: Any = Cluster
    for part in path:
        fields = getattr(annotation, "model_fields", None)
        annotation = _model_in(fields[part].annotation if fields and part in fields else annotation)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _model_in(annotation: Any) -> Any:
    """The model inside a union or mapping, or the annotation itself."""
    models = (item for item in get_args(annotation) if isinstance(item, type) and issubclass(item, BaseModel))
    return next(models, annotation)
