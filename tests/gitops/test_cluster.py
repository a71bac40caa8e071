"""What a cluster derives from its config, and what Pulumi may have made of the file."""

from dataclasses import replace

import pytest

from addons.catalogue import KNOWN
from gitops.config import parse_stack
from gitops.errors import ConfigError
from gitops.policies.revision import revision_of
from tests.support.platforms import SEED
from tests.support.stacks import COMMIT, shipped, stack_text, variant


@pytest.mark.parametrize(("text", "value"), [('"true"', True), ('"false"', False), ("true", True), ("false", False)])
def test_a_boolean_may_be_quoted_because_pulumi_quotes_it_when_it_writes_the_file(text: str, value: object) -> None:
    stack = stack_text("odyssey").replace("homelab:management: true", f"homelab:management: {text}")
    assert parse_stack(stack, file="Pulumi.odyssey.yaml", known=KNOWN).management is value


@pytest.mark.parametrize("text", ['"True"', '"yes"', '""', "1"])
def test_no_other_text_is_a_boolean(text: str) -> None:
    stack = stack_text("odyssey").replace("homelab:management: true", f"homelab:management: {text}")
    with pytest.raises(ConfigError, match="homelab:management"):
        parse_stack(stack, file="Pulumi.odyssey.yaml", known=KNOWN)


def test_only_the_sandboxs_own_stack_lives_in_a_sandbox() -> None:
    assert {stack: shipped(stack).sandbox for stack in ("ithaca", "odyssey", "sandbox")} == {
        "ithaca": None,
        "odyssey": None,
        "sandbox": "sandbox",
    }


@pytest.mark.parametrize("name", ["Capital", "two words", "-", ""])
def test_a_sandbox_has_a_name_that_a_folder_can_have(name: str) -> None:
    with pytest.raises(ConfigError, match="homelab:sandbox"):
        variant(sandbox=name)


def test_pinning_changes_the_commit_and_nothing_else() -> None:
    cluster = shipped("odyssey")
    pinned = cluster.pinned(COMMIT)
    assert cluster.git is not None
    assert pinned.git == cluster.git.model_copy(update={"commit": COMMIT})
    assert pinned.model_copy(update={"git": cluster.git}) == cluster


def test_pinning_is_a_new_revision() -> None:
    pinned = replace(SEED, cluster=SEED.cluster.pinned(COMMIT))
    assert revision_of(pinned) != revision_of(SEED)


def test_without_git_there_is_nothing_to_pin() -> None:
    cluster = shipped("odyssey").model_copy(update={"git": None})
    assert cluster.pinned(COMMIT) == cluster


def test_what_the_config_does_not_name_is_named_after_the_cluster() -> None:
    plain = variant(delivery="oci", network={}, oci={"url": "oci://registry.example.org/homelab"})
    assert (plain.api_host, plain.oci_tag) == ("api.k8s.cicci8ino.it", "odyssey")
    assert plain.model_copy(update={"git": None}).git_branch == "rendered/odyssey"
    assert plain.model_copy(update={"oci": None}).oci_tag == "odyssey"


def test_what_the_config_names_is_named_so() -> None:
    named = variant(
        network={"api_host": "k8s.example.org"},
        delivery="oci",
        oci={"url": "oci://registry.example.org/homelab", "tag": "stable"},
        git={"url": "ssh://git@example.org/homelab", "branch": "live", "secret": "flux-system"},
    )
    assert (named.api_host, named.oci_tag, named.git_branch) == ("k8s.example.org", "stable", "live")


def test_a_list_is_no_boolean() -> None:
    with pytest.raises(ConfigError, match="homelab:management"):
        variant(management=[])
