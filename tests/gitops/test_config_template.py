"""A new stack from a few answers."""

import pytest

from gitops.config import new_stack
from gitops.errors import ConfigError
from tests.gitops.test_config import parse


def test_a_new_stack_parses_and_takes_the_second_and_third_address() -> None:
    text = new_stack("calypso", domain="k8s.example.org", pool="10.0.0.8/29", git_url="https://a.example/b")
    cluster = parse(text)
    assert (cluster.cluster_vars.dns_ip, cluster.cluster_vars.ingress_ip) == ("10.0.0.9", "10.0.0.10")
    assert cluster.management
    assert cluster.git is not None
    assert cluster.git.secret is None


def test_a_new_stack_may_belong_to_another_management_cluster() -> None:
    text = new_stack(
        "calypso",
        domain="k8s.example.org",
        pool="10.0.0.8/29",
        git_url="ssh://git@a.example/b",
        mgmt_domain="mgmt.example.org",
    )
    cluster = parse(text)
    assert not cluster.management
    assert cluster.cluster_vars.mgmt_domain == "mgmt.example.org"
    assert cluster.git is not None
    assert cluster.git.secret == "flux-system"  # noqa: S105 — the name of a Secret


def test_a_new_stack_names_its_commands_and_keeps_letters_as_they_are() -> None:
    text = new_stack("calypso", domain="k8s.example.org", pool="10.0.0.8/29", git_url="https://a.example/bücher")
    assert "what it does: homelab plan calypso\n" in text
    assert "https://a.example/bücher" in text


@pytest.mark.parametrize(
    ("pool", "pods"),
    [
        ("10.0.0.8/29", "10.244.0.0/16"),
        ("10.244.7.0/24", "10.245.0.0/16"),
        ("192.168.1.8/29", None),
        ("10.240.0.0-10.250.0.0", None),
        ("fd00::8/125", None),
    ],
)
def test_pods_are_kept_out_of_a_pool_that_cilium_would_give_them(pool: str, pods: str | None) -> None:
    text = new_stack("calypso", domain="k8s.example.org", pool=pool, git_url="https://a.example/b")
    assert parse(text).network.pod_cidr == pods


def test_a_bad_answer_is_named_in_the_file_that_would_be_written() -> None:
    with pytest.raises(ConfigError, match=r"Pulumi\.calypso\.yaml:\d+: homelab:cluster_vars\.domain"):
        new_stack("calypso", domain="k8s", pool="10.0.0.8/29", git_url="https://a.example/b")


@pytest.mark.parametrize("answer", ['"', "a: b", "${x}", "\n- a", "#", "'"])
def test_answers_cannot_break_out_of_their_place(answer: str) -> None:
    with pytest.raises(ConfigError):
        new_stack("calypso", domain=answer, pool=answer, git_url=answer)
