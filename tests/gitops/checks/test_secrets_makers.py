"""Secrets: makers and hosts that rules leave alone."""

from dataclasses import replace
from typing import Any

import pytest

from gitops.checks.secrets import RULES
from gitops.objects import KubernetesObject
from tests.gitops.checks.test_secrets import STORE, an, external, of
from tests.support.platforms import SEED, addon, found


def test_what_pulumi_applies_is_in_time_with_its_store() -> None:
    store = an("SecretStore", "external-secrets.io", "own")
    website = (external("s"), store, external("t", store="own", kind="SecretStore"))
    assert found(replace(SEED, website=website), RULES) == []


def test_an_ingress_may_come_before_the_bundle_of_its_certificate() -> None:
    waiting = an("Ingress", "networking.k8s.io", spec={"tls": [{"hosts": ["h"], "secretName": "s"}]})
    assert of(addon("a", waiting), addon("b", external("s"), needs=STORE)) == []


UNSERVED: dict[str, Any] = {"hosts": ["a.example.org"], "tls": [{"hosts": ["b.example.org"]}]}


@pytest.mark.parametrize(
    "item",
    [
        an("Secret", "example.org", data={"key": "value"}),
        an("Widget", "example.org", spec={"values": {"ingress": UNSERVED}}),
    ],
    ids=lambda item: item.kind,
)
def test_what_merely_looks_like_a_secret_or_a_release_is_none(item: KubernetesObject) -> None:
    assert of(addon("a", item)) == []
