"""Objects by themselves: one declaration each, and names that Kubernetes takes."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from gitops.checks.rule import rule
from gitops.declared import DeclaredObject
from gitops.errors import Violation
from gitops.objects import ObjectKey
from gitops.platform import Platform

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
# Flux writes a Kustomization's name into a label, and Helm keeps ten characters of a release's for itself.
_LIMITS = {"Kustomization": 63, "Namespace": 63, "Service": 63, "HelmRelease": 53}
_MAXIMUM = 253
_EXISTING = frozenset({"default", "kube-system", "flux-system"})


@rule("objects/distinct")
def distinct_objects(platform: Platform) -> Iterator[Violation]:
    """An object with two declarations is written back and forth, and pruned with the one that wrote it last."""
    owners: dict[ObjectKey, DeclaredObject] = {}
    for item in platform.declared:
        if item.key in owners:
            yield item.violation(
                what=f"{item.key} is declared by {owners[item.key].owner} and {item.owner}",
                fix="keep one of the two declarations",
            )
        owners.setdefault(item.key, item)


@rule("objects/name")
def valid_names(platform: Platform) -> Iterator[Violation]:
    """A name that Kubernetes refuses fails the whole bundle at apply."""
    for bundle in platform.declared_bundles:
        yield from _name_violations(bundle.key, bundle.violation)
    for item in platform.declared:
        yield from _name_violations(item.key, item.violation)


@rule("objects/namespace")
def existing_namespaces(platform: Platform) -> Iterator[Violation]:
    """An object in a namespace that nobody makes is refused, `namespaces "x" not found`, and its whole bundle with it.

    Kubernetes makes kube-system and default, and Flux's installation flux-system.
    """
    made = {item.key.name for item in platform.declared if item.key.kind == "Namespace"} | _EXISTING
    for item in platform.declared:
        if item.key.namespace and item.key.namespace not in made:
            yield item.violation(
                "metadata.namespace",
                what=f"nothing makes the namespace {item.key.namespace!r}",
                fix="add the Namespace to the add-on, or correct the name",
            )


def _name_violations(key: ObjectKey, violation: Callable[..., Violation]) -> Iterator[Violation]:
    limit = _LIMITS.get(key.kind, _MAXIMUM)
    if len(key.name) > limit:
        yield violation(
            "metadata.name",
            what=f"the name has {len(key.name)} characters",
            fix=f"a {key.kind}'s name has at most {limit}",
        )
    if not _SUBDOMAIN.fullmatch(key.name):
        yield violation(
            "metadata.name",
            what=f"{key.name!r} is not a name that Kubernetes takes",
            fix="use lower-case letters, digits and '-', starting and ending with a letter or digit",
        )


RULES: Final = (distinct_objects, valid_names, existing_namespaces)
