"""Secrets: each rule with the smallest platform that violates it, and the nearest that does not."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import checked, platform
from gitops.addon import Addon
from gitops.chart import INTERVAL
from gitops.checks.secrets import RULES
from gitops.errors import PlatformError, Problem, Severity
from gitops.flux import (
    CrossNamespaceSourceReference,
    Kustomization,
    KustomizationSpec,
    PostBuild,
    SubstituteReference,
)
from gitops.objects import Metadata, Unstructured
from gitops.platform import Platform
from gitops.prerequisite import Prerequisite, ValueReference
from gitops.tls import CLUSTER_ISSUER_ANNOTATION, ISSUER_ANNOTATION
from tests.support.platforms import SEED, addon, found, with_addons
from tests.support.stacks import DELIVERIES, PROFILES, STACKS, shipped, variant

PASSWORD = "hunter" + "2"


def of(*addons: Addon, layer: str = "log") -> list[Problem]:
    return found(with_addons(*addons, layer=layer), RULES)


def an(
    kind: str, group: str, name: str = "a", *, annotations: dict[str, str] | None = None, **fields: Any
) -> Unstructured:
    metadata = Metadata(name=name, namespace="x", annotations=annotations or {})
    return Unstructured(api_version=f"{group}/v1".removeprefix("/"), kind=kind, metadata=metadata, fields=fields)


def pod(secret: str, key: str | None = None) -> Unstructured:
    reference = {"secretKeyRef": {"name": secret, "key": key}} if key else {}
    env = [{"name": "A", "valueFrom": reference}] if key else []
    volumes = [] if key else [{"name": "v", "secret": {"secretName": secret}}]
    return an("Pod", "", "pod", spec={"containers": [{"name": "c", "env": env}], "volumes": volumes})


def external(own: str, *, store: str = "onepassword", kind: str = "ClusterSecretStore", **target: Any) -> Unstructured:
    spec = {
        "secretStoreRef": {"kind": kind, "name": store},
        "target": target,
        "data": [{"secretKey": "k", "remoteRef": {"key": "item"}}],
    }
    return an("ExternalSecret", "external-secrets.io", own, spec=spec)


def ingress(issuer: str, annotation: str = CLUSTER_ISSUER_ANNOTATION) -> Unstructured:
    spec = {"tls": [{"hosts": ["h"], "secretName": "a-tls"}]}
    return an("Ingress", "networking.k8s.io", annotations={annotation: issuer}, spec=spec)


STORE = ("external-secrets-configs",)


def test_a_secret_that_nothing_makes_names_the_field_that_needs_it() -> None:
    (problem,) = of(addon("a", pod("s")))
    assert (problem.rule, problem.severity) == ("secrets/creator", Severity.ERROR)
    assert problem.where == "addons/network/a.py:1: Pod x/pod: spec.volumes[0].secret.secretName"
    assert problem.what == "nothing makes Secret x/s"


def test_a_secret_of_another_namespace_does_not_help() -> None:
    elsewhere = Prerequisite(namespace="y", name="s", purpose="nothing")
    assert [item.rule for item in of(replace(addon("a", pod("s")), prerequisites=(elsewhere,)))] == ["secrets/creator"]


@pytest.mark.parametrize(
    "maker",
    [
        external("s"),
        external("other", name="s"),
        an("Certificate", "cert-manager.io", spec={"secretName": "s", "issuerRef": {"name": "i"}}),
    ],
)
def test_a_secret_is_made_by_what_asks_for_it(maker: Unstructured) -> None:
    issuer = an("Issuer", "cert-manager.io", "i", spec={})
    assert of(addon("a", pod("s"), maker, issuer, needs=STORE)) == []


def test_the_bootstrap_and_charts_make_what_the_addon_says() -> None:
    bootstrap = Prerequisite(namespace="x", name="s", purpose="a test")
    assert of(replace(addon("a", pod("s")), prerequisites=(bootstrap,))) == []
    gateway = next(item for item in SEED.addons if item.name == "k8s-gateway")
    with_chart = SEED.map_addons(lambda item: replace(item, chart_secrets=("s",)) if item == gateway else item)
    needing = replace(pod("s"), metadata=Metadata(name="pod", namespace="k8s-gateway"))
    after = addon("a", needing, needs=("k8s-gateway-controllers",))
    assert found(with_addons(after, layer="log", platform=with_chart), RULES) == []
    assert [item.rule for item in found(with_addons(after, layer="log"), RULES)] == ["secrets/creator"]


def test_an_external_secret_that_makes_nothing_itself_is_no_maker() -> None:
    assert [item.rule for item in of(addon("a", pod("s"), external("s", creationPolicy="Merge"), needs=STORE))] == [
        "secrets/creator"
    ]


def test_a_chart_value_that_names_a_missing_secret_is_found() -> None:
    tls = {"controller": {"defaultTLS": {"secret": "nginx-ingress/default"}}}
    with pytest.raises(PlatformError) as caught:
        platform(variant(addons={"nginx": {"values": tls}}))
    (problem,) = caught.value.problems
    assert (problem.rule, problem.field) == ("secrets/creator", "spec.values.controller.defaultTLS.secret")
    assert problem.what == "nothing makes Secret nginx-ingress/default"


def test_a_declared_value_that_is_not_set_needs_nothing() -> None:
    connect = next(item for item in SEED.addons if item.name == "1password-connect")
    unset = replace(connect, references=(ValueReference(value="connect.nothing.at.all"),))
    assert found(SEED.map_addons(lambda item: unset if item == connect else item), RULES) == []


def test_a_key_that_its_maker_does_not_know_is_found() -> None:
    (problem,) = of(addon("a", pod("s", "token"), external("s"), needs=STORE))
    assert (problem.rule, problem.field) == (
        "secrets/key",
        "spec.containers[0].env[0].valueFrom.secretKeyRef.name",
    )
    assert problem.what == "Secret x/s has no key token; it has k"
    assert of(addon("a", pod("s", "k"), external("s"), needs=STORE)) == []


def test_the_keys_of_a_template_are_not_known() -> None:
    assert of(addon("a", pod("s", "token"), external("s", template={"data": {}}), needs=STORE)) == []


def test_a_renamed_key_of_grafanas_administrator_is_found() -> None:
    values = {"admin": {"existingSecret": "grafana-tls"}}
    with pytest.raises(PlatformError) as caught:
        platform(variant(addons={"grafana": {"values": values}}))
    (problem,) = caught.value.problems
    assert (
        problem.what
        == "Secret grafana/grafana-tls has no key admin-user, admin-password; it has ca.crt, tls.crt, tls.key"
    )


def test_a_maker_that_comes_later_is_found() -> None:
    late = addon("b", external("s"), needs=("a-controllers", *STORE))
    (problem,) = of(addon("a", pod("s")), late)
    assert (problem.rule, problem.object) == ("secrets/order", pod("s").key)
    assert problem.what == "a-controllers does not wait for b-controllers, with which Secret x/s comes"
    assert problem.fix == "add 'b-controllers' to its needs, or make s in an earlier bundle"


def test_a_maker_that_comes_at_any_time_is_found_and_an_earlier_one_is_fine() -> None:
    maker = addon("b", external("s"), needs=STORE)
    assert [item.rule for item in of(addon("a", pod("s")), maker)] == ["secrets/order"]
    assert of(addon("a", pod("s"), needs=("b-controllers",)), maker) == []
    assert of(addon("a", pod("s"), after=("c-controllers",)), addon("c", needs=("b-controllers",)), maker) == []


def test_what_pulumi_applies_cannot_wait_for_a_bundle() -> None:
    maker = with_addons(addon("b", external("s"), needs=STORE), layer="log")
    (problem,) = found(replace(maker, website=(pod("s"),)), RULES)
    assert problem.what == "what Pulumi applies does not wait for b-controllers, with which Secret x/s comes"


def test_an_ingress_may_come_before_its_certificate() -> None:
    assert of(addon("a", ingress("cluster-ca"))) == []


@pytest.mark.parametrize(
    ("object_", "key"),
    [
        (ingress("cluster-caa"), "ClusterIssuer cluster-caa"),
        (ingress("cluster-ca", ISSUER_ANNOTATION), "Issuer x/cluster-ca"),
        (an("Certificate", "cert-manager.io", spec={"secretName": "a-tls"}), "Issuer x/"),
    ],
)
def test_an_issuer_that_does_not_exist_is_found(object_: Unstructured, key: str) -> None:
    (problem,) = of(addon("a", object_))
    assert (problem.rule, problem.object) == ("secrets/maker", object_.key)
    assert problem.what == f"{key} is not declared, so nothing makes Secret x/a-tls"


def test_switching_cert_manager_off_is_found_at_every_ingress() -> None:
    _, report = checked(variant(addons={"cert-manager": {"enabled": False}, "trust-manager": {"enabled": False}}))
    listed = [str(item.object) for item in report.errors if item.rule == "secrets/maker"]
    assert listed == [
        "HelmRelease victoria-metrics/victoria-metrics",
        "HelmRelease victoria-logs/victoria-logs",
        "HelmRelease grafana/grafana",
    ]


def test_a_certificate_for_another_host_than_the_one_served_is_found() -> None:
    def served(host: str) -> Unstructured:
        spec = {"rules": [{"host": host}], "tls": [{"hosts": ["a.example.org"], "secretName": "a-tls"}]}
        return an("Ingress", "networking.k8s.io", annotations={CLUSTER_ISSUER_ANNOTATION: "cluster-ca"}, spec=spec)

    (problem,) = of(addon("a", served("b.example.org")))
    assert (problem.rule, problem.field) == ("secrets/tls-host", "spec.tls")
    assert problem.what == "TLS is for a.example.org; served is b.example.org"
    assert of(addon("a", served("a.example.org"))) == []


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("grafana", {"ingress": {"hosts": ["other.example.org"]}}, "spec.values.ingress.tls"),
        (
            "victoria-logs",
            {"server": {"ingress": {"hosts": [{"name": "other.example.org"}]}}},
            "spec.values.server.ingress.tls",
        ),
    ],
)
def test_a_chart_whose_certificate_is_for_another_host_is_found(name: str, values: dict[str, Any], field: str) -> None:
    _, report = checked(variant(addons={name: {"values": values}}))
    (problem,) = (item for item in report.errors if item.rule == "secrets/tls-host")
    assert problem.field == field
    assert problem.what.endswith("; served is other.example.org")


def test_a_store_that_does_not_exist_is_found() -> None:
    (problem,) = of(addon("a", external("s", store="vault"), needs=STORE))
    assert problem.what == "ClusterSecretStore vault is not declared, so nothing makes Secret x/s"
    (problem,) = of(addon("a", external("s", kind="SecretStore"), needs=STORE))
    assert problem.what == "SecretStore x/onepassword is not declared, so nothing makes Secret x/s"


def test_an_external_secret_waits_for_its_store() -> None:
    (problem,) = of(addon("a", external("s")))
    assert (problem.rule, problem.object) == ("secrets/maker", external("s").key)
    assert problem.what == (
        "its bundle does not wait for external-secrets-configs, with which ClusterSecretStore onepassword comes"
    )
    assert of(addon("a", external("s"), needs=STORE)) == []


def literals(planned: Platform) -> list[Problem]:
    return [problem for rule in RULES if rule.id == "secrets/literal" for problem in rule.problems(planned)]


def test_a_password_in_the_config_is_found_once_and_never_shown() -> None:
    _, report = checked(variant(addons={"grafana": {"values": {"adminPassword": PASSWORD}}}))
    (problem,) = report.errors
    assert (problem.rule, problem.where) == ("secrets/literal", "homelab:addons.grafana.values.adminPassword")
    assert problem.what == "looks like a credential, by its key adminPassword (7 characters, not shown)"
    assert PASSWORD not in str(problem)
    assert problem.confidential


def test_a_password_in_the_tree_names_its_object_and_who_declared_it() -> None:
    (problem,) = literals(with_addons(addon("a", an("Widget", "example.org", spec={"password": PASSWORD}))))
    assert problem.where == "addons/network/a.py:1: Widget x/a: spec.password"
    assert PASSWORD not in str(problem)
    assert literals(with_addons(addon("a", an("Widget", "example.org", spec={"password": "${admin}"})))) == []


def test_a_secret_in_the_tree_is_refused_whatever_it_holds() -> None:
    (problem,) = of(addon("a", an("Secret", "", data={"key": "value"})))
    assert (problem.rule, problem.what) == ("secrets/declared", "a Secret is declared with its values")
    assert of(addon("a", an("ConfigMap", "", data={"key": "value"}))) == []


def kustomization(kind: Any) -> Kustomization:
    source = CrossNamespaceSourceReference(kind="GitRepository", name="flux-system")
    post_build = PostBuild(substitute_from=(SubstituteReference(kind=kind, name="s"),))
    spec = KustomizationSpec(interval=INTERVAL, source_ref=source, path="./x", prune=False, post_build=post_build)
    return Kustomization(metadata=Metadata(name="k", namespace="x"), spec=spec)


def test_a_variable_from_a_secret_is_found() -> None:
    prerequisite = Prerequisite(namespace="x", name="s", purpose="a test")
    (problem,) = of(replace(addon("a", kustomization("Secret")), prerequisites=(prerequisite,)))
    assert (problem.rule, problem.field) == ("secrets/substituted", "spec.postBuild.substituteFrom[0]")
    config_map = replace(prerequisite, kind="ConfigMap")
    assert of(replace(addon("a", kustomization("ConfigMap")), prerequisites=(config_map,))) == []


def test_bundles_that_wait_for_each_other_or_for_nothing_stop_no_rule() -> None:
    looped = with_addons(addon("a", pod("s"), needs=("b-controllers",)), addon("b", needs=("a-controllers", "c")))
    assert [item.rule for item in found(looped, RULES)] == ["secrets/creator"]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_the_shipped_stacks_have_all_their_secrets(stack: str, profile: str, delivery: str) -> None:
    planned = platform(shipped(stack, profile=profile, delivery=delivery))
    assert [item for rule in RULES for item in rule.problems(planned)] == []


def test_what_a_config_names_the_bootstrap_brings() -> None:
    website = {"image": f"example.org/a@sha256:{'0' * 64}", "image_pull_secret": "registry", "issuer": "acme"}
    planned = platform(variant(website=website))
    assert [item for rule in RULES for item in rule.problems(planned)] == []
