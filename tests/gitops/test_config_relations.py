"""What must hold between the values of a config, and what is said of it where one of them is wrong or absent."""

import pytest

from gitops.errors import Problem
from tests.gitops.test_config import BASE, parse, problems

IMAGE = f"example.org/site@sha256:{'0' * 64}"
ARTIFACT = f"oci://registry.example.org/homelab, digest: 'sha256:{'0' * 64}'"
SIGNERS = "identities: [{issuer: ^a$, subject: ^b$}]"


def changed(**values: str) -> str:
    """The smallest config with other variables."""
    lines = (line.partition(":") for line in BASE.splitlines())
    return "".join(f"{key}:{f' {values[key.strip()]}' if key.strip() in values else rest}\n" for key, _, rest in lines)


def rules(text: str) -> list[str]:
    return [problem.rule.removeprefix("config/") for problem in problems(text)]


def unverified(verify: str) -> Problem:
    (problem,) = problems(f"{BASE}  homelab:delivery: oci\n  homelab:oci: {{url: {ARTIFACT}, verify: {verify}}}\n")
    assert problem.rule == "config/oci-verify"
    return problem


def test_a_pool_is_not_called_too_small_for_addresses_that_are_wrong_themselves() -> None:
    assert rules(changed(dns_ip="192.168.20.300", load_balancer_pool="192.168.20.67/32")) == ["address"]


def test_networks_are_not_compared_with_a_pool_that_is_wrong_itself() -> None:
    text = changed(load_balancer_pool="192.168.20.65")
    assert rules(f"{text}  homelab:network: {{pod_cidr: 192.168.0.0/16}}\n") == ["range"]


@pytest.mark.parametrize("verify", ["{}", "{identities: []}"])
def test_an_artifact_is_verified_by_cosign_which_needs_keys_or_signers(verify: str) -> None:
    problem = unverified(verify)
    assert problem.what == "cosign has nothing to verify the artifact with"
    assert problem.fix == "name the Secret with its public keys or trust policy, or the identities of its signers"


def test_cosign_needs_no_keys_where_the_signers_are_named() -> None:
    text = f"{BASE}  homelab:delivery: oci\n  homelab:oci: {{url: {ARTIFACT}, verify: {{{SIGNERS}}}}}\n"
    assert parse(text).delivery == "oci"


def test_notation_needs_its_trust_policy_whoever_signs() -> None:
    problem = unverified(f"{{provider: notation, {SIGNERS}}}")
    assert problem.what == "notation has nothing to verify the artifact with"
    assert problem.fix == "name the Secret with its public keys or trust policy"


def test_a_source_without_a_url_is_told_once_what_is_missing() -> None:
    assert rules(BASE.replace("    url: https://git.example.org/homelab.git", "    {}")) == ["missing"]


def test_a_long_domain_is_fine_without_a_website() -> None:
    domain = f"{'.'.join(['a' * 60] * 4)}.org"
    assert parse(changed(domain=domain)).cluster_vars.domain == domain


def test_a_website_is_not_judged_by_a_domain_that_is_wrong_itself() -> None:
    text = changed(domain="local")
    assert rules(f'{text}  homelab:website: {{image: "{IMAGE}", issuer: acme}}\n') == ["domain"]


@pytest.mark.parametrize(("host", "expected"), [("", "wedding"), (", host: party", "party")])
def test_a_website_that_no_public_dns_has_is_named_by_its_host(host: str, expected: str) -> None:
    text = changed(domain="k8s.home.arpa")
    (problem,) = problems(f'{text}  homelab:website: {{image: "{IMAGE}", issuer: acme{host}}}\n')
    assert problem.what == f"Let's Encrypt cannot reach {expected}.k8s.home.arpa, which no public DNS has"
