"""Layers: one Pulumi component and one reconciliation Kustomization each."""

from dataclasses import dataclass

from gitops.addon import Addon, Bundle, Reconciliation
from gitops.objects import KubernetesObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A stage of the platform.

    Attributes:
        name: First part of its Kustomization's name, and the name of its Pulumi component.
        folder: Its folder in the GitOps tree, under `common/`.
        tenant: Value of the tenant label on what it applies.
        reconciliation: How Flux reconciles the layer itself.
        objects: What it applies without an add-on.
        addons: What it installs, in the order of its overlay.
        follows: The layer that Pulumi registers first, where layers wait for each other.
        uses_variables: Whether Flux substitutes the cluster's variables in what the layer itself applies.
    """

    name: str
    folder: str
    tenant: str
    reconciliation: Reconciliation
    objects: tuple[KubernetesObject, ...] = ()
    addons: tuple[Addon, ...] = ()
    follows: str | None = None
    uses_variables: bool = True

    @property
    def kustomization(self) -> str:
        """Name of its Flux Kustomization."""
        return f"{self.name}-reconciliation"

    @property
    def path(self) -> str:
        """Its folder in the GitOps tree."""
        return f"common/{self.folder}"

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        """The bundles of all its add-ons, in order."""
        return tuple(bundle for addon in self.addons for bundle in addon.bundles)
