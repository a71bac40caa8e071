"""Whether an API server would take an object, and what it would refuse."""

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from gitops.objects import Manifest
from gitops.schemas.catalogue import BUILT_IN, known_kinds
from gitops.schemas.facts import EXPRESSIONS, Schema
from gitops.schemas.keywords import FORMATS, KubernetesValidator
from gitops.schemas.mistakes import Mistake, mistakes_of

_REMEMBERED: Final = 4096


def mistakes(manifest: Manifest) -> tuple[Mistake, ...]:
    """What an API server would refuse in an object; nothing where its kind is not known.

    Answers are remembered, as stacks share most of their objects.
    """
    return _mistakes(json.dumps(manifest))


@lru_cache(maxsize=_REMEMBERED)
def _mistakes(text: str) -> tuple[Mistake, ...]:
    manifest = json.loads(text)
    validators = _validators(manifest["apiVersion"], manifest["kind"])
    # As a rule, the same is wrong in each version of Kubernetes.
    return tuple(dict.fromkeys(item for validator in validators for item in _found(manifest, validator)))


@cache
def _validators(api_version: str, kind: str) -> tuple[Draft202012Validator, ...]:
    kinds = known_kinds(api_version, kind)
    return tuple(KubernetesValidator(item.schema, format_checker=FORMATS) for item in kinds)


def _found(manifest: Manifest, validator: Draft202012Validator) -> Iterator[Mistake]:
    schema: Any = validator.schema
    completed = _without_nulls(manifest) if BUILT_IN in schema else _defaulted(manifest, schema)
    errors = tuple(validator.iter_errors(completed))
    # As in an API server, expressions are judged last: they rely on the types.
    ordinary = tuple(error for error in errors if error.validator != EXPRESSIONS)
    for error in ordinary or errors:
        yield from mistakes_of(error, hidden=manifest["kind"] == "Secret")


def _defaulted(value: Any, schema: Schema) -> Any:
    """The value with the defaults that an API server fills in before it validates."""
    if isinstance(value, list):
        return [_defaulted(item, schema.get("items", {})) for item in value]
    if not isinstance(value, Mapping):
        return value
    fields, other = schema.get("properties", {}), schema.get("additionalProperties") or {}
    defaults = {name: field["default"] for name, field in fields.items() if "default" in field}
    given = {name: item for name, item in value.items() if item is not None or name not in defaults}
    return {name: _defaulted(item, fields.get(name, other)) for name, item in {**defaults, **given}.items()}


def _without_nulls(value: Any) -> Any:
    """The value less its nulls, which are fields that are not set in a built-in kind."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _without_nulls(item) for name, item in value.items() if item is not None}
