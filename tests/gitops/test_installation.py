"""The name and place of the Helm release that a HelmRelease becomes."""

from typing import Any

import pytest

from gitops.installation import Installation, installation, target_namespace


def release(name: str = "loki", **spec: Any) -> dict[str, Any]:
    return {"kind": "HelmRelease", "metadata": {"name": name, "namespace": "logging"}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, ("logging", "loki", "logging")),
        ({"targetNamespace": "apps"}, ("apps", "apps-loki", "logging")),
        ({"releaseName": "logs"}, ("logging", "logs", "logging")),
        ({"targetNamespace": "apps", "releaseName": "logs"}, ("apps", "logs", "logging")),
        ({"storageNamespace": "kept"}, ("logging", "loki", "kept")),
    ],
)
def test_a_release_is_named_and_placed_by_what_it_says(spec: dict[str, str], expected: tuple[str, str, str]) -> None:
    assert installation(release(**spec)) == expected


def test_a_composed_name_of_53_characters_is_the_longest() -> None:
    assert installation(release("a" * 48, targetNamespace="apps")).name == f"apps-{'a' * 48}"
    # The hash is sha256sum's of the whole name.
    assert installation(release("a" * 49, targetNamespace="apps")).name == f"apps-{'a' * 35}-2684d99888fc"


def test_what_is_no_release_goes_to_its_own_namespace() -> None:
    assert target_namespace({"kind": "Service", "metadata": {"name": "dns", "namespace": "network"}}) == "network"
    assert target_namespace({"kind": "ClusterIssuer", "metadata": {"name": "ca"}}) == ""


def test_it_tells_where_it_is_kept_when_that_is_elsewhere() -> None:
    assert str(Installation("apps", "logs", "apps")) == "Helm release apps/logs"
    assert str(Installation("apps", "logs", "kept")) == "Helm release apps/logs, kept in kept"
