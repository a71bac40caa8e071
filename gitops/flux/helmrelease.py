"""helm-controller's HelmRelease, `helm.toolkit.fluxcd.io/v2`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gitops.duration import Duration
from gitops.flux.reference import CrossNamespaceSourceReference, SpecObject
from gitops.objects import freeze


@dataclass(frozen=True, kw_only=True, slots=True)
class HelmChartTemplateSpec:
    """Which chart a release takes from a HelmRepository."""

    chart: str
    version: str
    source_ref: CrossNamespaceSourceReference
    interval: Duration | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HelmChartTemplate:
    """The HelmChart that helm-controller makes for a release."""

    spec: HelmChartTemplateSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Strategy:
    """What follows a failed action: retry in place, or remediate."""

    name: Literal["RetryOnFailure", "RemediateOnFailure"]
    retry_interval: Duration | None = None


CRDsPolicy = Literal["Skip", "Create", "CreateReplace"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Install:
    """How a release is installed."""

    crds: CRDsPolicy | None = None
    disable_schema_validation: bool | None = None
    strategy: Strategy | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgrade:
    """How a release is upgraded."""

    crds: CRDsPolicy | None = None
    disable_schema_validation: bool | None = None
    strategy: Strategy | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """Which rendered objects a drift rule is for."""

    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IgnoreRule:
    """JSON pointers that drift detection leaves out."""

    paths: tuple[str, ...]
    target: Selector | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftDetection:
    """Whether a hand-made change to a release's objects is seen, and undone."""

    mode: Literal["enabled", "warn", "disabled"]
    ignore: tuple[IgnoreRule, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HelmReleaseSpec:
    """One Helm release: exactly one of `chart` and `chart_ref`."""

    interval: Duration
    timeout: Duration | None = None
    release_name: str | None = None
    target_namespace: str | None = None
    storage_namespace: str | None = None
    service_account_name: str | None = None
    chart: HelmChartTemplate | None = None
    chart_ref: CrossNamespaceSourceReference | None = None
    install: Install | None = None
    upgrade: Upgrade | None = None
    drift_detection: DriftDetection | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", freeze(self.values))


@dataclass(frozen=True, kw_only=True, slots=True)
class HelmRelease(SpecObject):
    """A Helm release."""

    api_version: str = field(default="helm.toolkit.fluxcd.io/v2", init=False)
    kind: str = field(default="HelmRelease", init=False)
    spec: HelmReleaseSpec
