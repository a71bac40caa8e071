"""The layers in a program of somebody else's."""

from pathlib import Path

import pulumi
import pytest

from components import COMPONENTS
from tests.support.recorder import run_program
from tests.support.stacks import ROOT

EXAMPLE = ROOT / "examples" / "edge"


def test_the_example_installs_one_layer_with_typed_arguments() -> None:
    recorded = run_program(EXAMPLE, "edge", {"homelab:kubeconfig": "planted-kubeconfig"})
    (layer,) = recorded.components
    assert (layer.type, layer.name) == ("homelab:index:NetworkLayer", "edge-network")
    kinds = {(item.inputs["kind"], item.inputs["metadata"]["name"]) for item in recorded.objects}
    assert {("HelmRelease", "cilium"), ("HelmRelease", "metallb"), ("IPAddressPool", "standard")} <= kinds
    assert ("HelmRelease", "nginx") not in kinds
    assert {item.parent for item in recorded.objects} == {layer.urn}
    assert all(item.name.startswith("edge-network-network-") for item in recorded.objects)
    assert recorded.exports["network"] == layer.urn
    assert "planted-kubeconfig" not in str([item.clear for item in recorded.requests])


def test_the_example_fits_on_a_screen() -> None:
    assert len((EXAMPLE / "__main__.py").read_text(encoding="utf-8").splitlines()) <= 32


def test_every_component_is_found_by_the_name_of_its_registrations() -> None:
    assert {name: item.component for name, item in COMPONENTS.items()} == {name: name for name in COMPONENTS}


PROGRAM = """
from components import ComponentArgs, NetworkLayer
from addons.catalogue import platform
from tests.support.stacks import variant

NetworkLayer("network", ComponentArgs.of(platform(variant())))
"""


def test_a_layer_without_what_it_depends_on_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    with pytest.raises(pulumi.RunError) as caught:
        run_program(tmp_path, "mine", {})
    assert str(caught.value) == "cluster-vars must be there first\n  fix: create the component of 'cluster' before this"
