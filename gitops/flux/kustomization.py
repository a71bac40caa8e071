"""kustomize-controller's Kustomization, `kustomize.toolkit.fluxcd.io/v1`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gitops.duration import Duration
from gitops.flux.reference import CrossNamespaceSourceReference, LocalObjectReference, SpecObject


@dataclass(frozen=True, kw_only=True, slots=True)
class NamespacedObjectKindReference:
    """An object whose health gates a Kustomization."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomHealthCheck:
    """CEL expressions that judge the health of a kind that kstatus cannot."""

    api_version: str
    kind: str
    current: str
    in_progress: str | None = None
    failed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CommonMetadata:
    """Labels and annotations that Flux sets on everything a Kustomization applies."""

    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class SubstituteReference:
    """A ConfigMap or Secret whose keys are variables."""

    kind: Literal["ConfigMap", "Secret"]
    name: str
    optional: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PostBuild:
    """Post-build variable substitution; `substitute` wins over `substitute_from`."""

    substitute: Mapping[str, str] = field(default_factory=dict)
    substitute_from: tuple[SubstituteReference, ...] = ()


DeletionPolicy = Literal["MirrorPrune", "Delete", "WaitForTermination", "Orphan"]


@dataclass(frozen=True, kw_only=True, slots=True)
class KustomizationSpec:
    """What one Kustomization builds from a source, and how it is reconciled."""

    common_metadata: CommonMetadata | None = None
    depends_on: tuple[LocalObjectReference, ...] = ()
    interval: Duration
    retry_interval: Duration | None = None
    timeout: Duration | None = None
    source_ref: CrossNamespaceSourceReference
    path: str
    service_account_name: str | None = None
    prune: bool
    deletion_policy: DeletionPolicy | None = None
    wait: bool | None = None
    health_checks: tuple[NamespacedObjectKindReference, ...] = ()
    health_check_exprs: tuple[CustomHealthCheck, ...] = ()
    post_build: PostBuild | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Kustomization(SpecObject):
    """Flux's Kustomization (never the kustomize overlay of the same name)."""

    api_version: str = field(default="kustomize.toolkit.fluxcd.io/v1", init=False)
    kind: str = field(default="Kustomization", init=False)
    spec: KustomizationSpec
