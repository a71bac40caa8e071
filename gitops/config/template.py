"""The text of a new stack file."""

import json
from string import Template
from typing import Final

from gitops.addresses import AddressRange
from gitops.cluster import CILIUM_PODS
from gitops.config.parsing import KnownNames, parse_stack

_FILE: Final = Template("""\
# yaml-language-server: $$schema=docs/schemas/stack.schema.json
# One stack is one cluster. Every key: docs/schemas/stack.schema.json; what it does: homelab plan $stack
config:
  # The values of the ConfigMap cluster-vars, from which Flux substitutes; all of them are text.
  homelab:cluster_vars:
    cluster_name: $name
    # Two addresses of the pool that stay fixed: your router forwards DNS of the domain to the first.
    dns_ip: $dns_ip
    ingress_ip: $ingress_ip
    domain: $domain
    # Where logs and metrics go: the domain of the management cluster.
    mgmt_domain: $mgmt_domain
    # Addresses on your network that no DHCP server hands out.
    load_balancer_pool: $pool
    # Copies of each volume, at most one a node that stores.
    storage_replica: "1"
  # Whether this cluster keeps logs and metrics, its own and other clusters'.
  homelab:management: $management
  # Where the rendered tree is published to, and Flux reads it from; for SSH, name the Secret with the key.
  homelab:git: $git
""")
_NETWORK: Final = Template("""\
  # Addresses of pods, as Cilium is installed; its own choice, $pods, would hold the pool above.
  homelab:network: {pod_cidr: $pod_cidr}
""")
_POD_CIDRS: Final = ("10.244.0.0/16", "10.245.0.0/16")
"""Customary ones; no pool of consecutive addresses that a home has is in both."""


def new_stack(stack: str, *, domain: str, pool: str, git_url: str, mgmt_domain: str | None = None) -> str:
    """A commented stack file that parses; ConfigError when the answers do not fit.

    The fixed addresses are the second and third of the pool. A cluster without a `mgmt_domain` manages itself.
    """
    dns_ip, ingress_ip = _addresses(pool)
    answers = {
        "name": stack,
        "dns_ip": dns_ip,
        "ingress_ip": ingress_ip,
        "domain": domain,
        "mgmt_domain": mgmt_domain or domain,
        "pool": pool,
        "management": mgmt_domain is None,
        "git": {"url": git_url} | ({"secret": "flux-system"} if git_url.startswith("ssh://") else {}),
    }
    # JSON is YAML, and quotes whatever the answers hold.
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in answers.items()}
    text = _FILE.substitute(quoted, stack=stack) + _network(pool)
    parse_stack(text, file=f"Pulumi.{stack}.yaml", known=KnownNames())
    return text


def _network(pool: str) -> str:
    """The section that keeps pods out of the pool, where they would be in it."""
    try:
        addresses = AddressRange.parse(pool)
    except ValueError:
        return ""
    free = [cidr for cidr in _POD_CIDRS if not AddressRange.parse(cidr).overlaps(addresses)]
    if not free or not AddressRange.parse(CILIUM_PODS).overlaps(addresses):
        return ""
    return _NETWORK.substitute(pods=CILIUM_PODS, pod_cidr=free[0])


def _addresses(pool: str) -> tuple[str, str]:
    """The second and third address of a pool, or text that the parser will refuse with the pool."""
    try:
        first = AddressRange.parse(pool).first
        return str(first + 1), str(first + 2)
    except ValueError:
        return "", ""
