"""Delivery oci: the artifact, what pushes it, and how the cluster is pinned to it."""

import json
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.delivery import DELIVERIES
from gitops.delivery.oci import PUSH, commands, origin_revision, pull_arguments, registrations, tree_digest
from gitops.delivery.registration import CommandOutput, Registration, ValueFrom
from gitops.errors import PlatformError, Problem
from gitops.platform import Platform
from gitops.policies.revision import revision_of
from gitops.pulumi_annotations import WAIT_FOR
from gitops.rendering import tree
from tests.support.stacks import OCI, variant

DIGEST = f"sha256:{'0123456789abcdef' * 4}"


def planned(**settings: Any) -> Platform:
    return platform(variant(**{"delivery": "oci", **settings}))


def registered(**settings: Any) -> dict[str, Registration]:
    return {item.name: item for item in registrations(planned(**settings))}


def source(**oci: object) -> dict[str, Any]:
    found: dict[str, Any] = registered(oci={**OCI, **oci})["artifact-source"].manifest["spec"]
    return found


def test_the_tree_is_pushed_under_the_clusters_own_tag() -> None:
    (push,) = commands(planned())
    assert push.arguments == (
        "flux",
        "push",
        "artifact",
        "oci://registry.example.org/homelab:odyssey",
        "--path=.homelab/odyssey",
        "--source=ssh://git@github.com/cicci8ino/homelab",
        f"--revision=odyssey@{tree_digest(tree(planned()))}",
        "--reproducible",
        "--output=json",
    )
    assert (push.folder, push.files) == (".homelab/odyssey", tree(planned()))


def test_the_time_of_creation_is_the_same_everywhere() -> None:
    (push,) = commands(planned())
    assert push.environment == {"TZ": "UTC"}


def test_without_a_git_repository_the_artifact_names_its_own() -> None:
    (push,) = commands(planned(git=None))
    assert "--source=oci://registry.example.org/homelab" in push.arguments


def test_a_registry_without_tls_is_spoken_to_without_it() -> None:
    (push,) = commands(planned(oci={**OCI, "insecure": True}))
    assert push.arguments[-1] == "--insecure-registry"
    assert source(insecure=True)["insecure"] is True
    assert "insecure" not in source()


def test_it_is_pushed_again_only_when_the_tree_changed() -> None:
    (before,), (same,) = commands(planned()), commands(planned(website=None))
    (after,) = commands(planned(addons={"grafana": {"values": {"replicas": 2}}}))
    assert before == same
    assert before.triggers != after.triggers


def test_a_tag_of_ones_own_is_pushed_and_waited_for() -> None:
    choices = {"oci": {**OCI, "tag": "latest"}}
    (push,) = commands(planned(**choices))
    assert push.arguments[3] == "oci://registry.example.org/homelab:latest"
    assert origin_revision(planned(**choices)).startswith("latest@sha256:")


def test_the_source_is_pinned_to_what_was_pushed() -> None:
    item = registered()["artifact-source"]
    assert item.key.kind == "OCIRepository"
    assert item.manifest["spec"] == {"interval": "1m", "url": "oci://registry.example.org/homelab", "ref": {}}
    assert item.values_from == (
        ValueFrom(path=("spec", "ref", "digest"), source=CommandOutput(command="artifact-push", key="digest")),
    )


def test_a_push_that_is_refused_leaves_everything_as_it_was() -> None:
    assert {PUSH in item.depends_on for item in registered().values()} == {True}


def test_the_pinned_artifact_is_what_is_pulled() -> None:
    arguments = pull_arguments(planned(oci={**OCI, "digest": DIGEST, "insecure": True}), "folder")
    url = f"oci://registry.example.org/homelab@{DIGEST}"
    assert arguments == ("flux", "pull", "artifact", url, "--output=folder", "--insecure-registry")


@pytest.mark.parametrize(
    "choices", [{}, {"oci": None, "delivery": "git"}, {"oci": OCI | {"digest": DIGEST}, "delivery": "git"}]
)
def test_nothing_is_pulled_that_the_cluster_is_not_pinned_to(choices: dict[str, Any]) -> None:
    assert pull_arguments(planned(**choices), "folder") == ()


def test_pulumi_waits_until_flux_has_applied_this_very_tree() -> None:
    annotations = registered()["network-reconciliation"].manifest["metadata"]["annotations"]
    assert json.loads(annotations[WAIT_FOR]) == [
        "condition=Ready",
        f"jsonpath={{.status.lastAppliedOriginRevision}}={origin_revision(planned())}",
    ]


def test_a_pinned_digest_is_not_pushed_but_waited_for() -> None:
    pinned = {"oci": {**OCI, "digest": DIGEST}}
    assert commands(planned(**pinned)) == ()
    item = registered(**pinned)["artifact-source"]
    assert (item.manifest["spec"]["ref"], item.values_from) == ({"digest": DIGEST}, ())
    assert {PUSH in item.depends_on for item in registered(**pinned).values()} == {False}
    annotations = registered(**pinned)["network-reconciliation"].manifest["metadata"]["annotations"]
    assert json.loads(annotations[WAIT_FOR])[1] == f"jsonpath={{.status.lastAppliedRevision}}={DIGEST}"


def test_a_signature_is_verified_by_key_or_by_identity() -> None:
    by_key = source(digest=DIGEST, secret="registry", verify={"secret": "cosign-keys"})  # noqa: S106 — a name
    assert by_key["secretRef"] == {"name": "registry"}
    assert by_key["verify"] == {"provider": "cosign", "secretRef": {"name": "cosign-keys"}}
    identity = {"issuer": r"^https://token\.example\.org$", "subject": r"^https://example\.org/me$"}
    by_identity = source(digest=DIGEST, verify={"identities": [identity]})
    assert by_identity["verify"] == {"provider": "cosign", "matchOIDCIdentity": [identity]}


def test_every_kustomization_reads_the_artifact() -> None:
    files = tree(planned())
    assert not [path for path, text in files.items() if "kind: GitRepository" in text]
    assert "kind: OCIRepository" in files["common/network/metallb/metallb.yaml"]
    assert registered()["network-reconciliation"].manifest["spec"]["sourceRef"]["kind"] == "OCIRepository"


def test_the_revision_follows_the_artifact() -> None:
    changed = {"addons": {"grafana": {"values": {"replicas": 2}}}}
    assert revision_of(planned()) != revision_of(planned(**changed))
    pinned = {"oci": {**OCI, "digest": DIGEST}}
    assert revision_of(planned(**pinned)) == revision_of(planned(**pinned, **changed))


def test_bundles_carry_the_revision_that_the_stack_shows() -> None:
    layer = registered()["network-reconciliation"].manifest["spec"]
    assert layer["postBuild"]["substitute"]["revision"] == revision_of(planned())


def test_a_layer_whose_source_nobody_registers_expands_to_nothing() -> None:
    expanded = DELIVERIES["git"].expand(platform(variant(delivery="oci")))
    assert {key.kind for key in expanded if key.namespace != "wedding-website"} <= {"Namespace"}


def test_oci_without_a_registry_is_an_error_for_the_platform_too() -> None:
    with pytest.raises(PlatformError) as caught:
        registrations(platform(variant(delivery="direct", oci=None)))
    assert caught.value.problems == (
        Problem(
            rule="delivery/oci-url",
            where="homelab:oci.url",
            what="delivery oci has no repository to deliver from",
            fix="set homelab:oci.url, or choose another delivery",
        ),
    )
