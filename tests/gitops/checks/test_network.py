"""Addresses and names that belong to one owner each."""

from dataclasses import replace
from typing import Any

from gitops.checks.network import PROJECT_RULES
from gitops.checks.report import project_report
from gitops.errors import Problem
from gitops.platform import Platform
from tests.support.platforms import SEED


def with_vars(**changes: Any) -> Platform:
    cluster_vars = SEED.cluster.cluster_vars.model_copy(
        update={"cluster_name": "b", "domain": "b.example.org", "load_balancer_pool": "10.9.0.0/24", **changes}
    )
    return replace(SEED, cluster=SEED.cluster.model_copy(update={"cluster_vars": cluster_vars}))


def between(other: Platform) -> list[Problem]:
    return list(project_report({"a": SEED, "b": other}, PROJECT_RULES).problems)


def test_stacks_that_share_nothing_are_fine() -> None:
    assert between(with_vars()) == []
    assert between(with_vars(load_balancer_pool="192.168.20.127-192.168.20.130")) == []


def test_stacks_that_share_one_address_of_their_pools_are_found() -> None:
    (problem,) = between(with_vars(load_balancer_pool="192.168.20.126-192.168.20.130"))
    assert problem.rule == "network/pools-between-stacks"
    assert problem.where == "Pulumi.b.yaml: homelab:cluster_vars.load_balancer_pool"
    assert problem.what == (
        "load_balancer_pool 192.168.20.126-192.168.20.130 of b overlaps 192.168.20.65-192.168.20.126 of a"
    )


def test_stacks_that_share_their_domain_or_name_are_found() -> None:
    (problem,) = between(with_vars(domain="k8s.cicci8ino.it"))
    assert problem.rule == "network/names-between-stacks"
    assert problem.what == "domain of b and of a are both k8s.cicci8ino.it"
    (problem,) = between(with_vars(cluster_name="odyssey"))
    assert problem.field == "homelab:cluster_vars.cluster_name"
