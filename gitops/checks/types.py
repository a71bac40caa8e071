"""Types: a variable's text becomes what YAML makes of it, and that must be what its reader wants."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from gitops.addresses import AddressRange, parse_address, parse_network
from gitops.checks.fields import Leaf, Parts, at, leaves
from gitops.checks.rule import rule
from gitops.declared import DeclaredBundle, DeclaredObject
from gitops.errors import SubstitutionError, Violation
from gitops.objects import Manifest
from gitops.platform import Platform
from gitops.rendering import bundle_kustomization
from gitops.substitution import substitute
from gitops.values import shown
from gitops.variables import layer_values

_TEXTS: Final = frozenset(
    {"labels", "annotations", "podLabels", "podAnnotations", "commonLabels", "externalLabels", "external_labels"}
    | {"matchLabels", "nodeSelector", "substitute", "stringData"}
)
"""Maps whose values Kubernetes takes as text only."""

_LABEL: Final = r"[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?"
_HOST: Final = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")


@rule("variables/text")
def textual_fields(platform: Platform) -> Iterator[Violation]:
    """A label, annotation or ConfigMap value that YAML reads as a number or boolean is refused, or lost.

    Flux substitutes in YAML text and quotes nothing: `cluster: ${name}` with the value `1e3` becomes a number. The API
    server refuses the whole bundle for it (`expected string`). But of an object with one such label of its own Flux
    drops all labels, without a word.
    """
    for item, template, manifest in _substituted(platform):
        texts = (leaf for leaf in leaves(manifest) if _wants_text(manifest, leaf.parts))
        for leaf in (leaf for leaf in texts if not isinstance(leaf.value, str)):
            yield item.violation(
                leaf.path,
                what=f"{shown(at(template, leaf.parts))} becomes {shown(leaf.value)}, but only text can stand here",
                fix="use a value with a letter in it that YAML reads as text, or no variable",
            )


@rule("variables/type")
def typed_fields(platform: Platform) -> Iterator[Violation]:
    """An address, range, CIDR, host or count that its reader cannot parse is refused by a webhook, or worse, ignored.

    MetalLB refuses the whole pool, Cilium a Service's address, Longhorn a volume (sources: the API types of each).
    """
    readable = (item for item in platform.declared if not item.refused)
    for item, leaf in ((each, leaf) for each in readable for leaf in leaves(each.substituted)):
        kind = _kind(item.key.kind, leaf)
        if kind and not kind.accepts(leaf.value):
            yield item.violation(
                leaf.path,
                what=f"{shown(leaf.value)} is no {kind.name}",
                fix=f"write {kind.example}" + _origin(at(item.manifest, leaf.parts)),
            )


def _substituted(
    platform: Platform,
) -> Iterator[tuple[DeclaredObject | DeclaredBundle, Manifest, Manifest]]:
    """Everything with its manifest before and after substitution."""
    yield from ((item, item.manifest, item.substituted) for item in platform.declared)
    for home in platform.declared_bundles:
        manifest = bundle_kustomization(platform, home.bundle, home.folder).manifest()
        try:
            yield home, manifest, substitute(manifest, layer_values(platform, home.layer))
        except SubstitutionError:
            continue


def _wants_text(manifest: Manifest, parts: Parts) -> bool:
    above = parts[-2:-1]
    if not above or not isinstance(parts[-1], str):
        return False
    return above[0] in _TEXTS or (parts[:-1] == ("data",) and manifest["kind"] == "ConfigMap")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """What a field holds."""

    name: str
    example: str
    accepts: Callable[[Any], bool]


def _parsed(parse: Callable[[str], Any]) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        try:
            parse(value)
        except (ValueError, TypeError, AttributeError):
            return False
        return True

    return accepts


def _cidr(text: str) -> None:
    if "/" not in text:
        raise ValueError
    parse_network(text)


def _addresses(text: str) -> None:
    for part in text.split(","):
        parse_address(part.strip())


def _is_host(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 253 and bool(_HOST.fullmatch(value))  # noqa: PLR2004 — DNS's limit


def _is_url(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(urlsplit(value).scheme) and _is_host(urlsplit(value).hostname)
    except ValueError:
        return False


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


_ADDRESS: Final = _Kind(name="IP address", example="one like 192.168.1.66", accepts=_parsed(parse_address))
_ADDRESSES: Final = _Kind(
    name="list of IP addresses", example="some like 192.168.1.66,192.168.1.67", accepts=_parsed(_addresses)
)
_RANGE: Final = _Kind(
    name="range of addresses", example="one like 192.168.1.65-192.168.1.126", accepts=_parsed(AddressRange.parse)
)
_CIDR: Final = _Kind(name="CIDR", example="one like 10.244.0.0/16", accepts=_parsed(_cidr))
_NAME: Final = _Kind(name="host name or address", example="one like k8s.example.org", accepts=_is_host)
_URL: Final = _Kind(name="URL", example="one like https://k8s.example.org/path", accepts=_is_url)
_COUNT: Final = _Kind(name="count", example="a whole number from 1", accepts=_is_count)

_BY_KEY: Final[Mapping[str, _Kind]] = {
    "metallb.io/loadBalancerIPs": _ADDRESSES,
    "metallb.universe.tf/loadBalancerIPs": _ADDRESSES,
    "lbipam.cilium.io/ips": _ADDRESSES,
    "clusterPoolIPv4PodCIDRList": _CIDR,
    "k8sServiceHost": _NAME,
    "defaultReplicaCount": _COUNT,
    "defaultClassReplicaCount": _COUNT,
    "connectHost": _URL,
    "root_url": _URL,
}
"""Annotations and chart values, wherever they stand."""

_BY_KIND: Final[Mapping[tuple[str, str], _Kind]] = {
    ("IPAddressPool", "addresses"): _RANGE,
    ("CiliumLoadBalancerIPPool", "start"): _ADDRESS,
    ("CiliumLoadBalancerIPPool", "stop"): _ADDRESS,
    ("CiliumLoadBalancerIPPool", "cidr"): _CIDR,
    ("Ingress", "host"): _NAME,
    ("Ingress", "hosts"): _NAME,
}


def _kind(kind: str, leaf: Leaf) -> _Kind | None:
    return _BY_KEY.get(leaf.key) or _BY_KIND.get((kind, leaf.key))


def _origin(template: Any) -> str:
    return f"; it comes from {template}" if isinstance(template, str) and "${" in template else ""


RULES: Final = (textual_fields, typed_fields)
