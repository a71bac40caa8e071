"""LoadBalancer addresses as the objects have them: who asks for one, and which pools there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitops.addresses import Address, AddressRange, parse_address
from gitops.checks.fields import Parts, at, leaves, spelled
from gitops.declared import DeclaredObject
from gitops.installation import target_namespace
from gitops.lookup import mapping_at, mappings_at, text_at
from gitops.platform import Platform

METALLB: Final = "metallb"
CILIUM: Final = "cilium"
_OWNERS: Final[Mapping[str, str]] = {
    "metallb.io/loadBalancerIPs": METALLB,
    "metallb.universe.tf/loadBalancerIPs": METALLB,
    "lbipam.cilium.io/ips": CILIUM,
    "io.cilium/lb-ipam-ips": CILIUM,
}
"""Annotations of a Service that ask for fixed addresses, and who reads them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A Service that asks for a fixed address: itself, or in the values of its chart."""

    item: DeclaredObject
    owner: str
    address: Address
    parts: Parts

    @property
    def path(self) -> str:
        """Field path of the annotation."""
        return spelled(self.parts)

    @property
    def namespace(self) -> str:
        """Where the Service will be."""
        return target_namespace(self.item.substituted)

    @property
    def traffic_policy(self) -> str:
        """The Service's externalTrafficPolicy; empty where it is not written."""
        around = self.parts[:-2]
        # A Service has its annotations in its metadata, and most charts beside what they make its spec of.
        service = at(self.item.substituted, around[:-1] if around[-1:] == ("metadata",) else around)
        return text_at(service, "externalTrafficPolicy") or text_at(service, "spec.externalTrafficPolicy")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """A pool of addresses.

    Attributes:
        automatic: Whether any Service may get an address of it.
        namespaces: Whose Services may; all when not given.
    """

    item: DeclaredObject
    owner: str
    ranges: tuple[AddressRange, ...]
    automatic: bool
    namespaces: frozenset[str] | None = None

    def serves(self, claim: Claim) -> bool:
        """Whether a claim is met from it."""
        inside = any(claim.address in part for part in self.ranges)
        return inside and self.owner == claim.owner and (self.namespaces is None or claim.namespace in self.namespaces)


def claims(platform: Platform) -> tuple[Claim, ...]:
    """Every fixed address that is asked for."""
    return tuple(claim for item in platform.declared if not item.refused for claim in _claims(item))


def pools(platform: Platform) -> tuple[Pool, ...]:
    """Every pool."""
    return tuple(pool for item in platform.declared if not item.refused for pool in _pools(item))


def _claims(item: DeclaredObject) -> Iterator[Claim]:
    for leaf in (leaf for leaf in leaves(item.substituted) if leaf.parts[-1] in _OWNERS):
        addresses = (_parsed(parse_address, text.strip()) for text in str(leaf.value).split(","))
        for address in filter(None, addresses):
            yield Claim(item=item, owner=_OWNERS[leaf.key], address=address, parts=leaf.parts)


def _pools(item: DeclaredObject) -> Iterator[Pool]:
    spec = mapping_at(item.substituted, "spec")
    if item.key.kind == "IPAddressPool":
        automatic = spec.get("autoAssign", True) is not False
        yield Pool(item=item, owner=METALLB, ranges=_ranges(spec.get("addresses")), automatic=automatic)
    elif item.key.kind == "CiliumLoadBalancerIPPool":
        selector = mapping_at(spec, "serviceSelector")
        blocks = [_block(block) for block in mappings_at(spec, "blocks")]
        ranges, namespaces = _ranges(blocks), _namespaces(selector)
        yield Pool(item=item, owner=CILIUM, ranges=ranges, automatic=not selector, namespaces=namespaces)


def _block(block: Mapping[str, Any]) -> str:
    return str(block.get("cidr") or f"{block.get('start')}-{block.get('stop') or block.get('start')}")


def _namespaces(selector: Mapping[str, Any]) -> frozenset[str] | None:
    """The namespaces that a selector names; none where it selects by something else."""
    named = [
        str(value)
        for expression in mappings_at(selector, "matchExpressions")
        if expression.get("key") == "io.kubernetes.service.namespace" and expression.get("operator") == "In"
        for value in _listed(expression.get("values"))
    ]
    return frozenset(named) or None


def _ranges(texts: Any) -> tuple[AddressRange, ...]:
    found = (_parsed(AddressRange.parse, text) for text in _listed(texts))
    return tuple(part for part in found if part)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _parsed(parse: Any, text: Any) -> Any:
    """What a text means; nothing where it means nothing, which `variables/type` reports."""
    try:
        return parse(text)
    except (ValueError, AttributeError, TypeError):
        return None
