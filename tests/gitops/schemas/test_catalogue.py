"""The kinds whose schemas are known."""

import pytest

from gitops.schemas import catalogue
from gitops.schemas.catalogue import KUBERNETES, committed_facts, known_kinds, served_kinds, served_versions
from sandbox.crds import FOLDERS


def test_a_built_in_kind_is_known_as_the_oldest_and_the_newest_version_have_it() -> None:
    assert [kind.source for kind in known_kinds("apps/v1", "Deployment")] == [f"Kubernetes {v}" for v in KUBERNETES]


def test_the_supported_versions_are_the_newest_three_of_the_library() -> None:
    folders = sorted(catalogue._BUILT_IN.glob("v1.*-local-strict"))
    assert [folder.name for folder in (folders[-3], folders[-1])] == [f"v{v}.0-local-strict" for v in KUBERNETES]


def test_a_custom_resource_is_known_by_its_module() -> None:
    (kind,) = known_kinds("metallb.io/v1beta1", "IPAddressPool")
    assert kind.source == str(FOLDERS["metallb"][0].module)


@pytest.mark.parametrize(
    ("api_version", "kind", "namespaced"),
    [
        ("v1", "Namespace", False),
        ("v1", "Service", True),
        ("cert-manager.io/v1", "ClusterIssuer", False),
        ("cert-manager.io/v1", "Issuer", True),
    ],
)
def test_a_kind_has_its_scope(api_version: str, kind: str, *, namespaced: bool) -> None:
    assert {item.namespaced for item in known_kinds(api_version, kind)} == {namespaced}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("v1", "Deployment"),
        ("apps/v2", "Deployment"),
        ("example.org/v1", "Deployment"),
        ("metallb.io/v1beta1", "Nope"),
        ("v1", "ObjectMeta"),
        ("v1", "DeleteOptions"),
    ],
)
def test_other_kinds_are_not_known(api_version: str, kind: str) -> None:
    assert known_kinds(api_version, kind) == ()


def test_the_versions_of_a_kind_are_those_that_are_served() -> None:
    assert served_versions("metallb.io", "BGPPeer") == ("metallb.io/v1beta1", "metallb.io/v1beta2")
    assert served_versions("external-secrets.io", "ExternalSecret") == ("external-secrets.io/v1",)
    assert served_versions("apps", "Deployment") == ("apps/v1",)
    assert served_versions("", "Service") == ("v1",)
    assert served_versions("apps", "Service") == ()


def test_the_kinds_of_a_group_are_those_of_all_its_versions() -> None:
    assert served_kinds("helm.toolkit.fluxcd.io") == ("HelmRelease",)
    assert {"Deployment", "StatefulSet"} <= set(served_kinds("apps"))
    assert "Namespace" in served_kinds("")
    assert [kind for kind in served_kinds("") if kind[0].islower()] == []
    # What goes into a request is no object that anybody could declare.
    assert "DeleteOptions" not in served_kinds("")
    assert served_kinds("example.org") == ()


def test_every_committed_fact_names_a_pinned_module() -> None:
    pins = {str(folder.module) for folders in FOLDERS.values() for folder in folders}
    assert {facts["module"] for facts in committed_facts().values()} == pins


def _texts(facts: object) -> list[str]:
    """The texts in facts, but for expressions, patterns, defaults and choices."""
    if isinstance(facts, dict):
        kept = (item for name, item in facts.items() if name not in {"rule", "pattern", "default", "enum"})
        return [text for item in kept for text in _texts(item)]
    if isinstance(facts, list):
        return [text for item in facts for text in _texts(item)]
    return [facts] if isinstance(facts, str) else []


def test_no_committed_fact_holds_prose() -> None:
    assert not [text for facts in committed_facts().values() for text in _texts(facts) if " " in text]


def test_of_the_operator_that_is_not_freely_licensed_no_expression_is_committed() -> None:
    operator = {name: facts for name, facts in committed_facts().items() if "flux-operator" in facts["module"]}
    assert len(operator) >= 4
    assert all(facts["expressions"] is False for facts in operator.values())
    assert "x-kubernetes-validations" not in str(operator)
