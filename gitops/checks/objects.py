"""Objects by themselves: one declaration each, and names that Kubernetes takes."""

import re
from collections.abc import Iterator

from gitops.errors import Problem
from gitops.objects import KubernetesObject, ObjectKey
from gitops.platform import Platform

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
# Flux writes a Kustomization's name into a label, and Helm keeps ten characters of a release's for itself.
_LIMITS = {"Kustomization": 63, "Namespace": 63, "Service": 63, "HelmRelease": 53}
_MAXIMUM = 253


def distinct_objects(platform: Platform) -> Iterator[Problem]:
    """An object with two declarations is written back and forth, and pruned with the first that goes."""
    owners: dict[ObjectKey, str] = {}
    for where, item in _declared(platform):
        if item.key in owners:
            yield Problem(
                rule="objects/distinct",
                where=f"{where}: {item.key}",
                what=f"{item.key} is declared by {owners[item.key]} and {where}",
                fix="keep one of the two declarations",
            )
        owners.setdefault(item.key, where)


def valid_names(platform: Platform) -> Iterator[Problem]:
    """A name that Kubernetes refuses fails the whole bundle at apply."""
    for bundle in platform.bundles:
        yield from _name_problems(bundle.name, "Kustomization", f"bundle {bundle.name}")
    for where, item in _declared(platform):
        yield from _name_problems(item.metadata.name, item.kind, f"{where}: {item.key}")


def _name_problems(name: str, kind: str, where: str) -> Iterator[Problem]:
    limit = _LIMITS.get(kind, _MAXIMUM)
    if len(name) > limit:
        yield Problem(
            rule="objects/name",
            where=where,
            what=f"the name has {len(name)} characters",
            fix=f"a {kind}'s name has at most {limit}",
        )
    if not _SUBDOMAIN.fullmatch(name):
        yield Problem(
            rule="objects/name",
            where=where,
            what=f"{name!r} is not a name that Kubernetes takes",
            fix="use lower-case letters, digits and '-', starting and ending with a letter or digit",
        )


def _declared(platform: Platform) -> Iterator[tuple[str, KubernetesObject]]:
    yield from (("the cluster's variables", item) for item in platform.variables)
    yield from ((f"layer {layer.name}", item) for layer in platform.layers for item in layer.objects)
    yield from (
        (f"{addon.declared_at}: bundle {bundle.name}", item)
        for addon in platform.addons
        for bundle in addon.bundles
        for item in bundle.objects
    )
    yield from (("the website", item) for item in platform.website)
