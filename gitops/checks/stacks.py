"""Between stacks: what two clusters of one project must not share, and what one needs of another."""

from collections.abc import Iterator, Mapping
from typing import Final

from gitops.checks.rule import project_rule
from gitops.config import stack_file_name
from gitops.errors import Violation
from gitops.platform import Platform


@project_rule("stacks/pools")
def distinct_pools(platforms: Mapping[str, Platform]) -> Iterator[Violation]:
    """Two clusters on one LAN that hand out the same address both answer ARP for it, and clients reach either."""
    pools = {stack: platform.cluster.pool for stack, platform in platforms.items()}
    ordered = sorted(pools, key=lambda stack: (pools[stack].version, int(pools[stack].first)))
    # Of pools in order, one overlaps an earlier one just if it overlaps the one that reaches furthest.
    furthest = ordered[:1]
    for stack in ordered[1:]:
        (one,) = furthest
        if pools[stack].overlaps(pools[one]):
            first, second = sorted((one, stack), key=list(pools).index)
            yield Violation(
                what=f"load_balancer_pool {pools[second]} of {second} overlaps {pools[first]} of {first}",
                fix="give each cluster a pool of its own",
                field="homelab:cluster_vars.load_balancer_pool",
                source=stack_file_name(second),
            )
        furthest = [max(one, stack, key=lambda name: (pools[name].version, int(pools[name].last)))]


@project_rule("stacks/names")
def distinct_names(platforms: Mapping[str, Platform]) -> Iterator[Violation]:
    """One zone has one DNS server, so names of the other cluster do not resolve.

    Of two clusters with one name the logs and metrics mix, and both publish to one branch.
    """
    for key in ("domain", "cluster_name"):
        values = {stack: getattr(platform.cluster.cluster_vars, key) for stack, platform in platforms.items()}
        for one, other in _equal(values):
            yield Violation(
                what=f"{key} of {other} and of {one} are both {values[one]}",
                fix=f"give each cluster a {key} of its own",
                field=f"homelab:cluster_vars.{key}",
                source=stack_file_name(other),
            )


@project_rule("stacks/branches")
def distinct_branches(platforms: Mapping[str, Platform]) -> Iterator[Violation]:
    """Two stacks on one branch would run each other's tree, so the second cannot be published."""
    clusters = {stack: platform.cluster for stack, platform in platforms.items()}
    branches = {stack: f"{item.git.url} {item.git_branch}" for stack, item in clusters.items() if item.git}
    for one, other in _equal(branches):
        yield Violation(
            what=f"{other} and {one} are both published to branch {clusters[one].git_branch}",
            fix="give each stack a branch of its own",
            field="homelab:git.branch",
            source=stack_file_name(other),
        )


@project_rule("stacks/management")
def receiving_management(platforms: Mapping[str, Platform]) -> Iterator[Violation]:
    """Logs and metrics are sent to `mgmt_domain`: a cluster of that domain without the logging layer loses them all."""
    owners = {platform.cluster.cluster_vars.domain: stack for stack, platform in platforms.items()}
    for stack, platform in platforms.items():
        other = owners.get(platform.cluster.cluster_vars.mgmt_domain, stack)
        if stack != other and not platforms[other].cluster.management:
            yield Violation(
                what=f"it is the domain of {other}, which is no management cluster",
                fix=f"set homelab:management: true in {stack_file_name(other)}, or name another domain",
                field="homelab:cluster_vars.mgmt_domain",
                source=stack_file_name(stack),
            )


def _equal(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each stack with the first one that has the same value."""
    first: dict[str, str] = {}
    for stack, value in values.items():
        if first.setdefault(value, stack) != stack:
            yield first[value], stack


PROJECT_RULES: Final = (distinct_pools, distinct_names, distinct_branches, receiving_management)
