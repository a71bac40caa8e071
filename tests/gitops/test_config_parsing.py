"""What a config's parser leaves alone, and what it does not mistake for something else."""

import base64
import hashlib

import pytest

from gitops.config import KnownNames, parse_stack
from tests.gitops.test_config import BASE, parse, problems

# As random as what Pulumi encrypts.
NOISE = base64.b64encode(hashlib.sha256(b"homelab").digest()).decode()


def test_what_pulumi_encrypted_for_another_program_is_no_credential_in_clear() -> None:
    assert parse(f"{BASE}  kubernetes:kubeconfig: {{secure: v1:{NOISE}}}\n").name == "odyssey"


def test_a_key_called_secure_does_not_make_the_config_an_encrypted_value() -> None:
    found = [(problem.rule, problem.field) for problem in problems("config:\n  homelab:secure: x\n")]
    assert ("config/unknown-key", "homelab:secure") in found
    assert ("config/missing", "homelab:cluster_vars") in found
    assert "config/secret" not in [rule for rule, _ in found]


def test_a_waiver_that_is_no_mapping_is_told_so() -> None:
    (problem,) = problems(f"{BASE}  homelab:waivers: [safety]\n")
    assert (problem.field, problem.what) == ("homelab:waivers[0]", '"safety" is not a mapping')


@pytest.mark.parametrize("rule", ["anything", "nothing/like-it"])
def test_rules_are_not_checked_where_none_are_known(rule: str) -> None:
    text = f"{BASE}  homelab:waivers: [{{rule: {rule}, reason: x}}]\n"
    assert [waiver.rule for waiver in parse_stack(text, file="x", known=KnownNames()).waivers] == [rule]
