"""JSON Schema's keywords as an API server understands them, and those that Kubernetes adds."""

import base64
import ipaddress
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from gitops.schemas.expressions import holds
from gitops.schemas.facts import EXPRESSIONS, LIST_KEYS, LIST_TYPE, Schema

_FLAG: Final = re.compile(r"\(\?i\)")
_NO_CONTROL_CHARACTER: Final = r"[^\x00-\x1f\x7f-\x9f]"

_Found = Iterator[ValidationError]
FORMATS: Final = FormatChecker(formats=())
"""The formats that an API server checks, of those that the schemas use; others are descriptions."""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Go's regular expression as one of Python's.

    A flag in the middle is taken to hold from the start: then a text may match that Go refuses, never the reverse.
    """
    flags = re.IGNORECASE if _FLAG.search(pattern) else 0
    text = _FLAG.sub("", pattern).replace(r"\PC", _NO_CONTROL_CHARACTER)
    # In Python `$` also matches before a line break at the end.
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", text), flags)


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Schema) -> _Found:
    if isinstance(value, str) and not compiled(pattern).search(value):
        yield ValidationError("pattern")


def _expressions(_validator: Any, rules: Iterable[Mapping[str, str]], value: Any, _schema: Schema) -> _Found:
    for rule in rules:
        if not holds(rule["rule"], value):
            yield ValidationError(rule["rule"])


def _list_type(_validator: Any, kind: str, value: Any, schema: Schema) -> _Found:
    """Members of a set, and the keys of a list that is a map, may not repeat."""
    if kind == "atomic" or not isinstance(value, list):
        return
    seen: list[str] = []
    for index, item in enumerate(value):
        identity = _identity(item, schema.get(LIST_KEYS))
        if identity in seen:
            yield ValidationError(identity, path=[index])
        seen.append(identity)


def _identity(item: Any, keys: Iterable[str] | None) -> str:
    if keys is None or not isinstance(item, Mapping):
        return json.dumps(item, sort_keys=True)
    return ", ".join(f"{key} {json.dumps(item.get(key))}" for key in keys)


def _int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


def _int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def _ipv4(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.IPv4Address(value))


def _cidr(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.ip_network(value, strict=False))


def _byte(value: object) -> bool:
    return not isinstance(value, str) or base64.b64decode(value, validate=True) is not None


for _name, _check in {"int32": _int32, "int64": _int64, "ipv4": _ipv4, "cidr": _cidr, "byte": _byte}.items():
    FORMATS.checks(_name, raises=ValueError)(_check)

KubernetesValidator: Final = extend(
    Draft202012Validator,
    {"pattern": _pattern, EXPRESSIONS: _expressions, LIST_TYPE: _list_type},
    format_checker=FORMATS,
)
