"""Gates that gate: what must be there first is waited for, until it works, and not longer than it takes."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from gitops.checks.fields import leaves
from gitops.checks.rule import rule
from gitops.checks.waiting import needed, serving, waits
from gitops.declared import DeclaredBundle, DeclaredObject, kustomization_key
from gitops.errors import Severity, Violation
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.policies.health_gates import CONDITIONS

_BUILT_IN: Final = (".k8s.io", ".toolkit.fluxcd.io", "fluxcd.controlplane.io")
_BUILT_IN_GROUPS: Final = frozenset({"", "apps", "autoscaling", "batch", "policy"})
_RUN_TIME_GROUPS: Final = frozenset({"cilium.io"})
"""Groups whose CRDs no chart holds: the operator registers them when it starts."""

_WORKERS: Final = {"small": 5, "medium": 10, "large": 20}

_MONITORS: Final = frozenset({"servicemonitor", "podmonitor", "prometheusrule"})
_MONITORING: Final = "monitoring.coreos.com"


@rule("gates/crds")
def ordered_custom_resources(platform: Platform) -> Iterator[Violation]:
    """Flux validates a bundle before it applies it: one kind without its CRD refuses everything in it.

    `no matches for kind` is the message; only namespaces and CRDs are applied before it. So custom resources stand in
    a bundle after the one whose release brings the CRD (`serves`), never beside it.
    """
    providers, before = serving(platform), needed(platform)
    for item, home in _custom_resources(platform):
        provider = providers.get(item.key.group)
        if provider is None:
            what = f"nothing here brings the CRDs of {item.key.group}"
            yield item.violation("apiVersion", what=what, fix="install what serves it, or name the group in its serves")
        elif provider.bundle.name == home.bundle.name:
            what = f"it stands beside the release that brings the CRDs of {item.key.group}"
            yield item.violation("apiVersion", what=what, fix="move it to the add-on's configs")
        elif provider.bundle.name not in before[home.bundle.name]:
            what = f"it does not come after {provider.bundle.name}, which brings the CRDs of {item.key.group}"
            yield item.violation(
                "apiVersion", what=what, fix=f"add {provider.bundle.name} to the needs of {home.bundle.name}"
            )


@rule("gates/charts")
def ordered_charts(platform: Platform) -> Iterator[Violation]:
    """A chart with custom resources of another's group fails, `no matches for kind`, until their CRDs are there.

    ServiceMonitors before kube-prometheus-stack, and trust-manager's certificate before cert-manager.
    """
    providers, before = serving(platform), needed(platform)
    for home, group in ((each, group) for each in platform.declared_bundles for group in _groups(platform, each)):
        provider = providers.get(group)
        if provider is None:
            what = f"its chart makes objects of {group}, whose CRDs nothing here brings"
            yield home.violation(
                "spec.dependsOn", what=what, fix=f"switch these off in its values, or install what serves {group}"
            )
        elif provider.bundle.name not in {home.bundle.name, *before[home.bundle.name]}:
            what = f"its chart makes objects of {group}, but it does not come after {provider.bundle.name}"
            fix = f"switch these off in its values, or add {provider.bundle.name} to its needs"
            yield home.violation("spec.dependsOn", what=what, fix=fix)


@rule("gates/run-time-crds", closed_by="health-gates")
def awaited_run_time_crds(platform: Platform) -> Iterator[Violation]:
    """Cilium's operator registers its CRDs some time after its release is Ready, so that alone is no gate.

    The bundle names the CRDs that others need in its health checks (`runtime_crds`).
    """
    providers = serving(platform)
    needed = {(item.key.group, item.key.kind) for item, _ in _custom_resources(platform)}
    for group, kind in sorted(needed):
        crd = f"{_plural(kind.lower())}.{group}"
        home = providers.get(group)
        if home and group in _RUN_TIME_GROUPS and crd not in _checked(home, "CustomResourceDefinition"):
            yield home.violation(
                "spec.healthChecks",
                what=f"it does not wait for the CRD {crd}, which is registered at run time",
                fix=f"add {crd} to its runtime_crds",
            )


@rule("gates/webhooks", closed_by="health-gates")
def awaited_webhooks(platform: Platform) -> Iterator[Violation]:
    """A webhook that does not answer yet refuses what it validates, and with it the whole bundle.

    `failed calling webhook … connection refused` (metallb/metallb#1540, #1597). So the bundle that brings the webhook
    counts as ready when its release is: it waits, and the release itself waits for its pods.
    """
    for home in _validating(platform):
        if not waits(home.bundle):
            what = "it is ready as soon as it is applied, and its webhooks are not"
            yield home.violation("spec.wait", what=what, fix="let it wait, or check the health of its releases")
    for item, action in product(_serving_releases(platform), ("install", "upgrade")):
        if item.manifest["spec"].get(action, {}).get("disableWait"):
            what = "the release is Ready before its pods are, and its webhooks with them"
            yield item.violation(f"spec.{action}.disableWait", what=what, fix="remove it")


@rule("gates/wait", closed_by="health-gates")
def waiting_gates(platform: Platform) -> Iterator[Violation]:
    """Without `wait`, `dependsOn` means applied and not healthy: what comes next starts against what is not up.

    And a layer that does not wait is Ready at once, so that `pulumi up` ends before the truth.
    """
    webhooks = {home.bundle.name for home in _validating(platform)}
    targets = {target for bundle in platform.bundles for target in bundle.reconciliation.depends_on}
    for home in (home for home in platform.declared_bundles if home.bundle.name not in webhooks):
        if not waits(home.bundle) and (home.bundle.name in targets or home.layer.reconciliation.wait):
            waiting = "others depend on it" if home.bundle.name in targets else "its layer waits for it"
            what = f"{waiting}, but it is ready as soon as it is applied"
            yield home.violation("spec.wait", what=what, fix="let it wait, or check the health of its releases")
    for layer in platform.layers:
        if not layer.reconciliation.wait:
            yield Violation(
                object=kustomization_key(layer.kustomization),
                field="spec.wait",
                what="it is Ready before its bundles are",
                fix="let it wait",
            )


@rule("gates/health-checks")
def effective_health_checks(platform: Platform) -> Iterator[Violation]:
    """`wait: true` ignores `healthChecks`, and a check of an object that nobody applies takes its timeout and fails.

    It does so again at every retry. Source: kustomize-controller's API, `spec.wait`.
    """
    known = {item.key for item in platform.declared}
    for home in platform.declared_bundles:
        if home.bundle.reconciliation.wait and home.bundle.reconciliation.health_checks:
            what = "wait is on, so its health checks are ignored"
            yield home.violation("spec.healthChecks", what=what, fix="use one of the two")
        for index, key in ((index, key) for index, key in _foreseen(home) if key not in known):
            what = f"it waits for {key}, which nothing applies"
            yield home.violation(f"spec.healthChecks[{index}]", what=what, fix="correct its name or namespace")


@rule("gates/conditions", closed_by="health-gates")
def judged_kinds(platform: Platform) -> Iterator[Violation]:
    """Kstatus calls a ClusterIssuer, ClusterSecretStore, ExternalSecret or trust Bundle healthy as soon as it exists.

    They carry no `Reconciling` condition that it knows; an expression on their own condition makes `wait` mean
    something (`healthCheckExprs`, Flux's cheatsheet of health checks).
    """
    for item in platform.declared:
        kind = (item.item.api_version, item.item.kind)
        if item.home and kind in CONDITIONS and kind not in _judged(item.home):
            what = f"its bundle does not look at the condition {CONDITIONS[kind]} of a {item.key.kind}"
            yield item.violation("kind", what=what, fix="add a healthCheckExpr for the kind to the bundle")


def _foreseen(home: DeclaredBundle) -> Iterator[tuple[int, ObjectKey]]:
    """The objects of a bundle's health checks, but for CRDs, which charts bring."""
    for index, check in enumerate(home.bundle.reconciliation.health_checks):
        if check.kind != "CustomResourceDefinition":
            group = check.api_version.rpartition("/")[0]
            yield index, ObjectKey(group, check.kind, check.namespace or "", check.name)


def _judged(home: DeclaredBundle) -> set[tuple[str, str]]:
    return {(item.api_version, item.kind) for item in home.bundle.reconciliation.health_check_exprs}


def _checked(home: DeclaredBundle, kind: str) -> set[str]:
    return {item.name for item in home.bundle.reconciliation.health_checks if item.kind == kind}


def _plural(kind: str) -> str:
    return f"{kind.removesuffix('y')}ies" if kind.endswith("y") else f"{kind}s"


def _custom_resources(platform: Platform) -> Iterator[tuple[DeclaredObject, DeclaredBundle]]:
    for item in platform.declared:
        group = item.key.group
        built_in = group in _BUILT_IN_GROUPS or f".{group}".endswith(_BUILT_IN)
        if item.home and not built_in:
            yield item, item.home


def _validating(platform: Platform) -> tuple[DeclaredBundle, ...]:
    """The bundles whose webhooks validate custom resources of this platform."""
    groups = {item.key.group for item, _ in _custom_resources(platform)}
    serving_bundles = {home.bundle.name: home for group, home in serving(platform).items() if group in groups}
    return tuple(serving_bundles.values())


def _serving_releases(platform: Platform) -> Iterator[DeclaredObject]:
    releases = (item for item in platform.declared if item.key.kind == "HelmRelease")
    return (item for item in releases if item.home and item.home.addon.serves)


def _groups(platform: Platform, home: DeclaredBundle) -> set[str]:
    """The API groups whose objects a bundle's charts make, where an add-on or chart values say so."""
    releases = (item for item in platform.declared if item.home is home and item.key.kind == "HelmRelease")
    values = (leaf for item in releases for leaf in leaves(item.manifest["spec"].get("values", {})))
    monitoring = {_MONITORING for leaf in values if _is_monitor(leaf.parts, leaf.value)}
    return monitoring | set(home.addon.uses if home.bundle.stage == "controllers" else ())


@rule("gates/workers", severity=Severity.WARNING)
def enough_workers(platform: Platform) -> Iterator[Violation]:
    """A Kustomization that waits holds a worker of its controller, and a layer waits for bundles that need one too.

    With as many layers that wait as workers, as Flux's default of four, no bundle ever starts; with one more they
    start one after the other. Sizes of Flux Operator's FluxInstance: small has 5 workers, medium 10, large 20.
    """
    bootstrap = platform.cluster.bootstrap
    waiting = sum(bool(layer.reconciliation.wait) for layer in platform.layers)
    if bootstrap.use == "install" and _WORKERS[bootstrap.size] < 2 * waiting:
        yield Violation(
            field="homelab:bootstrap.size",
            what=f"{waiting} layers wait, and size {bootstrap.size} has {_WORKERS[bootstrap.size]} workers",
            fix="use size medium or large",
        )


def _is_monitor(parts: tuple[str | int, ...], value: object) -> bool:
    return (
        value is True
        and parts[-2:-1] != ()
        and str(parts[-2]).lower() in _MONITORS
        and parts[-1] in {"enabled", "create"}
    )


RULES: Final = (
    ordered_custom_resources,
    ordered_charts,
    awaited_run_time_crds,
    awaited_webhooks,
    waiting_gates,
    effective_health_checks,
    judged_kinds,
    enough_workers,
)
