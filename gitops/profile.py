"""Profiles: `seed` is the article's YAML as it stands, `strict` closes what its readers get bitten by."""

from collections.abc import Iterator
from functools import reduce
from typing import Final

from gitops.platform import Platform
from gitops.policies import Policy
from gitops.policies.edges import bundle_edges
from gitops.policies.health_gates import health_gates
from gitops.policies.pod_security import pod_security
from gitops.policies.pruning import pruning
from gitops.policies.releases import releases
from gitops.policies.reserved_addresses import reserved_addresses
from gitops.policies.revision import revision
from gitops.policies.watch import watch
from gitops.policies.website_tls import website_tls

STRICT: Final = (
    Policy("reserved-addresses", reserved_addresses),
    Policy("bundle-edges", bundle_edges),
    Policy("health-gates", health_gates),
    Policy("pruning", pruning),
    Policy("releases", releases),
    Policy("watch", watch),
    Policy("pod-security", pod_security),
    Policy("website-tls", website_tls),
    # Last, because it hashes the variables as all others leave them.
    Policy("revision", revision),
)

PROFILES: Final[dict[str, tuple[Policy, ...]]] = {"seed": (), "strict": STRICT}

POLICIES: Final = tuple(policy.name for policy in STRICT)


def policies(platform: Platform) -> tuple[Policy, ...]:
    """The policies that a platform's config asks for, in order."""
    choice = platform.cluster.profile
    return tuple(policy for policy in PROFILES[choice.use] if policy.name not in choice.without)


def steps(seed: Platform) -> Iterator[tuple[Policy, Platform]]:
    """Each policy of a seed platform's profile with the platform after it."""
    for policy in policies(seed):
        seed = policy.apply(seed)
        yield policy, seed


def profiled(seed: Platform) -> Platform:
    """The seed platform with its profile applied."""
    return reduce(lambda platform, policy: policy.apply(platform), policies(seed), seed)
