"""Which secrets Pulumi can make before Flux, and what they become."""

from dataclasses import replace

from gitops.bootstrap_secrets import brought, possible, registrations, with_namespaces
from gitops.objects import Manifest, Metadata, Namespace
from gitops.platform import Platform
from gitops.prerequisite import Prerequisite
from tests.support.platforms import addon, small, thing

TLS = ("tls.crt", "tls.key")


def needing(item: Prerequisite, *keys: str, use: str = "install") -> Platform:
    objects = Namespace(metadata=Metadata(name="a")), thing("Pool", "b")
    needs = replace(addon("a", *objects), prerequisites=(item,))
    return small(needs, bootstrap={"use": use, "secrets": {item.name: dict.fromkeys(keys or TLS, "from_config")}})


def made(item: Prerequisite, *keys: str) -> Manifest:
    (found,) = registrations(needing(item, *keys), "bootstrap", after=())
    return found.manifest


def test_what_no_namespace_of_the_platform_holds_cannot_be_made_first() -> None:
    secret = Prerequisite(namespace="a", name="s", purpose="a test")
    assert secret in possible(needing(secret))
    named_like_a_pool = replace(secret, namespace="b")
    assert named_like_a_pool not in possible(needing(named_like_a_pool))


def test_only_a_secret_with_a_certificate_has_the_type_of_one() -> None:
    secret = Prerequisite(namespace="a", name="s", purpose="a test")
    assert made(secret)["type"] == "kubernetes.io/tls"
    assert "type" not in made(secret, "tls.crt", "tls.key", "ca.crt")
    assert "type" not in made(replace(secret, kind="ConfigMap"))


def test_pulumi_brings_nothing_where_it_does_not_install() -> None:
    secret = Prerequisite(namespace="a", name="s", purpose="a test")
    assert secret in brought(needing(secret))
    existing = needing(secret, use="existing")
    assert brought(existing) == {}
    assert with_namespaces(existing) is existing
