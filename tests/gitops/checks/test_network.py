"""Addresses that are asked for are there, given by one owner, announced, and nobody else's."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitops.addon import Addon
from gitops.checks.network import (
    announced_pools,
    claims_in_pools,
    compatible_traffic_policies,
    disjoint_networks,
    distinct_claims,
    distinct_pools,
    one_owner,
    reachable_management,
    reserved_claims,
    resolvable_api_host,
)
from gitops.checks.rule import PlatformRule
from gitops.errors import Severity
from gitops.objects import KubernetesObject, Metadata, Unstructured
from tests.support.platforms import addon, listed, release, small, thing, whats
from tests.support.stacks import variant

NAMESPACE = "io.kubernetes.service.namespace"
METALLB, CILIUM = "metallb.io/loadBalancerIPs", "lbipam.cilium.io/ips"


def says(rule: PlatformRule, *objects: KubernetesObject, **settings: Any) -> list[str]:
    return whats(small(addon("a", *objects), **settings), rule)


def claim(name: str, addresses: str, *, key: str = METALLB, **service: Any) -> KubernetesObject:
    return release(name, controller={"service": {"annotations": {key: addresses}, **service}})


def metallb_pool(name: str, *addresses: str, **spec: Any) -> Unstructured:
    return thing("IPAddressPool", name, "metallb.io", spec={"addresses": list(addresses), **spec})


def cilium_pool(name: str, *blocks: Mapping[str, str], **spec: Any) -> Unstructured:
    return thing("CiliumLoadBalancerIPPool", name, "cilium.io", spec={"blocks": list(blocks), **spec})


def in_namespaces(*names: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": NAMESPACE, "operator": "In", "values": list(names)}]}


def test_two_services_that_ask_for_one_address_are_found() -> None:
    service = thing("Service", "web", "", metadata={})
    assert says(distinct_claims, claim("x", "10.0.0.1"), claim("y", "10.0.0.2, 10.0.0.1")) == [
        "10.0.0.1 is what HelmRelease widgets/x asks for too"
    ]
    assert says(distinct_claims, claim("x", "10.0.0.1"), claim("y", "10.0.0.2"), service) == []


def test_an_address_outside_of_every_pool_is_found() -> None:
    pool = metallb_pool("p", "10.0.0.0-10.0.0.9")
    assert says(claims_in_pools, claim("x", "10.0.0.10"), pool) == [
        "no pool of metallb gives 10.0.0.10 to a Service in widgets"
    ]
    assert says(claims_in_pools, claim("x", "10.0.0.9"), pool) == []


def test_an_address_of_the_other_owners_pool_is_found() -> None:
    pool = cilium_pool("p", {"cidr": "10.0.0.0/24"})
    assert len(says(claims_in_pools, claim("x", "10.0.0.9"), pool)) == 1
    assert says(claims_in_pools, claim("x", "10.0.0.9", key=CILIUM), pool) == []


@pytest.mark.parametrize(("namespace", "count"), [("widgets", 0), ("others", 1)])
def test_a_pool_that_selects_namespaces_counts_for_those(namespace: str, count: int) -> None:
    pool = cilium_pool("p", {"start": "10.0.0.9"}, serviceSelector=in_namespaces(namespace))
    assert len(says(claims_in_pools, claim("x", "10.0.0.9", key=CILIUM), pool)) == count


def test_a_release_that_installs_elsewhere_asks_from_there() -> None:
    item = release("x", annotations={CILIUM: "10.0.0.9"})
    away = replace(item, spec=replace(item.spec, target_namespace="others"))
    pool = cilium_pool("p", {"start": "10.0.0.9"}, serviceSelector=in_namespaces("others"))
    assert says(claims_in_pools, away, pool) == []


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {"a": "b"}},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
        {"matchExpressions": [{"key": NAMESPACE, "operator": "NotIn", "values": ["b"]}]},
    ],
)
def test_a_pool_that_does_not_name_its_namespaces_may_serve_anybody(selector: dict[str, Any]) -> None:
    pool = cilium_pool("p", {"start": "10.0.0.9"}, serviceSelector=selector)
    assert says(claims_in_pools, claim("x", "10.0.0.9", key=CILIUM), pool) == []


def test_what_cannot_be_substituted_neither_asks_for_an_address_nor_gives_one() -> None:
    assert says(claims_in_pools, claim("x", "10.0.0.9", type="${domian}")) == []
    assert says(announced_pools, metallb_pool("p", "10.0.0.0/24", type="${domian}")) == []


def test_a_fixed_address_that_anybody_may_get_is_found() -> None:
    asks = claim("x", "10.0.0.9")
    assert says(reserved_claims, asks, metallb_pool("p", "10.0.0.0/24")) == [
        "10.0.0.9 is in IPAddressPool widgets/p, which any Service may get an address of"
    ]
    assert says(reserved_claims, asks, metallb_pool("p", "10.0.0.0/24", autoAssign=False)) == []
    assert says(reserved_claims, asks, metallb_pool("p", "10.0.0.10-10.0.0.20")) == []
    assert len(says(reserved_claims, asks, cilium_pool("p", {"start": "10.0.0.9"}))) == 1
    assert len(says(reserved_claims, asks, cilium_pool("p", {"start": "10.0.0.1", "stop": "10.0.0.9"}))) == 1
    assert (
        says(reserved_claims, asks, cilium_pool("p", {"start": "10.0.0.9"}, serviceSelector=in_namespaces("a"))) == []
    )


def test_a_fixed_address_in_the_pool_of_all_is_a_warning_in_the_seed() -> None:
    platform = small(addon("a", claim("x", "10.0.0.9"), metallb_pool("p", "10.0.0.0/24")), profile="seed")
    (problem,) = listed(platform, [reserved_claims])
    assert problem.severity is Severity.WARNING
    assert problem.fix.endswith("; the policy reserved-addresses of profile strict does it")


def test_pools_that_overlap_are_found() -> None:
    one = metallb_pool("p", "10.0.0.0-10.0.0.9")
    assert says(distinct_pools, one, metallb_pool("q", "10.0.0.9-10.0.0.12")) == [
        "10.0.0.9-10.0.0.12 overlaps IPAddressPool widgets/p"
    ]
    assert says(distinct_pools, one, metallb_pool("q", "10.0.0.10-10.0.0.12")) == []


def test_what_cannot_be_read_is_no_pool() -> None:
    broken = metallb_pool("q", "nonsense", "10.0.0.0/${domian}")
    assert says(distinct_pools, metallb_pool("p", "10.0.0.0/24"), broken, metallb_pool("r", "nonsense")) == []
    assert says(distinct_pools, thing("IPAddressPool", "s", "metallb.io", spec={"addresses": "10.0.0.0/24"})) == []
    assert says(claims_in_pools, claim("x", "nonsense")) == []


@pytest.mark.parametrize(
    "spec",
    [
        ["10.0.0.0/24"],
        {"blocks": ["10.0.0.0/24"]},
        {"serviceSelector": "widgets"},
        {"serviceSelector": {"matchExpressions": ["widgets"]}},
        {"serviceSelector": {"matchExpressions": [{"key": NAMESPACE, "operator": "In", "values": 8}]}},
    ],
)
def test_a_pool_of_another_shape_is_left_to_its_schema(spec: Any) -> None:
    item = thing("CiliumLoadBalancerIPPool", "p", "cilium.io", spec=spec)
    assert says(distinct_pools, cilium_pool("q", {"cidr": "10.0.0.0/24"}), item) == []
    assert says(announced_pools, item, thing("CiliumL2AnnouncementPolicy", "a", "cilium.io", spec=spec)) == [
        "no CiliumL2AnnouncementPolicy announces its addresses"
    ]


def advertisement(name: str = "a", **spec: Any) -> Unstructured:
    return thing("L2Advertisement", name, "metallb.io", spec=spec)


def test_a_pool_that_nobody_announces_is_found() -> None:
    pool = metallb_pool("p", "10.0.0.0/24")
    assert says(announced_pools, pool) == ["no L2Advertisement announces its addresses"]
    assert len(says(announced_pools, pool, advertisement(ipAddressPools=["q"]))) == 1
    assert len(says(announced_pools, pool, advertisement(ipAddressPoolSelectors=[{}]))) == 1
    assert says(announced_pools, pool, advertisement(ipAddressPools=["p"])) == []
    assert says(announced_pools, pool, advertisement()) == []


def test_an_advertisement_elsewhere_announces_nothing_here() -> None:
    away = advertisement()
    away = replace(away, metadata=replace(away.metadata, namespace="others"))
    assert len(says(announced_pools, metallb_pool("p", "10.0.0.0/24"), away)) == 1


def test_cilium_announces_load_balancer_addresses_when_it_is_told() -> None:
    pool = cilium_pool("p", {"cidr": "10.0.0.0/24"})

    def policy(**spec: Any) -> Unstructured:
        return thing("CiliumL2AnnouncementPolicy", "a", "cilium.io", spec=spec)

    assert says(announced_pools, pool, policy()) == ["no CiliumL2AnnouncementPolicy announces its addresses"]
    assert says(announced_pools, pool, policy(loadBalancerIPs=True)) == []


def test_a_local_traffic_policy_with_cilium_is_found() -> None:
    assert says(compatible_traffic_policies, claim("x", "10.0.0.9", key=CILIUM)) == [
        "externalTrafficPolicy is not given, and Cilium announces the address"
    ]
    assert says(compatible_traffic_policies, claim("x", "10.0.0.9", key=CILIUM, externalTrafficPolicy="Local")) == [
        "externalTrafficPolicy is Local, and Cilium announces the address"
    ]
    assert says(compatible_traffic_policies, claim("x", "10.0.0.9", key=CILIUM, externalTrafficPolicy="Cluster")) == []
    assert says(compatible_traffic_policies, claim("x", "10.0.0.9", externalTrafficPolicy="Local")) == []


@pytest.mark.parametrize(("policy", "count"), [("Cluster", 0), ("Local", 1)])
def test_the_traffic_policy_of_a_service_is_read_in_its_spec(policy: str, count: int) -> None:
    metadata, spec = Metadata(name="x", annotations={CILIUM: "10.0.0.9"}), {"externalTrafficPolicy": policy}
    service = replace(thing("Service", "x", spec=spec), metadata=metadata)
    in_values = release("x", service={"annotations": {CILIUM: "10.0.0.9"}, "spec": spec})
    assert len(says(compatible_traffic_policies, service)) == count
    assert len(says(compatible_traffic_policies, in_values)) == count


OFF: dict[str, Any] = {"enableLBIPAM": False}
ON: dict[str, Any] = {"l2announcements": {"enabled": True}}


@pytest.mark.parametrize(
    ("objects", "what"),
    [
        ([release("cilium"), release("metallb")], "Cilium hands out LoadBalancer addresses, and so does MetalLB"),
        ([release("cilium", **OFF), release("metallb")], None),
        ([release("cilium", defaultLBServiceIPAM="none"), release("metallb")], None),
        ([release("cilium", **ON)], None),
        ([release("cilium", l2announcements=True)], "nothing hands out and announces LoadBalancer addresses"),
        ([release("cilium", **OFF)], "nothing hands out and announces LoadBalancer addresses"),
        ([release("cilium", **OFF, **ON)], "nothing hands out and announces LoadBalancer addresses"),
        ([release("cilium")], "nothing hands out and announces LoadBalancer addresses"),
        ([release("cilium", **ON), thing("OCIRepository", "cilium", spec={})], None),
        ([release("metallb")], None),
        ([], None),
    ],
)
def test_load_balancer_addresses_have_one_owner(objects: list[KubernetesObject], what: str | None) -> None:
    assert says(one_owner, *objects, claim("x", "10.0.0.9")) == ([what] if what else [])


def test_where_nobody_asks_for_an_address_nobody_needs_to_give_one() -> None:
    assert says(one_owner, release("cilium", **OFF)) == []


def disjoint(addons: tuple[Addon, ...], pool: str = "10.0.0.0/24", **network: str) -> list[str]:
    cluster_vars = variant().cluster_vars.model_copy(update={"load_balancer_pool": pool})
    platform = small(*addons, network=network)
    return whats(
        replace(platform, cluster=platform.cluster.model_copy(update={"cluster_vars": cluster_vars})), disjoint_networks
    )


def test_a_pool_among_ciliums_default_pod_addresses_is_found() -> None:
    assert disjoint((addon("cilium"),)) == [
        "load_balancer_pool 10.0.0.0-10.0.0.255 is in 10.0.0.0/8, where Cilium takes the addresses of pods from"
    ]
    assert disjoint((addon("cilium"),), pod_cidr="10.244.0.0/16") == []
    assert disjoint((addon("cilium"),), pool="192.168.1.0/24") == []
    assert disjoint(()) == []
    assert len(disjoint((addon("cilium"),), pool="192.168.1.0/24", service_cidr="10.96.0.0/12")) == 1


@pytest.mark.parametrize("host", ["api.k8s.cicci8ino.it", "k8s.cicci8ino.it"])
def test_an_api_host_that_the_cluster_itself_resolves_is_a_warning(host: str) -> None:
    (problem,) = listed(small(addon("k8s-gateway"), network={"api_host": host}), [resolvable_api_host])
    assert problem.severity is Severity.WARNING
    assert problem.what == f"{host} is in k8s.cicci8ino.it, the zone that the cluster's own DNS server answers"


@pytest.mark.parametrize("host", ["api.other.org", "api-k8s.cicci8ino.it"])
def test_an_api_host_of_another_zone_is_fine(host: str) -> None:
    assert whats(small(addon("k8s-gateway"), network={"api_host": host}), resolvable_api_host) == []


def test_without_a_dns_server_in_the_cluster_any_api_host_is_fine() -> None:
    assert says(resolvable_api_host) == []


def test_a_cluster_that_sends_its_logs_to_itself_keeps_them() -> None:
    assert says(reachable_management, management=False) == [
        "it is the cluster's own domain, but the cluster is no management cluster"
    ]
    assert says(reachable_management, management=True) == []
