"""source-controller's kinds, `source.toolkit.fluxcd.io/v1`."""

from dataclasses import dataclass, field
from typing import Literal

from gitops.duration import Duration
from gitops.flux.reference import LocalObjectReference, SpecObject


@dataclass(frozen=True, kw_only=True, slots=True)
class HelmRepositorySpec:
    """A chart index over HTTP."""

    interval: Duration
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HelmRepository(SpecObject):
    """A chart index over HTTP."""

    api_version: str = field(default="source.toolkit.fluxcd.io/v1", init=False)
    kind: str = field(default="HelmRepository", init=False)
    spec: HelmRepositorySpec


@dataclass(frozen=True, kw_only=True, slots=True)
class OCIRepositoryRef:
    """Which artifact of a repository; a chart's version is its tag."""

    tag: str | None = None
    digest: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OCILayerSelector:
    """Which layer of an artifact, and whether it is unpacked."""

    media_type: str
    operation: Literal["extract", "copy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OIDCIdentityMatch:
    """Who may have signed, as regular expressions."""

    issuer: str
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OCIRepositoryVerification:
    """How an artifact's signature is verified before it is used."""

    provider: Literal["cosign", "notation"]
    secret_ref: LocalObjectReference | None = None
    match_oidc_identity: tuple[OIDCIdentityMatch, ...] = field(default=(), metadata={"key": "matchOIDCIdentity"})


@dataclass(frozen=True, kw_only=True, slots=True)
class OCIRepositorySpec:
    """An OCI artifact; the URL of a chart ends in its name."""

    interval: Duration
    url: str
    ref: OCIRepositoryRef
    layer_selector: OCILayerSelector | None = None
    secret_ref: LocalObjectReference | None = None
    verify: OCIRepositoryVerification | None = None
    insecure: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OCIRepository(SpecObject):
    """An OCI artifact."""

    api_version: str = field(default="source.toolkit.fluxcd.io/v1", init=False)
    kind: str = field(default="OCIRepository", init=False)
    spec: OCIRepositorySpec


@dataclass(frozen=True, kw_only=True, slots=True)
class GitRepositoryRef:
    """Which commit of a repository; `commit` wins over the branch's head."""

    branch: str
    commit: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GitRepositorySpec:
    """A Git repository."""

    interval: Duration
    url: str
    ref: GitRepositoryRef
    secret_ref: LocalObjectReference | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GitRepository(SpecObject):
    """A Git repository."""

    api_version: str = field(default="source.toolkit.fluxcd.io/v1", init=False)
    kind: str = field(default="GitRepository", init=False)
    spec: GitRepositorySpec
