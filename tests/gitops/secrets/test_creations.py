"""Who makes the Secrets that others need."""

from dataclasses import replace
from typing import Any

from addons.catalogue import platform
from gitops.objects import Metadata, ObjectKey, Unstructured
from gitops.secrets.creations import Creation, Creator, creations, ingresses, prerequisites
from gitops.tls import CLUSTER_ISSUER_ANNOTATION
from tests.support.platforms import SEED, addon, release, small, thing
from tests.support.stacks import OCI, variant

IMAGE = f"example.org/a@sha256:{'0' * 64}"
INGRESS: dict[str, Any] = {
    "annotations": {CLUSTER_ISSUER_ANNOTATION: "cluster-ca"},
    "tls": [{"hosts": ["h"], "secretName": "s"}],
}


def made_by(creator: Creator, *objects: Any, **addon_fields: Any) -> list[Creation]:
    """What an add-on's objects make in one way."""
    item = replace(addon("a", *objects), **addon_fields)
    return [creation for creation in creations(small(item)) if creation.creator == creator]


def brought(namespace: str, **settings: Any) -> list[str]:
    planned = platform(variant(**settings))
    return [item.name for item in prerequisites(planned) if item.namespace == namespace]


def test_the_website_needs_a_pull_secret_only_where_the_config_names_one_and_only_in_its_namespace() -> None:
    assert brought("wedding-website", website={"image": IMAGE}) == []
    named = platform(variant(website={"image": IMAGE, "image_pull_secret": "registry"}))
    assert [item.namespace for item in prerequisites(named) if item.name == "registry"] == ["wedding-website"]


def test_the_registry_of_another_delivery_needs_no_secret() -> None:
    unused = replace(SEED, cluster=variant(delivery="direct", oci={**OCI, "secret": "pull"}))
    assert "pull" not in [item.name for item in prerequisites(unused)]


def test_an_ingress_of_a_chart_is_found_in_lists_too_and_not_where_it_is_switched_off() -> None:
    assert list(ingresses({"extra": [{"ingress": INGRESS}]}, "spec.values")) == [
        ("spec.values.extra[0].ingress", INGRESS)
    ]
    assert list(ingresses({"ingress": {**INGRESS, "enabled": False}}, "spec.values")) == []
    assert list(ingresses({"ingress": {"annotations": {}}}, "spec.values")) == []


def test_the_keys_of_an_external_secret_that_also_takes_a_whole_item_are_not_known() -> None:
    spec = {"data": [{"secretKey": "k"}], "dataFrom": [{"extract": {"key": "whole"}}]}
    (creation,) = made_by(Creator.EXTERNAL_SECRETS, thing("ExternalSecret", "s", "external-secrets.io", spec=spec))
    assert creation.keys == ()


def test_a_chart_makes_its_secrets_beside_its_release_alone() -> None:
    elsewhere = Unstructured(api_version="v1", kind="ConfigMap", metadata=Metadata(name="c", namespace="other"))
    found = made_by(Creator.CHART, elsewhere, release("r"), chart_secrets=("s",))
    assert [creation.key for creation in found] == [ObjectKey("", "Secret", "widgets", "s")]


def test_what_an_object_without_a_namespace_asks_for_is_made_where_cert_manager_is() -> None:
    issuer = Unstructured(
        api_version="cert-manager.io/v1",
        kind="ClusterIssuer",
        metadata=Metadata(name="acme"),
        fields={"spec": {"acme": {"privateKeySecretRef": {"name": "account"}}}},
    )
    (creation,) = made_by(Creator.CERT_MANAGER, issuer)
    assert creation.key == ObjectKey("", "Secret", "cert-manager", "account")
