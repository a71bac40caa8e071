"""Taking a platform down: in reverse, and never what holds data or the network unless told to."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.catalogue import KNOWN, platform
from gitops.errors import PlatformError
from gitops.graph import BundleGraph
from gitops.teardown import TeardownStep, teardown
from tests.support.stacks import STACKS, variant


def steps(stack: str = "odyssey", *, delete_data: bool = False) -> dict[str, TeardownStep]:
    return {step.bundle: step for step in teardown(platform(variant(stack)), delete_data=delete_data)}


@pytest.mark.parametrize("stack", STACKS)
def test_every_bundle_goes_after_all_that_wait_for_it(stack: str) -> None:
    place = {name: index for index, name in enumerate(steps(stack))}
    edges = BundleGraph.needed(platform(variant(stack)).bundles).edges
    assert len(place) == len(edges)
    assert all(place[name] < place[target] for name, targets in edges.items() for target in targets)


def test_custom_resources_go_before_the_controllers_that_serve_them() -> None:
    order = list(steps(delete_data=True))
    for earlier, later in pairwise(("grafana-controllers", "external-secrets-configs", "external-secrets-controllers")):
        assert order.index(earlier) < order.index(later)
    assert order[-1] == "cilium-controllers"
    assert "cert-manager-configs" in steps()["cert-manager-controllers"].after


def test_what_holds_data_or_the_network_stays_with_all_that_it_needs() -> None:
    kept = {name for name, step in steps().items() if step.kept_for}
    assert {"longhorn-controllers", "cilium-controllers", "metallb-configs", "external-secrets-controllers"} <= kept
    assert "1password-connect-controllers" in kept
    assert steps()["1password-connect-controllers"].kept_for == ("external-secrets-configs",)
    assert "grafana-controllers" not in kept


def test_with_delete_data_nothing_stays() -> None:
    assert {step.kept_for for step in steps(delete_data=True).values()} == {()}


def test_a_step_lists_releases_before_their_sources_and_no_namespace() -> None:
    assert steps()["metallb-controllers"].objects == ("HelmRelease metallb/metallb", "HelmRepository metallb/metallb")


@given(off=st.sets(st.sampled_from(sorted(KNOWN.addons)), max_size=5))
@settings(max_examples=10)
def test_nothing_that_stays_loses_what_it_needs(off: set[str]) -> None:
    try:
        planned = platform(variant(addons={name: {"enabled": False} for name in off}))
    except PlatformError:
        return
    kept = {step.bundle for step in teardown(planned) if step.kept_for}
    edges = BundleGraph.needed(planned.bundles).edges
    assert all(target in kept for name in kept for target in edges[name])
