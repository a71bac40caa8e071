"""What needs a Secret: the delivery's own source, and releases by their values."""

from dataclasses import replace
from typing import Any

from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.secrets.inventory import uses
from tests.support.platforms import SEED, addon, release, small
from tests.support.stacks import OCI, stack_config, variant

GIT = stack_config("odyssey")["homelab:git"]
DIGEST = f"sha256:{'0' * 64}"


def of_source(**settings: Any) -> list[tuple[str, str, str]]:
    """What the source needs: its kind, the field, and the Secret."""
    planned = replace(SEED, cluster=variant(**settings))
    kinds = {"GitRepository", "OCIRepository"}
    return [
        (use.user.kind, use.reference.field, use.reference.key.name) for use in uses(planned) if use.user.kind in kinds
    ]


def needed(planned: Platform) -> list[ObjectKey]:
    return [use.reference.key for use in uses(planned) if use.user.kind == "HelmRelease"]


def test_the_source_needs_the_secrets_that_the_config_names_for_it() -> None:
    assert of_source(git={**GIT, "secret": "deploy-key"}) == [("GitRepository", "spec.secretRef.name", "deploy-key")]
    verified = {**OCI, "digest": DIGEST, "secret": "pull", "verify": {"secret": "keys"}}
    assert of_source(delivery="oci", oci=verified) == [
        ("OCIRepository", "spec.secretRef.name", "pull"),
        ("OCIRepository", "spec.verify.secretRef.name", "keys"),
    ]


def test_a_source_that_is_public_or_not_delivered_from_needs_none() -> None:
    assert of_source(git={"url": "https://example.org/homelab.git"}) == []
    assert of_source(delivery="oci") == []
    assert of_source(delivery="direct", oci={**OCI, "secret": "pull"}) == []


def test_a_release_needs_what_its_values_name_where_its_chart_goes() -> None:
    item = release("r", admin={"existingSecret": "s"})
    assert needed(small(addon("a", item))) == [ObjectKey("", "Secret", "widgets", "s")]
    elsewhere = replace(item, spec=replace(item.spec, target_namespace="there"))
    assert needed(small(addon("a", elsewhere))) == [ObjectKey("", "Secret", "there", "s")]


def test_a_release_that_no_bundle_holds_needs_what_its_values_name_too() -> None:
    item = release("r", admin={"existingSecret": "s"})
    assert needed(small(website=(item,))) == [ObjectKey("", "Secret", "widgets", "s")]
