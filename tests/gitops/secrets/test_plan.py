"""The inventory as people and programs get it."""

from dataclasses import replace
from typing import Any

from addons.catalogue import platform
from gitops.objects import Metadata, Unstructured
from gitops.prerequisite import Prerequisite
from gitops.secrets.creations import prerequisites
from gitops.secrets.plan import ItemPlan, SecretPlan, secrets_plan
from tests.support.platforms import SEED, addon, thing, with_addons
from tests.support.stacks import shipped, variant

ODYSSEY = secrets_plan(platform(shipped("odyssey")))


def entry(name: str, **settings: Any) -> SecretPlan:
    planned = secrets_plan(platform(variant(**settings))) if settings else ODYSSEY
    return next(item for item in planned.secrets if item.name == name)


def test_what_is_needed_comes_in_the_order_in_which_it_is_there() -> None:
    steps = [item.step for item in ODYSSEY.secrets]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert {item.step for item in ODYSSEY.secrets if item.creator == "bootstrap"} == {0}


def test_the_bootstrap_brings_what_nothing_in_the_cluster_can_make() -> None:
    brought = {f"{item.kind} {item.namespace}/{item.name}" for item in ODYSSEY.secrets if item.creator == "bootstrap"}
    assert brought == {
        "Secret 1password/op-credentials",
        "Secret cert-manager/cluster-ca",
        "ConfigMap cert-manager/root-ca",
        "Secret external-secrets/onepassword-connect-token",
        "Secret flux-system/flux-system",
    }


def test_grafanas_administrator_comes_from_the_vault_after_the_store() -> None:
    found = entry("grafana-admin")
    store = next(item for item in ODYSSEY.secrets if item.name == "onepassword-connect-token")
    assert (found.creator, found.made_by) == ("external-secrets", "ExternalSecret grafana/grafana-admin")
    assert found.bundle == "grafana-controllers"
    assert found.keys == ("admin-password", "admin-user")
    assert found.purpose is None
    assert found.step > store.step
    assert [(need.object, need.field, need.waits) for need in found.needed_by] == [
        ("HelmRelease grafana/grafana", "spec.values.admin.existingSecret", True)
    ]


def test_a_certificate_comes_with_its_issuer_where_that_is_later_than_its_ingress() -> None:
    found = entry("wedding-website-ingress-tls")
    issuer = next(item for item in ODYSSEY.secrets if item.name == "homelab-root-ca")
    assert (found.bundle, found.creator) == (None, "cert-manager")
    assert found.keys == ("ca.crt", "tls.crt", "tls.key")
    assert 0 < found.step < issuer.step
    assert not found.needed_by[0].waits


def test_the_root_ca_is_in_every_namespace_that_mounts_it() -> None:
    found = [item for item in ODYSSEY.secrets if item.name == "homelab-root-ca"]
    assert [(item.kind, item.namespace, item.creator) for item in found] == [
        ("ConfigMap", "alloy", "trust-manager"),
        ("ConfigMap", "monitoring", "trust-manager"),
    ]


def test_the_vault_must_hold_grafanas_item() -> None:
    assert ODYSSEY.items == (
        ItemPlan(
            item="grafana",
            fields=("username", "password"),
            store="onepassword",
            vaults=("Homelab",),
            external_secret="ExternalSecret grafana/grafana-admin",
        ),
    )
    assert secrets_plan(platform(shipped("ithaca"))).items == ()


def test_an_item_that_is_taken_whole_has_no_fields_and_an_unknown_store_no_vaults() -> None:
    spec = {"secretStoreRef": {"name": "other"}, "dataFrom": [{"extract": {"key": "whole"}}]}
    external = Unstructured(
        api_version="external-secrets.io/v1",
        kind="ExternalSecret",
        metadata=Metadata(name="s", namespace="x"),
        fields={"spec": spec},
    )
    planned = secrets_plan(with_addons(addon("a", external)))
    found = next(item for item in planned.items if item.item == "whole")
    assert (found.fields, found.store, found.vaults) == ((), "other", ())


def test_only_external_secrets_read_items_and_only_stores_have_vaults() -> None:
    spec = {
        "secretStoreRef": {"name": "onepassword"},
        "data": [{"remoteRef": {"key": "other"}}],
        "provider": {"onepassword": {"vaults": {"Other": 1}}},
    }
    planned = secrets_plan(with_addons(addon("a", thing("Widget", "onepassword", spec=spec))))
    assert [(item.item, item.vaults) for item in planned.items] == [("grafana", ("Homelab",))]


def test_a_secret_that_nothing_makes_is_listed_without_a_creator() -> None:
    metadata = Metadata(name="pod", namespace="x")
    spec = {"volumes": [{"name": "v", "secret": {"secretName": "s"}}]}
    pod = Unstructured(api_version="v1", kind="Pod", metadata=metadata, fields={"spec": spec})
    planned = secrets_plan(replace(SEED, website=(pod,)))
    found = next(item for item in planned.secrets if item.name == "s")
    assert (found.creator, found.made_by, found.bundle, found.step, found.purpose) == (None, None, None, 0, None)


def test_the_pull_secret_of_the_website_is_brought_to_its_namespace() -> None:
    website = {"image": f"example.org/a@sha256:{'0' * 64}", "image_pull_secret": "registry"}
    found = entry("registry", website=website)
    assert (found.namespace, found.creator, found.purpose) == (
        "wedding-website",
        "bootstrap",
        "pulling the website's image",
    )


def test_the_account_of_an_acme_issuer_is_made_by_cert_manager_and_needed_by_nobody() -> None:
    website = {"image": f"example.org/a@sha256:{'0' * 64}", "issuer": "acme"}
    planned = secrets_plan(platform(variant(website=website)))
    assert [item for item in planned.secrets if item.name == "letsencrypt-account"] == []


def test_the_bootstrap_of_each_source_is_named_by_the_config() -> None:
    cluster = shipped("odyssey")
    of_source = {
        item.name: item.purpose for item in prerequisites(platform(cluster)) if item.namespace == "flux-system"
    }
    assert of_source == {"flux-system": "reading the tree"}
    oci = {
        "url": "oci://registry.example.org/tree",
        "secret": "pull",
        "verify": {"secret": "keys"},
        "digest": f"sha256:{'0' * 64}",
    }
    artifact = replace(SEED, cluster=variant(delivery="oci", oci=oci))
    of_source = {item.name: item.purpose for item in prerequisites(artifact) if item.namespace == "flux-system"}
    assert of_source == {"pull": "pulling the tree", "keys": "verifying the tree"}
    plain = replace(SEED, cluster=variant(delivery="oci", oci={"url": "oci://registry.example.org/tree"}))
    assert [item for item in prerequisites(plain) if item.namespace == "flux-system"] == []
    direct = replace(SEED, cluster=variant(delivery="direct"))
    assert [item for item in prerequisites(direct) if item.namespace == "flux-system"] == []


def test_a_prerequisite_is_known_by_its_key() -> None:
    item = Prerequisite(kind="ConfigMap", namespace="x", name="a", purpose="a test")
    assert str(item.key) == "ConfigMap x/a"
