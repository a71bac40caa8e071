"""What a validator finds, in words that say how to mend it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal, TypeAlias

from jsonschema import ValidationError

from gitops.schemas.facts import EXPRESSIONS, LIST_TYPE, Schema
from gitops.values import shown

Kind: TypeAlias = Literal["unknown-field", "required-field", "value", "expression"]
_SHOWN_NAMES: Final = 12
_TYPES: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
}
_DURATION: Final = "(ms|s|m|h))+$"
_BOUNDS: Final = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "text of {} characters or more",
    "maxLength": "text of {} characters or fewer",
    "minItems": "a list of {} or more",
    "maxItems": "a list of {} or fewer",
    "minProperties": "a mapping of {} keys or more",
    "maxProperties": "a mapping of {} keys or fewer",
}
_CHOICES: Final = {"oneOf": "exactly one", "anyOf": "at least one"}
_FORMATS: Final = {
    "int32": "a number of 32 bits",
    "int64": "a number of 64 bits",
    "ipv4": "an IPv4 address",
    "cidr": "an address with its prefix length, like 192.168.0.0/24",
    "byte": "text in Base64",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One thing that an API server would refuse.

    Attributes:
        kind: What sort of mistake.
        field: Path of the field, `spec.addresses[0]`; empty for the object itself.
        what: What is wrong.
        fix: How to mend it.
    """

    kind: Kind
    field: str
    what: str
    fix: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Refused:
    """A validator's error: the keyword of the schema, what it asks for, and the value that is not so."""

    keyword: str
    wanted: Any
    value: Any
    schema: Any
    path: tuple[str | int, ...]
    message: str


def mistakes_of(error: ValidationError, *, hidden: bool = False) -> Iterator[Mistake]:
    """A validator's error as mistakes: one for each field that is unknown or missing.

    Args:
        error: What the validator found.
        hidden: Whether values must not be shown.
    """
    refused = _Refused(
        keyword=str(error.validator),
        wanted=error.validator_value,
        value=error.instance,
        schema=error.schema,
        path=tuple(error.absolute_path),
        message=error.message,
    )
    yield from _mistakes(refused, hidden=hidden)


def _mistakes(error: _Refused, *, hidden: bool) -> Iterator[Mistake]:
    if error.keyword == "additionalProperties":
        yield from _unknown_fields(error)
    elif error.keyword == "required":
        yield _missing_field(error)
    elif error.keyword == EXPRESSIONS:
        yield _broken_expression(error)
    else:
        value, expected = "it" if hidden else _described(error.value), _expected(error)
        what = f"{value} is not {expected}" if expected else f"{error.message} occurs twice"
        yield Mistake(kind="value", field=field_path(error.path), what=what, fix=_fix(error))


def field_path(parts: Iterable[str | int]) -> str:
    """A field's path as Kubernetes writes it."""
    texts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return "".join(texts).removeprefix(".")


def _unknown_fields(error: _Refused) -> Iterator[Mistake]:
    known = tuple(error.schema.get("properties", ()))
    for name in error.value:
        if name not in known:
            field = field_path((*error.path, name))
            what = f"there is no field {shown(name)} here"
            yield Mistake(kind="unknown-field", field=field, what=what, fix=suggestion(name, known))


def suggestion(name: str, known: Sequence[str]) -> str:
    """What may have been meant by a name that is not known."""
    folded = {item.casefold(): item for item in known}
    close = get_close_matches(name.casefold(), folded, n=1)
    if close:
        return f"did you mean {folded[close[0]]}?"
    if not known:
        return "remove it: there are no fields here"
    more = ", …" if len(known) > _SHOWN_NAMES else ""
    return f"remove it; there are {', '.join(sorted(known)[:_SHOWN_NAMES])}{more}"


def _missing_field(error: _Refused) -> Mistake:
    # The validator names the field in its message only, and reports each by itself.
    name = next(item for item in error.wanted if error.message.startswith(repr(item)))
    schema = error.schema.get("properties", {}).get(name, {})
    field = field_path((*error.path, name))
    return Mistake(kind="required-field", field=field, what="it is missing", fix=f"add it: {_wanted(schema)}")


def _broken_expression(error: _Refused) -> Mistake:
    field = field_path(error.path)
    what = f"it breaks the rule {error.message}"
    fix = "make the rule true: in it, self is " + (field or "the object")
    return Mistake(kind="expression", field=field, what=what, fix=fix)


def _described(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"a mapping of {len(value)} key{'' if len(value) == 1 else 's'}"
    return f"a list of {len(value)}" if isinstance(value, list) else shown(value)


def _expected(error: _Refused) -> str:
    """What the field should be; empty where only its neighbours say that it is wrong."""
    keyword, wanted = error.keyword, error.wanted
    if keyword in _BOUNDS:
        return _BOUNDS[keyword].format(wanted)
    if keyword == "format":
        return _FORMATS[wanted]
    if keyword in _CHOICES:
        return _choice(keyword, wanted)
    return "" if keyword == LIST_TYPE else _wanted({keyword: wanted})


def _choice(keyword: str, wanted: Any) -> str:
    fields = tuple(dict.fromkeys(name for item in wanted for name in item.get("required", ())))
    if fields:
        return f"a mapping with {_CHOICES[keyword]} of {', '.join(fields)}"
    return " or ".join(_wanted(item) for item in wanted)


def _wanted(schema: Schema) -> str:
    """What a schema asks for, in a few words."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if str(schema.get("pattern", "")).endswith(_DURATION):
        return "a duration, like 10m or 1h30m"
    if "pattern" in schema:
        return f"text that matches {schema['pattern']}"
    names = _types(schema.get("type", ())) - {"null"}
    return " or ".join(words for name, words in _TYPES.items() if name in names) or "what the field holds"


def _types(wanted: str | Iterable[str]) -> frozenset[str]:
    return frozenset([wanted] if isinstance(wanted, str) else wanted)


def _fix(error: _Refused) -> str:
    keyword, wanted, value = error.keyword, error.wanted, error.value
    if keyword == "enum" and isinstance(value, str):
        return suggestion(value, [str(item) for item in wanted])
    if keyword == LIST_TYPE:
        return "keep one of them"
    if keyword == "type":
        return _fix_type(_types(wanted), value)
    return f"write {_expected(error)}"


def _fix_type(wanted: frozenset[str], value: Any) -> str:
    if value is None:
        return "give it a value, or leave it out"
    if "string" in wanted and not isinstance(value, Mapping | list):
        return "quote it"
    quoted = isinstance(value, str) and wanted.isdisjoint({"object", "array"})
    return f"write {'it without quotes: ' if quoted else ''}{_wanted({'type': wanted})}"
