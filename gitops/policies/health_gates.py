"""Makes `dependsOn` mean healthy instead of applied."""

from dataclasses import replace

from gitops.addon import Bundle, Reconciliation
from gitops.duration import Duration
from gitops.flux import CustomHealthCheck, HelmRelease, NamespacedObjectKindReference
from gitops.graph import BundleGraph
from gitops.layer import Layer
from gitops.platform import Platform

_MARGIN = Duration.minutes(1)
"""What a bundle may take beyond its release: fetching the chart and noticing that the release is done."""

CONDITIONS = {
    ("cert-manager.io/v1", "ClusterIssuer"): "Ready",
    ("external-secrets.io/v1", "ClusterSecretStore"): "Ready",
    ("external-secrets.io/v1", "ExternalSecret"): "Ready",
    ("trust.cert-manager.io/v1alpha1", "Bundle"): "Synced",
}
"""The condition that tells the health of a kind which kstatus calls healthy as soon as it exists."""


def health_gates(platform: Platform) -> Platform:
    """Bundles and layers wait until what they applied is healthy, for as long as that can take."""
    waiting = platform.map_bundles(_gated)
    timeouts = {bundle.name: bundle.reconciliation.timeout for bundle in waiting.bundles}
    finish = BundleGraph.needed(waiting.bundles).finish(timeouts)

    def waited(layer: Layer) -> Layer:
        slowest = max((finish[bundle.name] for bundle in layer.bundles), default=Duration(0))
        timeout = max(layer.reconciliation.timeout, slowest + _MARGIN)
        return replace(layer, reconciliation=replace(layer.reconciliation, wait=True, timeout=timeout))

    return waiting.map_layers(waited)


def _gated(bundle: Bundle) -> Bundle:
    return replace(bundle, reconciliation=_gate(replace(bundle.reconciliation, timeout=_timeout(bundle)), bundle))


def _gate(reconciliation: Reconciliation, bundle: Bundle) -> Reconciliation:
    checks = tuple(_check(*kind) for kind in CONDITIONS if kind in {(o.api_version, o.kind) for o in bundle.objects})
    if not bundle.runtime_crds:
        return replace(reconciliation, wait=True, health_check_exprs=checks)
    # `wait: true` ignores `healthChecks`, and would not see CRDs that the controllers register themselves.
    return replace(reconciliation, wait=False, health_checks=_health_checks(bundle), health_check_exprs=checks)


def _health_checks(bundle: Bundle) -> tuple[NamespacedObjectKindReference, ...]:
    releases = tuple(
        NamespacedObjectKindReference(
            api_version=item.api_version, kind=item.kind, name=item.key.name, namespace=item.key.namespace
        )
        for item in bundle.objects
        if isinstance(item, HelmRelease)
    )
    crds = tuple(
        NamespacedObjectKindReference(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition", name=name)
        for name in bundle.runtime_crds
    )
    return releases + crds


def _check(api_version: str, kind: str) -> CustomHealthCheck:
    # `exists` and not `all`: `all` is true of the empty list, so of an object that nobody has looked at yet.
    condition = f"e, e.type == '{CONDITIONS[api_version, kind]}'"
    return CustomHealthCheck(
        api_version=api_version,
        kind=kind,
        current=f"status.conditions.exists({condition} && e.status == 'True')",
        failed=f"status.conditions.exists({condition} && e.status == 'False')",
    )


def _timeout(bundle: Bundle) -> Duration:
    releases = (item.spec.timeout for item in bundle.objects if isinstance(item, HelmRelease))
    slowest = max((timeout + _MARGIN for timeout in releases if timeout), default=Duration(0))
    return max(bundle.reconciliation.timeout, slowest)
