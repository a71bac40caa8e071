"""Keeps the addresses of the DNS and ingress Services out of the automatic assignment."""

from dataclasses import replace
from typing import Any

from gitops.addon import Bundle
from gitops.objects import KubernetesObject, Metadata, Unstructured
from gitops.platform import Platform
from gitops.variables import with_variables

STANDARD = "standard"
RESERVED = "reserved"
_VIPS = ("${dns_ip}", "${ingress_ip}")
_VIP_NAMESPACES = ("k8s-gateway", "nginx-ingress")


def reserved_addresses(platform: Platform) -> Platform:
    """No other Service can take the fixed DNS and ingress addresses: they get a pool of their own."""
    return with_variables(platform.map_bundles(_reserved))


def _reserved(bundle: Bundle) -> Bundle:
    return bundle.with_objects(part for item in bundle.objects for part in _split(item))


def _split(item: KubernetesObject) -> tuple[KubernetesObject, ...]:
    match item:
        case Unstructured(kind="IPAddressPool"):
            addresses = [f"{vip}-{vip}" for vip in _VIPS]
            return (
                _with_spec(item, addresses="${load_balancer_ranges}"),
                _named(_with_spec(item, addresses=addresses, autoAssign=False)),
            )
        case Unstructured(kind="L2Advertisement"):
            return (_with_spec(item, ipAddressPools=[STANDARD, RESERVED]),)
        case Unstructured(kind="CiliumLoadBalancerIPPool"):
            blocks = [{"start": vip, "stop": vip} for vip in _VIPS]
            services = [{"key": "io.kubernetes.service.namespace", "operator": "In", "values": list(_VIP_NAMESPACES)}]
            return (
                _with_spec(item, blocks="${load_balancer_blocks}"),
                _named(_with_spec(item, blocks=blocks, serviceSelector={"matchExpressions": services})),
            )
        case _:
            return (item,)


def _with_spec(item: Unstructured, **spec: Any) -> Unstructured:
    return replace(item, fields={"spec": {**item.fields["spec"], **spec}})


def _named(item: Unstructured) -> Unstructured:
    return replace(item, metadata=Metadata(name=RESERVED, namespace=item.metadata.namespace))
