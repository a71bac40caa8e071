"""What a variable becomes is what its reader wants."""

from dataclasses import replace
from typing import Any

import pytest

from gitops.checks.types import textual_fields, typed_fields
from gitops.objects import ConfigMap, KubernetesObject, Metadata
from gitops.platform import Platform
from tests.support.platforms import SEED, STRICT, addon, listed, release, small, thing, whats, with_reconciliation


def called(name: str, *objects: KubernetesObject) -> Platform:
    """A platform whose cluster has that name."""
    (variables,) = SEED.variables
    platform = small(addon("a", *objects))
    return replace(platform, variables=(replace(variables, data={**variables.data, "cluster_name": name}),))


LABELLED: list[KubernetesObject] = [
    release("x", prometheus={"externalLabels": {"cluster": "${cluster_name}"}}),
    release("x", podAnnotations={"cluster": "${cluster_name}"}),
    thing("Widget", "x", spec={"template": {"metadata": {"labels": {"cluster": "${cluster_name}"}}}}),
    ConfigMap(metadata=Metadata(name="x", namespace="y"), data={"cluster": "${cluster_name}"}),
]
COUNT = {"count": "${cluster_name}"}


@pytest.mark.parametrize("item", LABELLED, ids=lambda item: item.kind)
@pytest.mark.parametrize(("name", "becomes"), [("1e3", "1000.0"), ("8", "8"), ("on", "true"), ("null", "null")])
def test_text_that_becomes_something_else_is_found(item: KubernetesObject, name: str, becomes: str) -> None:
    assert whats(called(name, item), textual_fields) == [
        f'"${{cluster_name}}" becomes {becomes}, but only text can stand here'
    ]


@pytest.mark.parametrize("item", LABELLED, ids=lambda item: item.kind)
def test_text_that_stays_text_is_fine(item: KubernetesObject) -> None:
    assert whats(called("odyssey-8", item), textual_fields) == []


@pytest.mark.parametrize(
    "item",
    [
        release("x", replicas="${cluster_name}", labels=["${cluster_name}"]),
        thing("Widget", "x", data=COUNT),
        thing("ConfigMap", "x", "", status=COUNT),
    ],
    ids=lambda item: item.kind,
)
def test_a_number_may_stand_where_one_is_wanted(item: KubernetesObject) -> None:
    assert whats(called("8", item), textual_fields) == []


def test_a_revision_that_is_a_number_would_be_refused() -> None:
    revised = with_reconciliation(small(addon("a")), "a-controllers", substitute={"revision": "${revision}"})

    def with_revision(value: str) -> Platform:
        return revised.map_layers(
            lambda layer: replace(layer, reconciliation=replace(layer.reconciliation, substitute={"revision": value}))
        )

    (problem,) = listed(with_revision("123456789012"), [textual_fields])
    assert problem.where.endswith("Kustomization flux-system/a-controllers: spec.postBuild.substitute.revision")
    assert whats(with_revision("r12345678901"), textual_fields) == []
    # What the layer cannot fill in is another rule's.
    assert whats(revised, textual_fields) == []
    assert whats(STRICT, textual_fields) == []


LONGEST = ".".join(["a" * 63] * 4)[:253]


def typed(item: KubernetesObject) -> list[str]:
    return whats(small(addon("a", item)), typed_fields)


@pytest.mark.parametrize(
    ("kind", "group", "spec", "what"),
    [
        (
            "IPAddressPool",
            "metallb.io",
            {"addresses": ["10.0.0.9-10.0.0.1"]},
            '"10.0.0.9-10.0.0.1" is no range of addresses',
        ),
        ("IPAddressPool", "metallb.io", {"addresses": ["${domain}"]}, '"k8s.cicci8ino.it" is no range of addresses'),
        ("CiliumLoadBalancerIPPool", "cilium.io", {"blocks": [{"start": "10.0.0"}]}, '"10.0.0" is no IP address'),
        ("CiliumLoadBalancerIPPool", "cilium.io", {"blocks": [{"cidr": "10.0.0.1/8"}]}, '"10.0.0.1/8" is no CIDR'),
        ("Ingress", "networking.k8s.io", {"rules": [{"host": "a_b.org"}]}, '"a_b.org" is no host name or address'),
        ("Ingress", "networking.k8s.io", {"tls": [{"hosts": [8]}]}, "8 is no host name or address"),
    ],
)
def test_a_field_that_its_reader_cannot_parse_is_found(kind: str, group: str, spec: dict[str, Any], what: str) -> None:
    assert typed(thing(kind, "x", group, spec=spec)) == [what]


@pytest.mark.parametrize(
    ("kind", "group", "spec"),
    [
        ("IPAddressPool", "metallb.io", {"addresses": ["${load_balancer_pool}", "10.0.0.0/8"]}),
        ("CiliumLoadBalancerIPPool", "cilium.io", {"blocks": [{"start": "${dns_ip}", "stop": "fd00::1"}]}),
        ("Ingress", "networking.k8s.io", {"rules": [{"host": "*.${domain}"}]}),
        ("Other", "example.org", {"addresses": ["anything"]}),
    ],
)
def test_a_field_that_its_reader_can_parse_is_fine(kind: str, group: str, spec: dict[str, Any]) -> None:
    assert typed(thing(kind, "x", group, spec=spec)) == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"metallb.io/loadBalancerIPs": "192.168.1.x"}, {"metallb.io/loadBalancerIPs": "${dns_ip}, fd00::1"}),
        ({"clusterPoolIPv4PodCIDRList": ["10.0.0.0"]}, {"clusterPoolIPv4PodCIDRList": ["10.0.0.0/16"]}),
        ({"k8sServiceHost": "api_host"}, {"k8sServiceHost": "api.${domain}"}),
        ({"k8sServiceHost": f"{LONGEST}a"}, {"k8sServiceHost": LONGEST}),
        ({"defaultReplicaCount": "0"}, {"defaultReplicaCount": "${storage_replica}"}),
        ({"defaultReplicaCount": 0}, {"defaultReplicaCount": 1}),
        ({"defaultReplicaCount": True}, {"defaultReplicaCount": 3}),
        ({"connectHost": "onepassword:8080"}, {"connectHost": "http://onepassword:8080"}),
        ({"root_url": "https://a b/"}, {"root_url": "https://grafana.${domain}/x"}),
        ({"root_url": "https://[a/"}, {"root_url": "https://192.168.1.1"}),
        ({"root_url": "//grafana.example.org"}, {"root_url": "http://grafana.example.org"}),
        ({"root_url": 8}, {"root_url": "https://grafana"}),
    ],
)
def test_chart_values_of_a_known_type_are_checked_wherever_they_stand(
    wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    assert len(typed(release("x", deep={"in": [wrong]}))) == 1
    assert typed(release("x", deep={"in": [right]})) == []


def test_the_fix_names_the_variable_that_the_value_comes_from() -> None:
    (problem,) = listed(small(addon("a", release("x", k8sServiceHost="a b.${domain}"))), [typed_fields])
    assert problem.fix == "write one like k8s.example.org; it comes from a b.${domain}"


@pytest.mark.parametrize("value", ["a b", 8])
def test_the_fix_of_what_comes_from_no_variable_names_none(value: object) -> None:
    (problem,) = listed(small(addon("a", release("x", k8sServiceHost=value))), [typed_fields])
    assert problem.fix == "write one like k8s.example.org"


def test_what_cannot_be_substituted_is_reported_once_and_not_here() -> None:
    assert typed(release("x", k8sServiceHost="${domian}")) == []
