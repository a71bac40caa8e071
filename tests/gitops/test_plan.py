"""The plan: what it says, and that it says the truth."""

from dataclasses import replace

import pytest

from addons.catalogue import platform
from gitops.chart import Chart
from gitops.delivery import delivery_of
from gitops.inventory import Owner, inventory
from gitops.mermaid import flowchart
from gitops.outputs import outputs
from gitops.plan import AddonPlan, Plan, plan
from tests.support.stacks import DELIVERIES, PROFILES, STACKS, shipped, variant

ODYSSEY = plan(platform(shipped("odyssey")))


def addon(planned: Plan, name: str) -> AddonPlan:
    return next(item for layer in planned.layers for item in layer.addons if item.name == name)


def positions(planned: Plan) -> dict[str, int]:
    return {
        bundle.name: bundle.position for layer in planned.layers for item in layer.addons for bundle in item.bundles
    }


@pytest.mark.parametrize(
    ("name", "chart", "version", "repository"),
    [
        ("metallb", "metallb", "0.16.1", "https://metallb.github.io/metallb"),
        ("1password-connect", "connect", "2.4.1", "https://1password.github.io/connect-helm-charts"),
        ("nginx", "nginx-ingress", "2.6.4", "oci://ghcr.io/nginx/charts"),
    ],
)
def test_an_addon_shows_its_chart(name: str, chart: str, version: str, repository: str) -> None:
    assert addon(ODYSSEY, name).chart == Chart(name=chart, version=version, repository=repository)


@pytest.mark.parametrize("delivery", DELIVERIES)
@pytest.mark.parametrize("profile", PROFILES)
def test_bundles_stand_after_everything_that_they_wait_for(profile: str, delivery: str) -> None:
    planned = plan(platform(shipped("odyssey", profile=profile, delivery=delivery)))
    place = positions(planned)
    bundles = [bundle for layer in planned.layers for item in layer.addons for bundle in item.bundles]
    assert all(place[target] < bundle.position for bundle in bundles for target in bundle.waits_for)


def test_under_seed_a_layer_starts_after_the_one_before() -> None:
    place = positions(plan(platform(shipped("odyssey", profile="seed"))))
    assert place["nginx-controllers"] < place["1password-connect-controllers"] < place["longhorn-controllers"]


def test_under_strict_a_bundle_starts_right_after_what_it_waits_for_in_any_layer() -> None:
    place = positions(ODYSSEY)
    bundles = [bundle for layer in ODYSSEY.layers for item in layer.addons for bundle in item.bundles]
    assert [place[bundle.name] for bundle in bundles] == [
        1 + max((place[target] for target in bundle.waits_for), default=0) for bundle in bundles
    ]


@pytest.mark.parametrize("delivery", DELIVERIES)
@pytest.mark.parametrize("stack", STACKS)
def test_every_object_has_one_owner_and_the_counts_add_up(stack: str, delivery: str) -> None:
    planned = platform(shipped(stack, delivery=delivery))
    shown = plan(planned)
    registered = {item.key for item in delivery_of(planned).registrations(planned)}
    assert len(shown.owners) == len({item.object for item in shown.owners}) == sum(shown.owned.values())
    assert {key for key, entry in inventory(planned).items() if entry.owner is Owner.PULUMI} == registered


def test_delivery_direct_leaves_flux_only_what_charts_make() -> None:
    assert plan(platform(shipped("odyssey", delivery="direct"))).owned["flux"] == 0


def test_resources_say_what_pulumi_waits_for() -> None:
    (network,) = [item for item in ODYSSEY.resources if item.name == "network-reconciliation"]
    assert network.waits_for == "condition=Ready"
    assert network.timeout == next(layer.timeout for layer in ODYSSEY.layers if layer.name == "network")
    (variables,) = [item for item in ODYSSEY.resources if item.name == "cluster-vars"]
    assert (variables.waits_for, variables.timeout) == (None, None)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("ca", "https://wedding.k8s.cicci8ino.it"),
        ("acme", "https://wedding.k8s.cicci8ino.it"),
        ("none", "http://wedding.k8s.cicci8ino.it"),
    ],
)
def test_the_website_is_shown_by_its_url(issuer: str, url: str) -> None:
    image = f"example.org/site@sha256:{'0' * 64}"
    assert plan(platform(variant(website={"image": image, "issuer": issuer}))).website == url


def test_a_cluster_without_a_website_shows_none() -> None:
    assert plan(platform(shipped("ithaca"))).website is None


def test_an_addon_without_a_chart_shows_none() -> None:
    planned = platform(shipped("odyssey"))
    bare = planned.map_addons(lambda item: replace(item, controllers=replace(item.controllers, objects=())))
    assert addon(plan(bare), "nginx").chart is None


def test_outputs_are_what_other_stacks_read() -> None:
    shown = outputs(platform(shipped("odyssey")))
    assert shown["layers"]["log"] == "log-reconciliation"
    assert shown["owners"] == ODYSSEY.owned
    assert shown["revision"] == ODYSSEY.revision
    assert shown["website"] == ODYSSEY.website


def test_the_graph_has_a_box_for_each_layer_and_an_arrow_for_each_edge() -> None:
    text = flowchart(platform(shipped("odyssey")))
    assert text.startswith("flowchart LR\n  subgraph common-configs-reconciliation\n")
    assert "  metallb-controllers --> metallb-configs\n" in text
    assert "reconciliation --> " not in text


def test_the_graph_of_the_seed_shows_the_order_of_layers() -> None:
    text = flowchart(platform(shipped("odyssey", profile="seed")))
    assert "  infra-reconciliation --> log-reconciliation\n" in text
