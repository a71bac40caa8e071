"""How Helm releases are installed, upgraded and watched."""

from dataclasses import replace

from gitops.duration import Duration
from gitops.flux import (
    DriftDetection,
    HelmRelease,
    HelmReleaseSpec,
    IgnoreRule,
    Install,
    Selector,
    Strategy,
    Upgrade,
)
from gitops.objects import KubernetesObject
from gitops.platform import Platform

_RETRY = Strategy(name="RetryOnFailure", retry_interval=Duration.minutes(5))
# Certificate bundles of webhooks are written at run time by cert-manager, MetalLB, External Secrets and
# the operator's patch Jobs: without these rules every one of them would be drift.
_WEBHOOKS = tuple(
    IgnoreRule(paths=("/webhooks",), target=Selector(kind=kind))
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
)


def releases(platform: Platform) -> Platform:
    """Failed releases are retried in place, CRDs follow their chart, and drift is undone."""
    return platform.map_objects(_hardened)


def _hardened(item: KubernetesObject) -> KubernetesObject:
    return replace(item, spec=_spec(item.spec)) if isinstance(item, HelmRelease) else item


def _spec(spec: HelmReleaseSpec) -> HelmReleaseSpec:
    install, upgrade = spec.install or Install(), spec.upgrade or Upgrade()
    drift = spec.drift_detection or DriftDetection(mode="enabled")
    return replace(
        spec,
        install=replace(install, crds=install.crds or "CreateReplace", strategy=_RETRY),
        upgrade=replace(upgrade, crds=upgrade.crds or "CreateReplace", strategy=_RETRY),
        drift_detection=replace(drift, ignore=drift.ignore + _WEBHOOKS),
    )
