"""The Flux Operator's ResourceSet and its inputs, `fluxcd.controlplane.io/v1` as of version 0.58."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gitops.flux.reference import SpecObject
from gitops.objects import freeze

RESOURCE_SET_API = "fluxcd.controlplane.io/v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceSetInputProviderSpec:
    """Where inputs come from; a Static provider's are its default values."""

    type: Literal["Static"] = "Static"
    default_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceSetInputProvider(SpecObject):
    """Inputs for the templates of ResourceSets."""

    api_version: str = field(default=RESOURCE_SET_API, init=False)
    kind: str = field(default="ResourceSetInputProvider", init=False)
    spec: ResourceSetInputProviderSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class InputProviderReference:
    """A provider in the namespace of the ResourceSet."""

    kind: Literal["ResourceSetInputProvider"] = "ResourceSetInputProvider"
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependency:
    """An object that must exist; `ready` asks for its health, by `ready_expr` where kstatus cannot judge it."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None
    ready: bool | None = None
    ready_expr: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceSetSpec:
    """Templates of objects, what fills them in, and what comes first."""

    inputs: tuple[Mapping[str, str], ...] = ()
    inputs_from: tuple[InputProviderReference, ...] = ()
    depends_on: tuple[Dependency, ...] = ()
    wait: bool | None = None
    resources: tuple[Mapping[str, Any], ...] = ()
    resources_template: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "resources", freeze(self.resources))


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceSet(SpecObject):
    """Objects that the operator applies, waits for and prunes together."""

    api_version: str = field(default=RESOURCE_SET_API, init=False)
    kind: str = field(default="ResourceSet", init=False)
    spec: ResourceSetSpec
