"""What Flux's kinds share: names, labels and references."""

from dataclasses import dataclass
from typing import Any, Literal

from typing_extensions import override

from gitops.objects import KubernetesObject, Manifest, encode

NAMESPACE = "flux-system"
SOURCE = "flux-system"
SHARD_LABEL = "sharding.fluxcd.io/key"
TENANT_LABEL = "toolkit.fluxcd.io/tenant"
WATCH_LABEL = "reconcile.fluxcd.io/watch"
PRUNE_ANNOTATION = "kustomize.toolkit.fluxcd.io/prune"
RECONCILE_ANNOTATION = "fluxcd.controlplane.io/reconcile"
"""Keeps the Flux Operator from reconciling an object where it says `disabled`."""
KUSTOMIZATION = ("kustomize.toolkit.fluxcd.io/v1", "Kustomization")
HELM_RELEASE = ("helm.toolkit.fluxcd.io/v2", "HelmRelease")


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalObjectReference:
    """An object of a known kind in the same namespace."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossNamespaceSourceReference:
    """A source that a Kustomization or HelmRelease reads."""

    kind: Literal["GitRepository", "OCIRepository", "HelmRepository"]
    name: str
    namespace: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecObject(KubernetesObject):
    """An object that has a `spec` and nothing else, as all of Flux's kinds do."""

    spec: Any

    @override
    def content(self) -> Manifest:
        return {"spec": encode(self.spec)}
