"""What needs a Secret: the delivery's own source, and releases by their values."""

from dataclasses import replace
from typing import Any

from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.prerequisite import ValueReference
from gitops.secrets.inventory import secret_inventory, uses
from tests.support.platforms import SEED, addon, release, small, thing
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


def test_values_of_what_is_no_release_are_read_as_nobodys_chart() -> None:
    values = {"values": {"auth": {"name": "s"}}}
    named = replace(addon("a", thing("Widget", "w", spec=values)), references=(ValueReference(value="auth.name"),))
    assert list(uses(small(named, delivery="direct"))) == []
    released = replace(addon("a", release("r", auth={"name": "s"})), references=named.references)
    assert needed(small(released)) == [ObjectKey("", "Secret", "widgets", "s")]


def test_nothing_needs_what_is_made_for_it() -> None:
    spec = {"secretName": "made", "keystores": {"pkcs12": {"passwordSecretRef": {"name": "needed"}}}}
    certificate = addon("a", thing("Certificate", "c", "cert-manager.io", spec=spec))
    assert [use.reference.key.name for use in uses(small(certificate, delivery="direct"))] == ["needed"]


def test_the_keys_are_those_that_are_made_and_those_that_are_read() -> None:
    maker = replace(thing("Secret", "s", stringData={"made": "x"}), api_version="v1")
    reader = release("r", env={"secretKeyRef": {"name": "s", "key": "read"}})
    (entry,) = secret_inventory(small(addon("a", maker, reader), delivery="direct"))
    assert entry.keys == ("made", "read")
