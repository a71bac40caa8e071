"""What a platform declares, with the place of each declaration and the object as the cluster gets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gitops.addon import Addon, Bundle
from gitops.errors import Problem, SubstitutionError, Violation
from gitops.flux import NAMESPACE
from gitops.layer import Layer
from gitops.objects import KubernetesObject, Manifest, ObjectKey
from gitops.substitution import substitute


def kustomization_key(name: str) -> ObjectKey:
    """A Flux Kustomization of the platform."""
    return ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", NAMESPACE, name)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredBundle:
    """A bundle with the layer and the add-on that it is of."""

    layer: Layer
    addon: Addon
    bundle: Bundle

    @property
    def key(self) -> ObjectKey:
        """Its Flux Kustomization."""
        return kustomization_key(self.bundle.name)

    @property
    def folder(self) -> str:
        """Its folder in the GitOps tree."""
        return f"{self.layer.path}/{self.addon.name}/{self.bundle.stage}"

    def violation(self, field: str = "", *, what: str, fix: str) -> Violation:
        """What is wrong with it, in a field of its Kustomization."""
        return Violation(what=what, fix=fix, object=self.key, field=field, source=self.addon.declared_at)


# Not slotted, as the next: the manifests are made once, because every check asks for them.
@dataclass(frozen=True, kw_only=True)
class DeclaredObject:
    """An object with its place.

    Attributes:
        item: The object itself.
        values: The variables that are substituted in it; none where its text is left alone.
        home: Its bundle; none for the variables, a layer's own objects and the website.
        owner: What declares it, for people.
    """

    item: KubernetesObject
    values: Mapping[str, str] | None = None
    home: DeclaredBundle | None = None
    owner: str = ""

    @property
    def key(self) -> ObjectKey:
        """Group, kind, namespace and name."""
        return self.item.key

    @property
    def source(self) -> str:
        """Python file and line of the declaration, where they are known."""
        return self.home.addon.declared_at if self.home else ""

    @cached_property
    def manifest(self) -> Manifest:
        """The object as it is declared: its text is a template. Not to be changed."""
        return self.item.manifest()

    @property
    def substituted(self) -> Manifest:
        """The object as the cluster gets it; as it is declared where Flux would refuse it. Not to be changed."""
        return self.manifest if isinstance(self._outcome, SubstitutionError) else self._outcome

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Why Flux would refuse to substitute variables in it."""
        return self._outcome.problems if isinstance(self._outcome, SubstitutionError) else ()

    def violation(self, field: str = "", *, what: str, fix: str) -> Violation:
        """What is wrong with it, in one of its fields."""
        return Violation(what=what, fix=fix, object=self.key, field=field, source=self.source)

    @cached_property
    def _outcome(self) -> Manifest | SubstitutionError:
        if self.values is None:
            return self.manifest
        try:
            return substitute(self.manifest, self.values)
        except SubstitutionError as error:
            return error
