"""Mistakes that people make with the shipped stacks, each found with a message that is enough to mend it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import checked, platform
from gitops.addon import Addon, configs
from gitops.checks import RULES
from gitops.errors import Problem
from gitops.flux import HelmRelease, HelmRepository, OCIRepository
from gitops.objects import KubernetesObject
from gitops.platform import Platform
from tests.support.platforms import found
from tests.support.stacks import shipped, variant

STRICT = platform(shipped("odyssey"))


def configured(addon: str, **values: Any) -> list[tuple[str, str]]:
    """What is found where a stack sets chart values of an add-on."""
    _, report = checked(variant(addons={addon: {"values": values}}))
    return [(problem.rule, problem.what) for problem in report.problems]


def changed(name: str, change: Callable[[Addon], Addon]) -> list[Problem]:
    """What is found where an add-on is written in another way."""
    planned: Platform = STRICT.map_addons(lambda addon: change(addon) if addon.name == name else addon)
    return found(planned, RULES)


def with_objects(addon: Addon, change: Callable[[KubernetesObject], KubernetesObject]) -> Addon:
    objects = tuple(change(item) for item in addon.controllers.objects)
    return replace(addon, controllers=replace(addon.controllers, objects=objects))


def test_a_misspelt_secret_of_grafana() -> None:
    assert configured("grafana", admin={"existingSecret": "grafana-admn"}) == [
        ("secrets/creator", "nothing makes Secret grafana/grafana-admn")
    ]


def test_a_key_of_grafanas_administrator_that_the_external_secret_does_not_make() -> None:
    assert configured("grafana", admin={"userKey": "user"}) == [
        ("secrets/key", "Secret grafana/grafana-admin has no key user; it has admin-user, admin-password")
    ]


def test_a_key_of_connects_credentials_that_the_bootstrap_does_not_bring() -> None:
    assert configured("1password-connect", connect={"credentialsKey": "credentials.json"}) == [
        (
            "secrets/key",
            "Secret 1password/op-credentials has no key credentials.json; it has 1password-credentials.json",
        )
    ]


def test_a_default_certificate_that_nobody_issues() -> None:
    assert configured("nginx", controller={"wildcardTLS": {"secret": "nginx-ingress/wildcard"}}) == [
        ("secrets/creator", "nothing makes Secret nginx-ingress/wildcard")
    ]


def test_connects_credentials_as_a_chart_value() -> None:
    ((rule, what),) = configured("1password-connect", connect={"credentials": '{"enc' + 'Credentials": {}}'})
    assert rule == "secrets/literal"
    assert what == "looks like a 1Password credentials file (22 characters, not shown)"


def test_the_external_secret_of_grafana_among_its_configs() -> None:
    def moved(addon: Addon) -> Addon:
        secret = next(item for item in addon.controllers.objects if item.kind == "ExternalSecret")
        rest = tuple(item for item in addon.controllers.objects if item is not secret)
        controllers = replace(addon.controllers, objects=rest)
        return replace(addon, controllers=controllers, configs=configs(addon.name, secret))

    listed = changed("grafana", moved)
    (problem,) = (item for item in listed if item.rule == "secrets/order")
    assert (
        problem.what
        == "grafana-controllers does not wait for grafana-configs, with which Secret grafana/grafana-admin comes"
    )


@pytest.mark.parametrize("name", ["alloy", "kube-prometheus-stack"])
def test_a_collector_that_does_not_wait_for_the_root_ca(name: str) -> None:
    listed = changed(name, lambda addon: replace(addon, controllers=replace(addon.controllers, needs=())))
    (problem,) = (item for item in listed if item.rule.startswith("secrets/"))
    assert problem.rule == "secrets/order"
    assert problem.fix.startswith("add 'trust-manager-configs' to its needs")


def test_longhorn_without_retain() -> None:
    (problem,) = (item for item in changed("longhorn", lambda addon: replace(addon, retain=False)))
    assert (problem.rule, problem.what) == (
        "safety/retain",
        "uninstalling longhorn deletes its CRDs, and with them every volume",
    )


def test_pod_logs_from_the_nodes_disk_in_a_namespace_for_ordinary_pods() -> None:
    assert configured("alloy", alloy={"mounts": {"varlog": True}}) == [
        ("safety/host-access", "its pods mount /var/log of the node, but namespace alloy admits baseline pods only")
    ]


def test_the_dns_server_from_where_it_was_last_year() -> None:
    def moved(item: KubernetesObject) -> KubernetesObject:
        if not isinstance(item, OCIRepository):
            return item
        return replace(item, spec=replace(item.spec, url="oci://ghcr.io/k8s-gateway/charts/k8s-gateway"))

    (problem,) = changed("k8s-gateway", lambda addon: with_objects(addon, moved))
    assert problem.what == "chart k8s-gateway in oci://ghcr.io/k8s-gateway/charts is moved since 2026-09"
    assert problem.fix == "use oci://codeberg.org/k8s-gateway/charts/k8s-gateway"


def test_a_range_instead_of_a_version() -> None:
    def floating(item: KubernetesObject) -> KubernetesObject:
        if not isinstance(item, HelmRelease) or item.spec.chart is None:
            return item
        chart = replace(item.spec.chart, spec=replace(item.spec.chart.spec, version="0.x"))
        return replace(item, spec=replace(item.spec, chart=chart))

    problem, unchecked = changed("metallb", lambda addon: with_objects(addon, floating))
    assert unchecked.rule == "schema/chart-facts"
    assert (problem.rule, problem.what) == (
        "sources/pin",
        "chart metallb has the version '0.x', which is not an exact one",
    )


def test_a_source_that_was_renamed_without_its_release() -> None:
    def renamed(item: KubernetesObject) -> KubernetesObject:
        return (
            replace(item, metadata=replace(item.metadata, name="mtallb")) if isinstance(item, HelmRepository) else item
        )

    listed = changed("metallb", lambda addon: with_objects(addon, renamed))
    assert [(problem.rule, problem.what) for problem in listed if problem.rule.startswith("sources/")] == [
        ("sources/exists", "HelmRepository metallb/metallb is not declared"),
        ("sources/used", "no release uses it"),
    ]
