"""What must be there first is waited for, until it works."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.addon import Addon, Bundle, configs, namespace
from gitops.checks.gates import (
    RULES,
    awaited_run_time_crds,
    awaited_webhooks,
    effective_health_checks,
    enough_workers,
    judged_kinds,
    ordered_charts,
    ordered_custom_resources,
    waiting_gates,
)
from gitops.errors import Severity
from gitops.flux import CustomHealthCheck, NamespacedObjectKindReference
from gitops.objects import KubernetesObject
from gitops.platform import Platform
from tests.support.platforms import (
    SEED,
    STRICT,
    addon,
    listed,
    release,
    small,
    thing,
    whats,
    widget,
    with_reconciliation,
)
from tests.support.stacks import variant


def operator(name: str = "operator", *objects: KubernetesObject, **edges: Any) -> Addon:
    """An add-on that serves widgets."""
    return replace(addon(name, release(name), *objects, **edges), serves=("example.org",))


def with_configs(item: Addon, *objects: KubernetesObject) -> Addon:
    return replace(item, configs=configs(item.name, *objects))


def reconciled(item: Addon, **changes: Any) -> Addon:
    """An add-on whose controllers are reconciled like that."""
    bundle: Bundle = item.controllers
    return replace(item, controllers=replace(bundle, reconciliation=replace(bundle.reconciliation, **changes)))


def test_a_custom_resource_that_nothing_serves_is_found() -> None:
    assert whats(small(addon("a", widget("x"))), ordered_custom_resources) == [
        "nothing here brings the CRDs of example.org"
    ]
    assert whats(small(with_configs(operator(), widget("x"))), ordered_custom_resources) == []


def test_the_website_s_custom_resources_wait_for_no_bundle() -> None:
    assert whats(small(website=(widget("x"),)), ordered_custom_resources) == []


def test_a_custom_resource_beside_the_release_that_brings_its_crd_is_found() -> None:
    assert whats(small(operator("a", widget("x"))), ordered_custom_resources) == [
        "it stands beside the release that brings the CRDs of example.org"
    ]


def test_a_custom_resource_that_does_not_come_after_its_crd_is_found() -> None:
    assert whats(small(operator(), addon("a", widget("x"))), ordered_custom_resources) == [
        "it does not come after operator-controllers, which brings the CRDs of example.org"
    ]
    direct = addon("a", widget("x"), needs=("operator-controllers",))
    assert whats(small(operator(), direct), ordered_custom_resources) == []
    indirect = addon("b", widget("x"), after=("a-controllers",))
    assert (
        whats(small(operator(), addon("a", after=("operator-controllers",)), indirect), ordered_custom_resources) == []
    )


@pytest.mark.parametrize("group", ["apps", "networking.k8s.io", "source.toolkit.fluxcd.io", "fluxcd.controlplane.io"])
def test_what_kubernetes_and_flux_serve_themselves_needs_no_addon(group: str) -> None:
    assert whats(small(addon("a", thing("Anything", "x", group))), ordered_custom_resources) == []


def test_a_chart_with_objects_of_another_comes_after_that() -> None:
    using = replace(addon("a", release("a")), uses=("example.org",))
    assert whats(small(using), ordered_charts) == [
        "its chart makes objects of example.org, whose CRDs nothing here brings"
    ]
    assert whats(small(operator(), using), ordered_charts) == [
        "its chart makes objects of example.org, but it does not come after operator-controllers"
    ]
    assert len(whats(small(with_configs(using, widget("x"))), ordered_charts)) == 1
    after = replace(addon("a", release("a"), needs=("operator-controllers",)), uses=("example.org",))
    assert whats(small(operator(), with_configs(after, widget("x"))), ordered_charts) == []


@pytest.mark.parametrize("values", [{"serviceMonitor": {"enabled": True}}, {"a": {"podmonitor": {"create": True}}}])
def test_a_chart_that_makes_monitors_comes_after_their_crds(values: dict[str, Any]) -> None:
    prometheus = replace(addon("prometheus", release("prometheus", **values)), serves=("monitoring.coreos.com",))
    assert len(whats(small(addon("a", release("a", **values)), addon("b", release("b"))), ordered_charts)) == 1
    assert len(whats(small(prometheus, addon("a", release("a", **values))), ordered_charts)) == 1
    after = addon("a", release("a", **values), after=("prometheus-controllers",))
    assert whats(small(prometheus, after), ordered_charts) == []


@pytest.mark.parametrize(
    "values",
    [
        {"serviceMonitor": {"enabled": False}},
        {"serviceMonitor": {"honorLabels": True}},
        {"enabled": True},
        {"other": {"enabled": True}},
    ],
)
def test_a_chart_without_monitors_needs_no_crds(values: dict[str, Any]) -> None:
    assert whats(small(addon("a", release("a", **values))), ordered_charts) == []


def crd(name: str) -> NamespacedObjectKindReference:
    return NamespacedObjectKindReference(
        api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition", name=name
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("CiliumLoadBalancerIPPool", "ciliumloadbalancerippools.cilium.io"),
        ("CiliumL2AnnouncementPolicy", "ciliuml2announcementpolicies.cilium.io"),
    ],
)
def test_crds_that_are_registered_at_run_time_are_waited_for(kind: str, name: str) -> None:
    cilium = replace(addon("cilium", release("cilium")), serves=("cilium.io",))
    pool = thing(kind, "x", "cilium.io")
    assert whats(small(with_configs(cilium, pool)), awaited_run_time_crds) == [
        f"it does not wait for the CRD {name}, which is registered at run time"
    ]
    namesake = reconciled(cilium, health_checks=(replace(crd(name), kind="ConfigMap"),))
    assert len(whats(small(with_configs(namesake, pool)), awaited_run_time_crds)) == 1
    checked = reconciled(cilium, health_checks=(crd(name),))
    assert whats(small(with_configs(checked, pool)), awaited_run_time_crds) == []
    assert whats(small(addon("a", pool)), awaited_run_time_crds) == []


def test_crds_of_a_chart_are_there_with_its_release() -> None:
    assert whats(small(with_configs(operator(), widget("x"))), awaited_run_time_crds) == []


def test_a_webhook_is_waited_for_before_what_it_validates() -> None:
    item = with_configs(operator(), widget("x"))
    (problem,) = listed(small(item, profile="seed"), [awaited_webhooks])
    assert problem.severity is Severity.WARNING
    assert problem.what == "it is ready as soon as it is applied, and its webhooks are not"
    assert str(problem.object) == "Kustomization flux-system/operator-controllers"
    assert whats(small(reconciled(item, wait=True)), awaited_webhooks) == []
    assert whats(small(reconciled(item, health_checks=(_reference("operator"),))), awaited_webhooks) == []
    assert len(whats(small(reconciled(item, health_checks=(_reference("other"),))), awaited_webhooks)) == 1


def test_a_webhook_that_validates_nothing_here_need_not_be_waited_for() -> None:
    assert whats(small(operator()), awaited_webhooks) == []


def _reference(name: str) -> NamespacedObjectKindReference:
    return NamespacedObjectKindReference(
        api_version="helm.toolkit.fluxcd.io/v2", kind="HelmRelease", name=name, namespace="widgets"
    )


@pytest.mark.parametrize("action", ["install", "upgrade"])
def test_a_release_that_does_not_wait_for_its_pods_is_ready_before_its_webhooks(action: str) -> None:
    loose = thing("HelmRelease", "x", "helm.toolkit.fluxcd.io", spec={action: {"disableWait": True}})
    serving = replace(addon("operator", loose), serves=("example.org",))
    assert whats(small(serving), awaited_webhooks) == [
        "the release is Ready before its pods are, and its webhooks with them"
    ]
    assert whats(small(addon("operator", loose)), awaited_webhooks) == []
    assert whats(small(website=(loose,)), awaited_webhooks) == []


def test_what_others_depend_on_waits() -> None:
    first, last = addon("a", release("a")), reconciled(addon("b"), depends_on=("a-controllers",))
    applied = "it is ready as soon as it is applied"
    assert whats(small(first, last), waiting_gates) == [
        f"others depend on it, but {applied}",
        f"its layer waits for it, but {applied}",
    ]
    waiting = reconciled(first, wait=True)
    assert whats(small(waiting, reconciled(last, wait=True, depends_on=("a-controllers",))), waiting_gates) == []


def test_in_a_layer_that_does_not_wait_only_what_others_depend_on_waits() -> None:
    first, last = addon("a", release("a")), reconciled(addon("b"), depends_on=("a-controllers",))
    assert len(whats(small(first, last, waits=False), waiting_gates)) == 2
    assert len(whats(small(first, addon("b"), waits=False), waiting_gates)) == 1


def test_a_layer_waits() -> None:
    (problem,) = listed(small(waits=False), [waiting_gates])
    assert str(problem.object) == "Kustomization flux-system/network-reconciliation"
    assert problem.what == "it is Ready before its bundles are"
    assert whats(small(), waiting_gates) == []


def test_health_checks_beside_wait_are_ignored_by_flux() -> None:
    item = reconciled(addon("a", release("a")), health_checks=(_reference("a"),))
    assert whats(small(item), effective_health_checks) == []
    assert whats(small(reconciled(item, wait=True)), effective_health_checks) == [
        "wait is on, so its health checks are ignored"
    ]


def test_a_health_check_of_what_nobody_applies_never_ends() -> None:
    item = reconciled(addon("a", release("a")), health_checks=(crd("x.example.org"), _reference("b")))
    (problem,) = listed(small(item), [effective_health_checks])
    assert problem.what == "it waits for HelmRelease widgets/b, which nothing applies"
    assert problem.field == "spec.healthChecks[1]"


def test_a_health_check_of_an_object_without_a_namespace_ends() -> None:
    check = NamespacedObjectKindReference(api_version="v1", kind="Namespace", name="widgets")
    item = reconciled(addon("a", namespace("widgets")), health_checks=(check,))
    assert whats(small(item), effective_health_checks) == []


def judging(kind: str, api_version: str) -> tuple[CustomHealthCheck, ...]:
    return (CustomHealthCheck(api_version=api_version, kind=kind, current="true"),)


def test_a_kind_that_kstatus_cannot_judge_has_an_expression() -> None:
    store = thing("ClusterSecretStore", "x", "external-secrets.io")
    assert whats(small(addon("a", store)), judged_kinds) == [
        "its bundle does not look at the condition Ready of a ClusterSecretStore"
    ]
    judged = reconciled(addon("a", store), health_check_exprs=judging("ClusterSecretStore", "external-secrets.io/v1"))
    assert whats(small(judged), judged_kinds) == []
    other = reconciled(addon("a", store), health_check_exprs=judging("ExternalSecret", "external-secrets.io/v1"))
    assert len(whats(small(other), judged_kinds)) == 1
    assert whats(small(addon("a", widget("x")), website=(store,)), judged_kinds) == []


def test_layers_that_wait_leave_workers_for_their_bundles() -> None:
    sizes = {size: platform(variant(bootstrap={"use": "install", "size": size})) for size in ("small", "medium")}
    assert whats(sizes["small"], enough_workers) == ["5 layers wait, and size small has 5 workers"]
    assert whats(sizes["medium"], enough_workers) == []
    seed = platform(variant(bootstrap={"use": "install", "size": "small"}, profile="seed"))
    assert whats(seed, enough_workers) == []
    existing = platform(variant(bootstrap={"use": "existing", "size": "small"}))
    assert whats(existing, enough_workers) == []


def test_the_seed_is_warned_of_everything_that_strict_closes() -> None:
    rules = (awaited_webhooks, waiting_gates, judged_kinds)
    assert {problem.rule for problem in listed(SEED, rules)} == {"gates/webhooks", "gates/wait", "gates/conditions"}
    assert listed(STRICT, rules) == []


def test_dropping_the_gate_of_one_bundle_is_found() -> None:
    broken: Platform = with_reconciliation(STRICT, "metallb-controllers", wait=None)
    assert [problem.rule for problem in listed(broken, RULES)] == ["gates/webhooks"]
