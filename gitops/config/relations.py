"""What must hold between the values of a stack's config."""

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from itertools import combinations
from typing import Final, NamedTuple, TypeAlias

from gitops.addresses import AddressRange
from gitops.values import shown

Lookup: TypeAlias = Callable[..., str | None]
"""The text at a path under `homelab:`; nothing where it is absent or wrong by itself."""

_VIPS: Final = ("dns_ip", "ingress_ip")
_CIDRS: Final = ("pod_cidr", "service_cidr", "node_cidr")
_PRIVATE_ZONES: Final = ("local", "lan", "internal", "home.arpa", "test", "localhost")
_MAXIMUM_DOMAIN: Final = 253
_IPV4: Final = 4


class Relation(NamedTuple):
    """Two values or more that do not fit: the key to blame, and what to do."""

    rule: str
    path: tuple[str, ...]
    what: str
    fix: str


def relations(lookup: Lookup) -> Iterator[Relation]:
    """Every relation that does not hold among the values that are right by themselves."""
    pool_text = lookup("cluster_vars", "load_balancer_pool")
    pool = AddressRange.parse(pool_text) if pool_text else None
    yield from _vips(lookup, pool)
    yield from _cidrs(lookup, pool)
    yield from _deliveries(lookup)
    yield from _website(lookup)
    if pool and pool.version != _IPV4 and lookup("network", "load_balancer") == "cilium":
        yield Relation(
            "ip-version",
            ("network", "load_balancer"),
            "Cilium announces IPv4 addresses only, and the pool is IPv6",
            "use an IPv4 pool, or load_balancer: metallb",
        )


def _vips(lookup: Lookup, pool: AddressRange | None) -> Iterator[Relation]:
    vips = {name: text for name in _VIPS if (text := lookup("cluster_vars", name))}
    if len({ip_address(text) for text in vips.values()}) < len(vips):
        what = f"dns_ip and ingress_ip are both {vips['dns_ip']}"
        yield Relation("vips-distinct", ("cluster_vars", "ingress_ip"), what, "give each an address of its own")
    for name, text in vips.items():
        path = ("cluster_vars", name)
        if pool and ip_address(text).version != pool.version:
            what = f"{shown(text)} is IPv{ip_address(text).version}, and the pool {pool} is IPv{pool.version}"
            yield Relation("ip-version", path, what, "use one IP version for both")
        elif pool and ip_address(text) not in pool:
            what = f"{shown(text)} is outside load_balancer_pool {pool}"
            yield Relation("vip-in-pool", path, what, f"use an address of {pool}, or widen the pool")
    if pool and len(vips) == len(_VIPS) and not pool.without(*vips.values()):
        what = f"load_balancer_pool {pool} has no address left for other Services"
        yield Relation("pool-size", ("cluster_vars", "load_balancer_pool"), what, "widen the pool")


def _cidrs(lookup: Lookup, pool: AddressRange | None) -> Iterator[Relation]:
    ranges = {name: AddressRange.parse(text) for name in _CIDRS if (text := lookup("network", name))}
    for one, other in combinations(ranges, 2):
        if ranges[one].overlaps(ranges[other]):
            what = f"{one} {ranges[one]} overlaps {other} {ranges[other]}"
            yield Relation("overlap", ("network", other), what, "use addresses that no other network has")
    for name in (name for name in ("pod_cidr", "service_cidr") if name in ranges):
        if pool and ranges[name].overlaps(pool):
            what = f"{name} {ranges[name]} overlaps load_balancer_pool {pool}"
            yield Relation("overlap", ("network", name), what, "use addresses that no other network has")
    versions = {part.version for part in (*ranges.values(), *((pool,) if pool else ()))}
    if len(versions) > 1:
        what = "the networks mix IPv4 and IPv6"
        yield Relation("ip-version", ("network",), what, "use one IP version for the pool and all CIDRs")


def _deliveries(lookup: Lookup) -> Iterator[Relation]:
    delivery = lookup("delivery") or "git"
    for name in ("git", "oci"):
        if delivery == name and not lookup(name):
            what = f"delivery {name} has no {name}.url to deliver from"
            yield Relation("delivery-url", (name, "url"), what, f"add {name}.url, or choose another delivery")
    yield from _artifact(lookup)
    url = lookup("git", "url")
    if url and url.startswith("ssh://") and not lookup("git", "secret"):
        what = f"{shown(url)} needs a key, and no Secret is named"
        yield Relation("git-secret", ("git", "secret"), what, "name the Secret in flux-system, like flux-system")


def _artifact(lookup: Lookup) -> Iterator[Relation]:
    if not lookup("oci", "verify"):
        return
    if not lookup("oci", "digest"):
        what = "an artifact that Pulumi pushes itself is not signed, so Flux would refuse it"
        fix = "push and sign it elsewhere and pin its digest here, or leave verify out"
        yield Relation("oci-verify", ("oci", "digest"), what, fix)
    provider = lookup("oci", "verify", "provider") or "cosign"
    if not lookup("oci", "verify", "secret") and (provider == "notation" or not lookup("oci", "verify", "identities")):
        what = f"{provider} has nothing to verify the artifact with"
        fix = "name the Secret with its public keys or trust policy" + (
            "" if provider == "notation" else ", or the identities of its signers"
        )
        yield Relation("oci-verify", ("oci", "verify"), what, fix)


def _website(lookup: Lookup) -> Iterator[Relation]:
    domain = lookup("cluster_vars", "domain")
    if not domain or not lookup("website"):
        return
    host = f"{lookup('website', 'host') or 'wedding'}.{domain}"
    if len(host) > _MAXIMUM_DOMAIN:
        what = f"its host name has {len(host)} characters"
        yield Relation("domain", ("website", "host"), what, f"use at most {_MAXIMUM_DOMAIN}")
    if lookup("website", "issuer") == "acme" and domain.endswith(tuple(f".{zone}" for zone in _PRIVATE_ZONES)):
        what = f"Let's Encrypt cannot reach {host}, which no public DNS has"
        yield Relation("acme-domain", ("website", "issuer"), what, "use issuer: ca, or a public domain")
