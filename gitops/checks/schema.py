"""Schema: every object is what an API server takes, strictly, by the schema of its kind.

Built-in kinds are judged by OpenAPI's schemas, not by the validation that API servers do in code, and CEL rules by
what `gitops.schemas.expressions` can evaluate.
"""

from collections.abc import Iterator
from typing import Final

from gitops.applied import AppliedObject, applied
from gitops.checks.rule import rule
from gitops.errors import Severity, Violation
from gitops.platform import Platform
from gitops.schemas.catalogue import known_kinds, served_kinds, served_versions
from gitops.schemas.mistakes import Kind, suggestion
from gitops.schemas.validation import mistakes


@rule("schema/kind")
def served_kind(platform: Platform) -> Iterator[Violation]:
    """An API server that does not serve a kind or its version fails the whole bundle: `no matches for kind`."""
    for item, group, kind in _unknown(platform):
        versions, kinds = served_versions(group, kind), served_kinds(group)
        if versions:
            what = f"{kind} is not served as {item.manifest['apiVersion']}"
            yield item.violation("apiVersion", what=what, fix=f"use {' or '.join(versions)}")
        elif kinds:
            what = f"{group or 'the core group'} has no kind {kind}"
            yield item.violation("kind", what=what, fix=suggestion(kind, kinds))


@rule("schema/known", severity=Severity.WARNING)
def known_kind(platform: Platform) -> Iterator[Violation]:
    """Nothing here can tell whether the object is valid: its first judge is the API server, in the middle of an up."""
    for item, group, kind in _unknown(platform):
        if not served_kinds(group):
            fix = "have the API server judge it: kubectl apply --dry-run=server; then waive this rule for the object"
            yield item.violation("apiVersion", what=f"no schema of {group} is known, so {kind} is not checked", fix=fix)


@rule("schema/scope")
def right_scope(platform: Platform) -> Iterator[Violation]:
    """An object in the wrong scope has no address in the API: Flux fails the bundle with `namespace not specified`."""
    for item in applied(platform):
        known, namespace = known_kinds(item.manifest["apiVersion"], item.key.kind), item.key.namespace
        if known and known[0].namespaced and not namespace:
            fix = f"set it: {_one(item.key.kind)} is in a namespace"
            yield item.violation("metadata.namespace", what="it has no namespace", fix=fix)
        elif known and not known[0].namespaced and namespace:
            fix = f"remove it: {_one(item.key.kind)} belongs to the whole cluster"
            yield item.violation("metadata.namespace", what=f"it is in the namespace {namespace}", fix=fix)


@rule("schema/unknown-field")
def known_fields(platform: Platform) -> Iterator[Violation]:
    """A field that a kind does not have is dropped without a word, or refused: it never has an effect.

    Flux reads Kubernetes' own kinds into types, which drops it, and the bundle is Ready. Of a custom resource the API
    server refuses it, `field not declared in schema`, and with it the whole bundle.
    """
    return _mistakes(platform, "unknown-field")


@rule("schema/required-field")
def complete_objects(platform: Platform) -> Iterator[Violation]:
    """An API server refuses an object that lacks a required field, and Flux the whole bundle with it."""
    return _mistakes(platform, "required-field")


@rule("schema/value")
def valid_values(platform: Platform) -> Iterator[Violation]:
    """A value of another type, form or range than the kind allows is refused, and with it the whole bundle.

    Judged is what the cluster gets: a variable that is nothing but digits becomes a number.
    """
    return _mistakes(platform, "value")


@rule("schema/expression")
def true_expressions(platform: Platform) -> Iterator[Violation]:
    """A CRD's CEL rules relate fields, such as exactly one of two; an API server refuses what breaks them.

    Rules that compare with the object before (`oldSelf`) are left to the API server.
    """
    return _mistakes(platform, "expression")


def _mistakes(platform: Platform, kind: Kind) -> Iterator[Violation]:
    # A template's values are not yet what they will be.
    judged = (item for item in applied(platform) if not (item.refused and kind in {"value", "expression"}))
    found = ((item, mistake) for item in judged for mistake in mistakes(item.manifest))
    for item, mistake in found:
        if mistake.kind == kind:
            yield item.violation(mistake.field, what=mistake.what, fix=mistake.fix)


def _one(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIO' else 'a'} {kind}"


def _unknown(platform: Platform) -> Iterator[tuple[AppliedObject, str, str]]:
    """The objects of kinds that are not known, with group and kind."""
    for item in applied(platform):
        if not known_kinds(item.manifest["apiVersion"], item.key.kind):
            yield item, item.key.group, item.key.kind


RULES: Final = (
    served_kind,
    known_kind,
    right_scope,
    known_fields,
    complete_objects,
    valid_values,
    true_expressions,
)
