"""Clusters that must not be adopted, found before anything is changed."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.adoption import Live, adoption
from gitops.objects import Manifest
from tests.support.live import article
from tests.support.stacks import variant

STACK = platform(variant("odyssey"))
ARTICLE = article(STACK)


def refused(live: Live, **settings: Any) -> list[tuple[str, str]]:
    """Rule and place of everything that speaks against adopting a cluster."""
    planned = adoption(platform(variant("odyssey", **settings)) if settings else STACK, live)
    assert planned.steps == ()
    return [(problem.rule, problem.where) for problem in planned.problems]


def release(name: str = "metallb", namespace: str = "metallb", **spec: Any) -> Manifest:
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def test_a_cluster_without_flux_is_refused() -> None:
    assert refused(Live(serves_flux=False)) == [("adopt/flux", "the cluster")]


@pytest.mark.parametrize("delivery", ["oci", "inline", "direct"])
def test_other_deliveries_are_switched_to_afterwards(delivery: str) -> None:
    assert refused(ARTICLE, delivery=delivery) == [("adopt/delivery", "homelab:delivery")]


def test_a_flux_that_is_there_is_not_installed() -> None:
    assert refused(ARTICLE, bootstrap="install") == [("adopt/bootstrap", "homelab:bootstrap")]


def test_another_cluster_is_refused() -> None:
    others = article(platform(variant("ithaca", delivery="git")))
    problems = adoption(STACK, others).problems
    assert [problem.rule for problem in problems] == ["existing/cluster"]
    assert problems[0].what == "this is the cluster ithaca, and the stack's is odyssey"


def test_a_cluster_that_does_not_say_which_it_is_is_refused() -> None:
    place = "ConfigMap flux-system/cluster-vars"
    assert refused(replace(ARTICLE, objects={})) == [("adopt/cluster", place)]
    key, item = next((key, item) for key, item in ARTICLE.objects.items() if str(key) == place)
    assert refused(replace(ARTICLE, objects={**ARTICLE.objects, key: {**item, "data": None}})) == [
        ("existing/cluster", place)
    ]


@pytest.mark.parametrize(
    "spec",
    [{"releaseName": "mlb"}, {"targetNamespace": "lb"}, {"storageNamespace": "flux-system"}],
    ids=lambda spec: next(iter(spec)),
)
def test_a_release_that_would_be_installed_anew_is_refused(spec: dict[str, str]) -> None:
    assert refused(replace(ARTICLE, releases=(release(**spec),))) == [("adopt/release", "HelmRelease metallb/metallb")]


def test_a_release_whose_history_is_kept_elsewhere_says_where() -> None:
    live = replace(ARTICLE, releases=(release(storageNamespace="flux-system"),))
    assert adoption(STACK, live).problems[0].what == (
        "it has installed Helm release metallb/metallb, kept in flux-system, "
        "and would uninstall that for Helm release metallb/metallb"
    )


def test_a_release_that_another_object_has_installed_is_refused() -> None:
    other = release("mlb", "flux-system", releaseName="metallb", targetNamespace="metallb")
    problems = adoption(STACK, replace(ARTICLE, releases=(other,))).problems
    assert [problem.where for problem in problems] == ["HelmRelease flux-system/mlb"]
    assert "which HelmRelease metallb/metallb of the stack would install anew" in problems[0].what


def test_a_release_without_a_name_of_its_own_has_its_target_in_its_name() -> None:
    other = release("metallb", "flux-system", targetNamespace="metallb")
    assert adoption(STACK, replace(ARTICLE, releases=(other,))).problems == ()


def test_releases_of_others_are_no_concern() -> None:
    assert adoption(STACK, replace(ARTICLE, releases=(release("apps", "apps", targetNamespace="shop"),))).problems == ()
