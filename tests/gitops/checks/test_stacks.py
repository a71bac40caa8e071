"""What clusters of one project must not share."""

from dataclasses import replace
from typing import Any

from gitops.checks.report import project_report
from gitops.checks.stacks import PROJECT_RULES, distinct_pools
from gitops.cluster import Git
from gitops.errors import Problem
from gitops.platform import Platform
from tests.support.platforms import SEED


def other(*, git: Git | None = None, management: bool = True, **changes: Any) -> Platform:
    """A cluster that shares nothing with odyssey but what is given."""
    own = {"cluster_name": "b", "domain": "b.org", "mgmt_domain": "b.org", "load_balancer_pool": "10.9.0.0/24"}
    cluster_vars = SEED.cluster.cluster_vars.model_copy(update=own | changes)
    settings = {"cluster_vars": cluster_vars, "git": git, "management": management}
    return replace(SEED, cluster=SEED.cluster.model_copy(update=settings))


def between(platform: Platform) -> list[Problem]:
    return list(project_report({"a": SEED, "b": platform}, PROJECT_RULES).problems)


def test_stacks_that_share_nothing_are_fine() -> None:
    assert between(other()) == []
    assert between(other(load_balancer_pool="192.168.20.127-192.168.20.130")) == []


def test_stacks_that_share_one_address_of_their_pools_are_found() -> None:
    (problem,) = between(other(load_balancer_pool="192.168.20.126-192.168.20.130"))
    assert problem.rule == "stacks/pools"
    assert problem.where == "Pulumi.b.yaml: homelab:cluster_vars.load_balancer_pool"
    assert problem.what == (
        "load_balancer_pool 192.168.20.126-192.168.20.130 of b overlaps 192.168.20.65-192.168.20.126 of a"
    )


def test_stacks_that_share_their_domain_or_name_are_found() -> None:
    (problem,) = between(other(domain="k8s.cicci8ino.it"))
    assert (problem.rule, problem.field) == ("stacks/names", "homelab:cluster_vars.domain")
    assert problem.what == "domain of b and of a are both k8s.cicci8ino.it"
    (problem,) = between(other(cluster_name="odyssey"))
    assert problem.field == "homelab:cluster_vars.cluster_name"


def test_stacks_that_share_their_branch_are_found() -> None:
    assert SEED.cluster.git
    url = SEED.cluster.git.url
    (problem,) = between(other(git=Git(url=url, branch="rendered/odyssey")))
    assert (problem.rule, problem.what) == ("stacks/branches", "b and a are both published to branch rendered/odyssey")
    assert between(other(git=Git(url=url))) == []
    assert between(other(git=Git(url="https://example.org/b", branch="rendered/odyssey"))) == []


def test_a_stack_that_is_sent_logs_and_keeps_none_is_found() -> None:
    sending = other(mgmt_domain="k8s.cicci8ino.it", management=False)
    assert between(sending) == []
    deaf = replace(SEED, cluster=SEED.cluster.model_copy(update={"management": False}))
    found = project_report({"a": deaf, "b": sending}, PROJECT_RULES).problems
    assert [(item.rule, item.what) for item in found] == [
        ("stacks/management", "it is the domain of a, which is no management cluster")
    ]


def test_each_of_many_stacks_is_compared_with_the_first_of_its_kind() -> None:
    found = project_report({"a": SEED, "b": other(cluster_name="odyssey"), "c": SEED}, PROJECT_RULES).problems
    assert [item.source for item in found if item.field.endswith("cluster_name")] == ["Pulumi.b.yaml", "Pulumi.c.yaml"]


def test_a_pool_in_the_middle_of_a_large_one_is_found_beyond_a_small_one() -> None:
    large, small = other(load_balancer_pool="10.0.0.0/16"), other(cluster_name="c", load_balancer_pool="10.0.1.0/24")
    late = other(cluster_name="d", load_balancer_pool="10.0.2.0/24")
    found = project_report(
        {"late": late, "small": small, "large": large, "v6": other(load_balancer_pool="fd00::/120")}, [distinct_pools]
    ).problems
    assert [item.what.split(" ")[3:] for item in found] == [
        ["large", "overlaps", "10.0.1.0-10.0.1.255", "of", "small"],
        ["large", "overlaps", "10.0.2.0-10.0.2.255", "of", "late"],
    ]
