"""`pulumi.com/waitFor`: conditions and JSONPaths, as `kubectl wait` knows them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from jsonpath_rfc9535 import JSONPathError, JSONPathQuery
from jsonpath_rfc9535 import compile as compile_jsonpath

from sandbox.plugins.errors import ResourceError
from sandbox.plugins.kubernetes.annotations import annotation

_JSONPATH: Final = re.compile(r"(?P<path>\{(?P<query>.*)\})(?:=(?P<value>[^={}]+))?")


class Condition(Protocol):
    """Something that an object shall come to."""

    def satisfied(self, manifest: Mapping[str, Any]) -> bool:
        """Whether the object has come to it."""
        ...


@dataclass(frozen=True, slots=True)
class StatusCondition:
    """`condition=Type` or `condition=Type=Status`: one of `.status.conditions`, of the generation that is there now."""

    type: str
    status: str = "True"

    def satisfied(self, manifest: Mapping[str, Any]) -> bool:
        """Case does not matter; what was observed of an older generation does not count."""
        status = manifest.get("status") or {}
        for item in status.get("conditions") or ():
            if str(item.get("type")).lower() == self.type.lower() and "status" in item:
                return not _is_stale(manifest, item) and str(item["status"]).lower() == self.status.lower()
        return False


@dataclass(frozen=True, slots=True)
class JSONPath:
    """`jsonpath={.path}` or `jsonpath={.path}=value`: the first value found there, of RFC 9535's syntax."""

    path: str
    query: JSONPathQuery
    value: str | None = None

    def satisfied(self, manifest: Mapping[str, Any]) -> bool:
        """Without a value, the path must lead to something.

        Raises:
            ResourceError: A value is compared with a mapping or a list.
        """
        found = self.query.find(dict(manifest)).values()
        if not found or self.value is None:
            return bool(found)
        if isinstance(found[0], dict | list):
            raise ResourceError(f'"{self.path}" has a non-primitive value ({json.dumps(found[0])})')
        return _go_text(found[0]) == self.value


def conditions(manifest: Mapping[str, Any]) -> tuple[Condition, ...]:
    """What the object's annotation waits for: one expression or a JSON array of them; nothing when it is not set.

    Raises:
        ResourceError: An expression is none.
    """
    text = annotation(manifest, "waitFor")
    expressions = _expressions(text) if text else []
    if text and not expressions:
        raise ResourceError("at least one condition must be specified")
    return tuple(_condition(expression) for expression in expressions)


def _expressions(text: str) -> list[str]:
    try:
        listed = json.loads(text)
    except ValueError:
        return [text]
    return listed if isinstance(listed, list) and all(isinstance(item, str) for item in listed) else [text]


def _condition(expression: str) -> Condition:
    kind, _, rest = expression.partition("=")
    if kind == "condition" and rest:
        name, _, status = rest.partition("=")
        return StatusCondition(name, status or "True")
    if kind == "jsonpath":
        return _jsonpath(rest)
    raise ResourceError(f'expected a "jsonpath=" or "condition=" prefix, got "{expression}"')


def _jsonpath(text: str) -> JSONPath:
    match = _JSONPATH.fullmatch(text)
    if match is None:
        raise ResourceError(f'format should be {{.path}}=value or {{.path}}, got "{text}"')
    query = match["query"].strip()
    try:
        compiled = compile_jsonpath(query if query.startswith("$") else f"${query}")
    except JSONPathError as error:
        raise ResourceError(f'parsing "{match["path"]}": {error}') from None
    return JSONPath(match["path"], compiled, match["value"])


def _is_stale(manifest: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    generation = manifest["metadata"].get("generation")
    observed = condition.get("observedGeneration", (manifest.get("status") or {}).get("observedGeneration"))
    return generation is not None and observed is not None and bool(observed < generation)


def _go_text(value: Any) -> str:
    """As Go's fmt prints it, which is what the real provider compares."""
    words = {True: "true", False: "false", None: "<nil>"}
    return words[value] if value is None or isinstance(value, bool) else str(value)
