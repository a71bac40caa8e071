"""A stack's config: settings that do not fit each other, the cluster or the add-ons."""

from collections.abc import Iterator
from typing import Any, Final

from addons.catalogue import KNOWN
from tests.breaking.breakage import Breakage
from tests.support.stacks import stack_config

SETTINGS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    (
        "another owner of addresses",
        {"addons": {"cilium": {"values": {"enableLBIPAM": True, "defaultLBServiceIPAM": "x"}}}},
    ),
    ("addresses of pods in the pool", {"network": {"pod_cidr": "192.168.0.0/16"}}),
    ("addresses of Services in those of pods", {"network": {"pod_cidr": "10.0.0.0/8", "service_cidr": "10.96.0.0/12"}}),
    ("nodes among the pods", {"network": {"pod_cidr": "10.0.0.0/8", "node_cidr": "10.1.0.0/24"}}),
    ("host bits in a CIDR", {"network": {"pod_cidr": "10.0.0.1/8"}}),
    (
        "Cilium's addresses without announcements",
        {
            "network": {"load_balancer": "cilium"},
            "addons": {"cilium": {"values": {"l2announcements": {"enabled": False}}}},
        },
    ),
    (
        "a local traffic policy with Cilium",
        {
            "network": {"load_balancer": "cilium"},
            "addons": {"nginx": {"values": {"controller": {"service": {"externalTrafficPolicy": "Local"}}}}},
        },
    ),
    (
        "another address for the ingress",
        {
            "addons": {
                "nginx": {
                    "values": {"controller": {"service": {"annotations": {"metallb.io/loadBalancerIPs": "10.9.9.9"}}}}
                }
            },
        },
    ),
    (
        "the DNS server's address for the ingress",
        {
            "addons": {
                "nginx": {
                    "values": {"controller": {"service": {"annotations": {"metallb.io/loadBalancerIPs": "${dns_ip}"}}}}
                }
            },
        },
    ),
    ("a shard that nothing uses", {"shards": ["infra", "apps"]}),
    (
        "a monitor before its CRDs",
        {"addons": {"cert-manager": {"values": {"prometheus": {"servicemonitor": {"enabled": True}}}}}},
    ),
    (
        "a serviceMonitor before its CRDs",
        {"addons": {"metallb": {"values": {"prometheus": {"serviceMonitor": {"enabled": True}}}}}},
    ),
    (
        "Grafana's variable called like a cluster's",
        {
            "addons": {
                "grafana": {
                    "values": {
                        "dashboards": {"x": '{"templating": {"list": [\n{"name": "domain"}]},\n"a": "${domain}"}'}
                    }
                }
            },
        },
    ),
    (
        "a script's variable called like a cluster's",
        {
            "addons": {"longhorn": {"values": {"script": "domain=x\necho ${domain}\n"}}},
        },
    ),
    ("an unfinished variable", {"addons": {"grafana": {"values": {"a": "${domain"}}}}),
    ("an operator that Flux does not know", {"addons": {"grafana": {"values": {"a": "${domain!}x${nope}"}}}}),
    ("a profile that there is not", {"profile": "strickt"}),
    ("a policy that there is not", {"profile": {"use": "strict", "without": ["gates"]}}),
    ("a delivery without its source", {"git": {"branch": "rendered/odyssey"}}),
    ("an image by tag", {"website": {"image": "docker.io/x/y:1"}}),
    (
        "Let's Encrypt for a private domain",
        {
            "cluster_vars": stack_config("odyssey")["homelab:cluster_vars"] | {"domain": "k8s.home.arpa"},
            "website": stack_config("odyssey")["homelab:website"] | {"issuer": "acme"},
        },
    ),
    ("logs for a cluster that keeps none", {"management": False}),
    ("two collectors' names", {"log_collector": "fluentbit"}),
    ("an SSH URL without a key", {"git": {"url": "ssh://git@github.com/a/b"}}),
    ("a short commit", {"git": {"url": "https://github.com/a/b", "commit": "abc123"}}),
    ("a waiver of a rule that there is not", {"waivers": [{"rule": "network/api-hosts", "reason": "x"}]}),
    ("a waiver without a reason", {"waivers": [{"rule": "network/api-host", "reason": ""}]}),
)

NEEDED: Final = ("cert-manager", "trust-manager", "1password-connect", "external-secrets", "metallb")


def breakages() -> Iterator[Breakage]:
    """Each setting of odyssey, broken by itself."""
    for where, settings in SETTINGS:
        yield Breakage("break the config", where, settings)
    for name in NEEDED:
        yield Breakage("switch off what others need", name, {"addons": {name: {"enabled": False}}})
    for name in KNOWN.addons:
        yield Breakage("misspell an add-on", name, {"addons": {f"{name}x": {"enabled": False}}})
