"""Every object of a platform as an API server sees it: after substitution, with what carries it to the cluster."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gitops.delivery import delivery_of
from gitops.delivery.registration import is_helm_release
from gitops.errors import PlatformError, SubstitutionError, Violation
from gitops.graph import BundleGraph
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.platform import Platform
from gitops.substitution import substitute

_REMEMBERED: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedObject:
    """One object.

    Attributes:
        manifest: As it is applied. Not to be changed.
        source: Python file and line of its declaration, where they are known.
        refused: Whether Flux would refuse it, so that its text is still a template.
    """

    manifest: Manifest
    source: str = ""
    refused: bool = False

    @property
    def key(self) -> ObjectKey:
        """Group, kind, namespace and name."""
        return object_key(self.manifest)

    def violation(self, field: str = "", *, what: str, fix: str) -> Violation:
        """What is wrong with it, in one of its fields."""
        return Violation(what=what, fix=fix, object=self.key, field=field, source=self.source)


# The answers for the last platforms are kept, because every rule on objects asks for them.
@lru_cache(maxsize=_REMEMBERED)
def applied(platform: Platform) -> tuple[AppliedObject, ...]:
    """What is declared, and what carries it: Kustomizations, ResourceSets, sources."""
    declared = tuple(
        AppliedObject(manifest=item.substituted, source=item.source, refused=bool(item.refused))
        for item in platform.declared
    )
    return (*declared, *_carriers(platform, {item.key for item in declared}))


def _carriers(platform: Platform, declared: AbstractSet[ObjectKey]) -> Iterator[AppliedObject]:
    """What Flux builds and Pulumi registers beside what is declared."""
    sources = {home.key: home.addon.declared_at for home in platform.declared_bundles}
    values = dict(_values(platform))
    built, registered = _delivered(platform)
    for manifest in (item for item in built if object_key(item) not in declared):
        source = sources.get(object_key(manifest), "")
        yield AppliedObject(manifest=_substituted(manifest, values), source=source)
    for manifest in (item for item in registered if object_key(item) not in declared):
        yield AppliedObject(manifest=manifest, source=sources.get(object_key(manifest), ""))


def _delivered(platform: Platform) -> tuple[tuple[Manifest, ...], tuple[Manifest, ...]]:
    """What Flux builds, and the API's objects that Pulumi registers.

    Nothing where that has no way to be, which has rules of its own.
    """
    if not all(map(_is_order, (BundleGraph.needed(platform.bundles), BundleGraph.declared(platform.bundles)))):
        return (), ()
    try:
        delivery = delivery_of(platform)
        built = tuple(item.manifest for item in delivery.built(platform))
        registered = (item.manifest for item in delivery.registrations(platform))
        return built, tuple(item for item in registered if not is_helm_release(item))
    except PlatformError:
        return (), ()


def _is_order(graph: BundleGraph) -> bool:
    complete = all(target in graph.edges for targets in graph.edges.values() for target in targets)
    return complete and not graph.cycle()


def _values(platform: Platform) -> Iterator[tuple[str, str]]:
    """The variables in what a layer builds."""
    yield from platform.values.items()
    for layer in platform.layers:
        yield from layer.reconciliation.substitute.items()


def _substituted(manifest: Manifest, values: Mapping[str, str]) -> Manifest:
    try:
        return substitute(manifest, values)
    except SubstitutionError:
        return manifest
