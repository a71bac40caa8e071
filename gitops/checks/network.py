"""Network: addresses and names that belong to one owner each."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Final

from gitops.checks.rule import project_rule
from gitops.config import stack_file_name
from gitops.errors import Violation
from gitops.platform import Platform


@project_rule("network/pools-between-stacks")
def distinct_pools(platforms: Mapping[str, Platform]) -> Iterator[Violation]:
    """Two clusters on one LAN that hand out the same address both answer ARP for it, and clients reach either."""
    for one, other in combinations(platforms, 2):
        pool, taken = platforms[other].cluster.pool, platforms[one].cluster.pool
        if pool.overlaps(taken):
            yield Violation(
                what=f"load_balancer_pool {pool} of {other} overlaps {taken} of {one}",
                fix="give each cluster a pool of its own",
                field="homelab:cluster_vars.load_balancer_pool",
                source=stack_file_name(other),
            )


@project_rule("network/names-between-stacks")
def distinct_names(platforms: Mapping[str, Platform]) -> Iterator[Violation]:
    """One zone has one DNS server, so names of the other cluster do not resolve.

    Of two clusters with one name the logs and metrics mix, and both publish to one branch.
    """
    for (one, other), key in product(combinations(platforms, 2), ("domain", "cluster_name")):
        first, second = (getattr(platforms[stack].cluster.cluster_vars, key) for stack in (one, other))
        if first == second:
            yield Violation(
                what=f"{key} of {other} and of {one} are both {first}",
                fix=f"give each cluster a {key} of its own",
                field=f"homelab:cluster_vars.{key}",
                source=stack_file_name(other),
            )


PROJECT_RULES: Final = (distinct_pools, distinct_names)
