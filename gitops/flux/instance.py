"""The Flux Operator's FluxInstance, `fluxcd.controlplane.io/v1` as of version 0.58."""

from dataclasses import dataclass, field

from gitops.flux.reference import SpecObject
from gitops.flux.resourceset import RESOURCE_SET_API


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """Which Flux: a version or a range, and the registry of its images; the manifests are the operator's own."""

    version: str
    registry: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterOptions:
    """What Flux's controllers are told about the cluster."""

    size: str
    network_policy: bool
    multitenant: bool | None = None
    tenant_default_service_account: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sharding:
    """Further sets of controllers, by the value of the shard label."""

    shards: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchTarget:
    """Which of Flux's manifests a patch is for."""

    kind: str
    label_selector: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """A JSON patch, as YAML text."""

    target: PatchTarget
    patch: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Kustomize:
    """Changes of Flux's manifests."""

    patches: tuple[Patch, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FluxInstanceSpec:
    """Flux itself; without `sync`, as Pulumi declares the source and the layers."""

    distribution: Distribution
    components: tuple[str, ...]
    cluster: ClusterOptions
    sharding: Sharding | None = None
    kustomize: Kustomize


@dataclass(frozen=True, kw_only=True, slots=True)
class FluxInstance(SpecObject):
    """The one installation of Flux in a cluster."""

    api_version: str = field(default=RESOURCE_SET_API, init=False)
    kind: str = field(default="FluxInstance", init=False)
    spec: FluxInstanceSpec
