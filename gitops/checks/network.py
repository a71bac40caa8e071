"""Network: addresses that are asked for are there, given by one owner, announced, and nobody else's."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Final

from gitops.addresses import AddressRange
from gitops.checks.balancing import CILIUM, METALLB, claims, pools
from gitops.checks.rule import rule
from gitops.cluster import CILIUM_PODS
from gitops.declared import DeclaredObject
from gitops.errors import Severity, Violation
from gitops.lookup import mapping_at, value_at
from gitops.platform import Platform

_ANNOUNCED_BY: Final = {METALLB: "L2Advertisement", CILIUM: "CiliumL2AnnouncementPolicy"}


@rule("network/fixed-addresses-distinct")
def distinct_claims(platform: Platform) -> Iterator[Violation]:
    """Of two Services that ask for one address the second stays `<pending>`, whichever that is after a restart."""
    for first, second in combinations(claims(platform), 2):
        if first.address == second.address:
            what = f"{second.address} is what {first.item.key} asks for too"
            yield second.item.violation(second.path, what=what, fix="give each Service an address of its own")


@rule("network/fixed-addresses-in-pool")
def claims_in_pools(platform: Platform) -> Iterator[Violation]:
    """A Service that asks for an address outside of its owner's pools stays `<pending>` for ever.

    A pool with a `serviceSelector` counts for the namespaces that it selects.
    """
    available = pools(platform)
    for claim in claims(platform):
        if not any(pool.serves(claim) for pool in available):
            what = f"no pool of {claim.owner} gives {claim.address} to a Service in {claim.namespace}"
            yield claim.item.violation(claim.path, what=what, fix="ask for an address of a pool, or widen the pool")


@rule("network/reserved", closed_by="reserved-addresses")
def reserved_claims(platform: Platform) -> Iterator[Violation]:
    """A fixed address in a pool that is given out automatically goes to whichever Service comes first.

    Then the DNS server or the ingress stays `<pending>`: allocators take the first free address of the pool.
    """
    for claim, pool in product(claims(platform), pools(platform)):
        if pool.automatic and any(claim.address in part for part in pool.ranges):
            what = f"{claim.address} is in {pool.item.key}, which any Service may get an address of"
            yield claim.item.violation(claim.path, what=what, fix="keep it out of the pool, in one of its own")


@rule("network/pools-distinct")
def distinct_pools(platform: Platform) -> Iterator[Violation]:
    """MetalLB's webhook refuses a pool that overlaps another, and Cilium disables the newer of the two."""
    for one, other in combinations(pools(platform), 2):
        shared = [part for part in other.ranges if any(part.overlaps(taken) for taken in one.ranges)]
        if shared:
            what = f"{shared[0]} overlaps {one.item.key}"
            yield other.item.violation("spec", what=what, fix="give each pool addresses of its own")


@rule("network/announced")
def announced_pools(platform: Platform) -> Iterator[Violation]:
    """An address that nobody announces is assigned all the same, but no ARP request for it is ever answered."""
    for pool in pools(platform):
        kind = _ANNOUNCED_BY[pool.owner]
        if not any(_announces(item, pool.item) for item in platform.declared if item.key.kind == kind):
            what = f"no {kind} announces its addresses"
            yield pool.item.violation("metadata.name", what=what, fix=f"name the pool in a {kind}, or add one")


@rule("network/traffic-policy")
def compatible_traffic_policies(platform: Platform) -> Iterator[Violation]:
    """Cilium's L2 announcements do not work with `externalTrafficPolicy: Local`: the announcing node may have no pod.

    Source: Cilium's documentation of L2 announcements. F5's ingress controller uses Local unless it is told.
    """
    for claim in claims(platform):
        if claim.owner == CILIUM and claim.traffic_policy != "Cluster":
            what = f"externalTrafficPolicy is {claim.traffic_policy or 'not given'}, and Cilium announces the address"
            yield claim.item.violation(claim.path, what=what, fix="set externalTrafficPolicy: Cluster")


@rule("network/one-owner")
def one_owner(platform: Platform) -> Iterator[Violation]:
    """Two owners of LoadBalancer addresses give one address to two Services; without any, all stay `<pending>`.

    Cilium takes part unless its LB IPAM is switched off (`enableLBIPAM`, `defaultLBServiceIPAM`).
    """
    releases = {item.key.name: item for item in platform.declared if item.key.kind == "HelmRelease"}
    cilium, metallb = releases.get(CILIUM), releases.get(METALLB)
    values = mapping_at(cilium.substituted, "spec.values") if cilium else {}
    assigns = values.get("enableLBIPAM") is not False and values.get("defaultLBServiceIPAM") != "none"
    announces = assigns and value_at(values, "l2announcements.enabled") is True
    if cilium and metallb and assigns:
        what = "Cilium hands out LoadBalancer addresses, and so does MetalLB"
        yield cilium.violation("spec.values", what=what, fix="set enableLBIPAM: false and defaultLBServiceIPAM: none")
    if cilium and not metallb and not announces and claims(platform):
        what = "nothing hands out and announces LoadBalancer addresses"
        fix = "switch metallb on (homelab:addons.metallb.enabled), or choose load_balancer: cilium"
        yield Violation(field="homelab:network.load_balancer", what=what, fix=fix)


@rule("network/disjoint")
def disjoint_networks(platform: Platform) -> Iterator[Violation]:
    """Addresses that pods use inside the cluster cannot be reached outside it: a pool or LAN among them goes dark.

    Without `homelab:network.pod_cidr` Cilium takes all of 10.0.0.0/8, its chart's default.
    """
    network = platform.cluster.network
    has_cilium = any(addon.name == CILIUM for addon in platform.addons)
    if network.pod_cidr is not None or not has_cilium:
        return
    pods = AddressRange.parse(CILIUM_PODS)
    others = {"load_balancer_pool": str(platform.cluster.pool), "service_cidr": network.service_cidr}
    for name, text in {**others, "node_cidr": network.node_cidr}.items():
        if text and AddressRange.parse(text).overlaps(pods):
            yield Violation(
                field="homelab:network",
                what=f"{name} {text} is in {CILIUM_PODS}, where Cilium takes the addresses of pods from",
                fix="set pod_cidr to what Cilium was installed with",
            )


@rule("network/api-host", severity=Severity.WARNING)
def resolvable_api_host(platform: Platform) -> Iterator[Violation]:
    """Cilium needs the API before any pod runs; a name that only the cluster's own DNS server knows is found too late.

    After a power cut nothing starts again: no API without its name, no Cilium without the API, no DNS without Cilium.
    """
    host, domain = platform.cluster.api_host, platform.cluster.cluster_vars.domain
    serves = any(addon.name == "k8s-gateway" for addon in platform.addons)
    if serves and (host == domain or host.endswith(f".{domain}")):
        yield Violation(
            field="homelab:network.api_host",
            what=f"{host} is in {domain}, the zone that the cluster's own DNS server answers",
            fix="give the nodes a record of their own for it and waive this, or use a name outside the zone",
        )


@rule("network/management")
def reachable_management(platform: Platform) -> Iterator[Violation]:
    """Logs and metrics go to `mgmt_domain`; a cluster that names itself and runs no logging layer loses them."""
    cluster = platform.cluster
    if not cluster.management and cluster.cluster_vars.mgmt_domain == cluster.cluster_vars.domain:
        yield Violation(
            field="homelab:cluster_vars.mgmt_domain",
            what="it is the cluster's own domain, but the cluster is no management cluster",
            fix="name the management cluster's domain, or set homelab:management: true",
        )


def _announces(item: DeclaredObject, pool: DeclaredObject) -> bool:
    spec = mapping_at(item.substituted, "spec")
    if item.key.kind == "CiliumL2AnnouncementPolicy":
        return spec.get("loadBalancerIPs") is True
    named = spec.get("ipAddressPools")
    same_namespace = item.key.namespace == pool.key.namespace
    return same_namespace and (pool.key.name in named if named else "ipAddressPoolSelectors" not in spec)


RULES: Final = (
    distinct_claims,
    claims_in_pools,
    reserved_claims,
    distinct_pools,
    announced_pools,
    compatible_traffic_policies,
    one_owner,
    disjoint_networks,
    resolvable_api_host,
    reachable_management,
)
