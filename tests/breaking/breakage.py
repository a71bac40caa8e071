"""One way to break a platform, and whether the checks find it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from addons.catalogue import checked
from gitops.checks import RULES
from gitops.checks.rule import problems
from gitops.declared import DeclaredObject
from gitops.errors import ConfigError, Problem
from gitops.flux import HelmRelease
from gitops.objects import KubernetesObject, Unstructured, freeze
from gitops.platform import Platform
from tests.support.platforms import STRICT
from tests.support.stacks import variant

SOUND = frozenset(problems(STRICT, RULES))
"""What the checks say of odyssey as it is, which is waived."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """A broken odyssey: what sort of mistake it is, where it is, and the platform, or the config of one."""

    sort: str
    where: str
    broken: Platform | Mapping[str, Any]

    @property
    def is_found(self) -> bool:
        """Whether any rule finds it."""
        return any(problem not in SOUND for problem in self._problems())

    def _problems(self) -> Iterable[Problem]:
        if isinstance(self.broken, Platform):
            return problems(self.broken, RULES)
        try:
            return checked(variant(**self.broken))[1].problems
        except ConfigError as error:
            return error.problems


def with_object(item: DeclaredObject, change: Callable[[KubernetesObject], Iterable[KubernetesObject]]) -> Platform:
    """Odyssey with one object of a bundle replaced by none, one or more."""

    def changed(objects: tuple[KubernetesObject, ...]) -> tuple[KubernetesObject, ...]:
        return tuple(part for other in objects for part in (change(other) if other is item.item else (other,)))

    return STRICT.map_bundles(lambda bundle: replace(bundle, objects=changed(bundle.objects)))


def with_manifest(item: DeclaredObject, change: Callable[[dict[str, Any]], None]) -> Platform:
    """Odyssey with one object whose fields are changed in place."""
    manifest = item.item.manifest()
    change(manifest)
    fields = {key: value for key, value in manifest.items() if key not in {"apiVersion", "kind", "metadata"}}
    # Typed objects cannot hold a mistake in a field's name, so they lose their type.
    broken = Unstructured(
        api_version=item.item.api_version, kind=item.item.kind, metadata=item.item.metadata, fields=fields
    )
    return with_object(item, lambda _: (broken,))


def with_values(item: DeclaredObject, values: Any) -> Platform:
    """Odyssey with one release that has other chart values."""
    assert isinstance(item.item, HelmRelease)
    changed = replace(item.item, spec=replace(item.item.spec, values=freeze(values)))
    return with_object(item, lambda _: (changed,))


def bundled() -> list[DeclaredObject]:
    """Every object of a bundle."""
    return [item for item in STRICT.declared if item.home]
