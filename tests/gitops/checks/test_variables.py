"""Variables: declared, in reach, used, and meant."""

from dataclasses import replace

import pytest

from addons.catalogue import platform
from gitops.checks.variables import (
    accidental_variables,
    configured_variables,
    declared_variables,
    distinct_variables,
    reachable_variables,
    used_variables,
)
from gitops.objects import ConfigMap, Metadata
from gitops.platform import Platform
from tests.support.platforms import SEED, addon, small, whats, widget, with_reconciliation
from tests.support.stacks import variant


def with_variables(**data: str) -> Platform:
    metadata = Metadata(name="cluster-vars-derived", namespace="flux-system")
    base = small(addon("a", widget("x", a="${a}")))
    return replace(base, variables=(*base.variables, ConfigMap(metadata=metadata, data=data)))


def test_a_variable_that_is_not_declared_is_found_wherever_it_stands() -> None:
    assert whats(small(addon("a", widget("x", host="${domian}"))), declared_variables) == [
        "no variable is called 'domian'"
    ]
    assert whats(small(website=(widget("x", host="${domian}"),)), declared_variables) == [
        "no variable is called 'domian'"
    ]
    assert whats(small(addon("a", widget("x", host="${domain}"))), declared_variables) == []


def test_what_a_bundles_kustomization_uses_must_be_in_its_layer() -> None:
    asking = with_reconciliation(
        small(addon("a", widget("x"))), "a-controllers", substitute={"revision": "${revision}"}
    )
    assert whats(asking, reachable_variables) == [
        "it uses ${revision}, which layer network, that builds it, does not have"
    ]
    given = asking.map_layers(
        lambda layer: replace(layer, reconciliation=replace(layer.reconciliation, substitute={"revision": "r1"}))
    )
    assert whats(given, reachable_variables) == []


def test_a_layer_builds_the_kustomizations_of_its_own_bundles_alone() -> None:
    asking = with_reconciliation(small(addon("a")), "a-controllers", substitute={"revision": "${revision}"})
    (layer,) = asking.layers
    given = replace(layer, reconciliation=replace(layer.reconciliation, substitute={"revision": "r1"}))
    other = replace(layer, name="log", folder="log", tenant="log", addons=())
    assert whats(replace(asking, layers=(given, other)), reachable_variables) == []


def test_an_object_of_a_layer_uses_what_the_layer_has() -> None:
    def without_variables(uses_variables: bool) -> Platform:  # noqa: FBT001 — one switch
        return small().map_layers(
            lambda layer: replace(layer, objects=(widget("x", a="${domain}"),), uses_variables=uses_variables)
        )

    assert whats(without_variables(uses_variables=False), reachable_variables) == [
        "it uses ${domain}, which layer network, that builds it, does not have"
    ]
    assert whats(without_variables(uses_variables=True), reachable_variables) == []


def test_variables_in_another_namespace_are_out_of_reach() -> None:
    (variables,) = SEED.variables
    moved = replace(variables, metadata=replace(variables.metadata, namespace="default"))
    assert whats(replace(SEED, variables=(moved,)), reachable_variables) == [
        "the variables are in namespace 'default', where no Kustomization looks for them"
    ]
    assert whats(SEED, reachable_variables) == []


def test_a_variable_that_nothing_uses_is_found() -> None:
    assert whats(with_variables(a="1", b="2"), used_variables) == ["nothing uses ${b}"]
    assert whats(with_variables(a="1"), used_variables) == []


def test_a_variable_that_is_not_what_the_config_says_is_found() -> None:
    (variables,) = SEED.variables
    moved = replace(SEED, variables=(replace(variables, data={**variables.data, "dns_ip": "10.0.0.1"}),))
    assert whats(moved, configured_variables) == ["dns_ip is '10.0.0.1', but '192.168.20.66' in the config"]
    lost = replace(SEED, variables=(replace(variables, data={"domain": variables.data["domain"]}),))
    assert len(whats(lost, configured_variables)) == 6
    assert whats(small(addon("a", widget("cluster-vars"))), configured_variables) == []
    assert whats(SEED, configured_variables) == []


def test_a_variable_with_two_values_is_found() -> None:
    assert whats(with_variables(a="1", domain="other.org"), distinct_variables) == [
        "domain is 'other.org' here and 'k8s.cicci8ino.it' before"
    ]
    assert whats(with_variables(a="1", domain="k8s.cicci8ino.it"), distinct_variables) == []


@pytest.mark.parametrize(
    "text",
    [
        "domain=$(hostname -d)\necho ${domain}\n",
        "export domain=x\necho $$${domain}\n",
        '{"templating": {"list": [\n{"name": "domain"}]}, "title": "${domain}"}',
    ],
)
def test_a_text_with_a_variable_of_its_own_that_flux_would_replace_is_found(text: str) -> None:
    assert whats(small(addon("a", widget("x", text=text))), accidental_variables) == [
        "the text sets domain itself, but Flux replaces ${domain} by 'k8s.cicci8ino.it'"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "domain=$(hostname -d)\necho $${domain}\n",
        "domain=x\necho $domain\n",
        "name=x\necho ${domain}\n",
        "domain=${domain}",
        '{"name": "domain",\n"title": "${domain}"}',
    ],
)
def test_a_text_that_means_the_variable_or_escapes_its_own_is_fine(text: str) -> None:
    assert whats(small(addon("a", widget("x", text=text))), accidental_variables) == []


def test_text_of_another_language_reaches_the_cluster_as_it_is_written() -> None:
    values = {"a": {"replacement": "${1} of ${domain}"}}
    planned = platform(variant(addons={"alloy": {"values": values}}))
    (release,) = (item for item in planned.declared if str(item.key) == "HelmRelease alloy/alloy")
    assert release.substituted["spec"]["values"]["a"] == {"replacement": "${1} of k8s.cicci8ino.it"}
