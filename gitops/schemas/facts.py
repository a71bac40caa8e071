"""CRDs stripped to facts: what a JSON Schema needs to judge an object, and none of their prose."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from gitops.objects import Manifest

Schema: TypeAlias = Mapping[str, Any]
"""A JSON Schema of draft 2020-12 with the keywords of Kubernetes that `gitops.schemas.keywords` understands."""

EXPRESSIONS: Final = "x-kubernetes-validations"
LIST_TYPE: Final = "x-kubernetes-list-type"
LIST_KEYS: Final = "x-kubernetes-list-map-keys"
_INT_OR_STRING: Final = "x-kubernetes-int-or-string"
_PRESERVE: Final = "x-kubernetes-preserve-unknown-fields"
_VALUES: Final = frozenset(
    {
        *("type", "enum", "default", "format", "pattern", "minLength", "maxLength"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
        *(LIST_TYPE, LIST_KEYS),
    }
)
_CHOICES: Final = ("allOf", "anyOf", "oneOf")


def facts_of(crd: Manifest, *, expressions: bool = True) -> dict[str, dict[str, Any]]:
    """Scope and schema of every version that a CRD serves, by `group/version/kind`.

    Args:
        crd: As its project publishes it, or as an API server returns it.
        expressions: Whether its CEL rules are kept.
    """
    spec = crd["spec"]
    facts = {
        f"{spec['group']}/{version['name']}/{spec['names']['kind']}": {
            "scope": spec["scope"],
            "schema": _root(version["schema"]["openAPIV3Schema"]),
        }
        for version in spec["versions"]
        if version["served"]
    }
    return facts if expressions else _without_expressions(facts)


def differences(committed: Mapping[str, Mapping[str, Any]], crds: Iterable[Manifest]) -> dict[str, tuple[str, ...]]:
    """Where the facts of CRDs differ from the committed ones: paths into the facts by `group/version/kind`.

    A kind that is served but not committed differs as a whole; what is committed but not served is left out, as
    a cluster needs not have every add-on.
    """
    found: dict[str, tuple[str, ...]] = {}
    for crd in crds:
        for name, served in facts_of(crd).items():
            known = committed.get(name, {})
            compared = _without_expressions(served) if known.get("expressions") is False else served
            paths = tuple(_differing({key: known.get(key) for key in served}, compared, ""))
            found |= {name: paths} if paths else {}
    return found


def _root(schema: Schema) -> dict[str, Any]:
    fields = {name: item for name, item in schema["properties"].items() if name != "status"}
    # Kubernetes' own schema judges the metadata; a CRD only adds limits to it.
    fields["metadata"] = {**fields.get("metadata", {}), _PRESERVE: True}
    head = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
    return _structural({**schema, "properties": fields | head})


def _structural(schema: Schema) -> dict[str, Any]:
    """The facts of a schema; what it does not name is pruned by an API server, and so a mistake."""
    kept = _limits(schema)
    kept |= {name: _structural(schema[name]) for name in ("items", "additionalProperties") if _is_schema(schema, name)}
    if "properties" in schema:
        kept["properties"] = {name: _structural(item) for name, item in sorted(schema["properties"].items())}
    if schema.get("type") == "object" and not schema.get(_PRESERVE) and not schema.get("additionalProperties"):
        kept["additionalProperties"] = False
    return kept


def _limits(schema: Schema) -> dict[str, Any]:
    """What a schema says of values; inside its choices there is nothing else."""
    kept = {name: value for name, value in schema.items() if name in _VALUES}
    kept |= {"required": sorted(schema["required"])} if "required" in schema else {}
    kept |= {name: [_choice(item) for item in schema[name]] for name in _CHOICES if name in schema}
    kept |= {"not": _choice(schema["not"])} if "not" in schema else {}
    if schema.get(_INT_OR_STRING):
        kept.pop("anyOf", None)
        kept["type"] = ["integer", "string"]
    if schema.get("nullable"):
        kept["type"] = [kept["type"], "null"]
    if EXPRESSIONS in schema:
        kept[EXPRESSIONS] = [_expression(item) for item in schema[EXPRESSIONS]]
    return kept


def _choice(schema: Schema) -> dict[str, Any]:
    kept = _limits(schema)
    kept |= {name: _choice(schema[name]) for name in ("items", "additionalProperties") if _is_schema(schema, name)}
    if "properties" in schema:
        kept["properties"] = {name: _choice(item) for name, item in sorted(schema["properties"].items())}
    return kept


def _expression(rule: Mapping[str, str]) -> dict[str, str]:
    return {name: rule[name] for name in ("rule", "fieldPath") if name in rule}


def _is_schema(schema: Schema, name: str) -> bool:
    return isinstance(schema.get(name), Mapping)


def _without_expressions(facts: Any) -> Any:
    if isinstance(facts, Mapping):
        return {name: _without_expressions(item) for name, item in facts.items() if name != EXPRESSIONS}
    return [_without_expressions(item) for item in facts] if isinstance(facts, list) else facts


def _differing(old: Any, new: Any, path: str) -> Iterator[str]:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        yield from [path] if old != new else []
        return
    for name in sorted({*old, *new}):
        yield from _differing(old.get(name), new.get(name), f"{path}.{name}" if path else name)
