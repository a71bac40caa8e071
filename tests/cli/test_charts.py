"""`homelab charts`: what a mirror must hold."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.support.cli import SCHEMAS, Homelab, spoil
from tests.support.stacks import STACKS


@pytest.fixture
def mirrored(project: Path) -> None:
    section = "  homelab:charts: {mirror: https://mirror.example.org/charts}\n"
    spoil(project, "  homelab:shards:", f"{section}  homelab:shards:")


def test_charts_are_listed_with_where_they_come_from(homelab: Homelab) -> None:
    done = homelab("charts", "odyssey")
    assert (done.status, done.stderr) == (0, "")
    heading, *lines = done.stdout.splitlines()
    assert heading.split() == ["add-on", "chart", "version", "kind", "from"]
    assert "nginx nginx-ingress 2.6.4 OCIRepository oci://ghcr.io/nginx/charts/nginx-ingress" in [
        " ".join(line.split()) for line in lines
    ]
    assert "Name a mirror in homelab:charts.mirror to see where each belongs." in done.stdout


@pytest.mark.usefixtures("mirrored")
def test_a_mirror_shows_where_each_chart_belongs_beside_where_it_comes_from(homelab: Homelab) -> None:
    text = " ".join(homelab("charts", "odyssey").stdout.split())
    assert "https://metallb.github.io/metallb https://mirror.example.org/charts" in text
    assert "oci://ghcr.io/nginx/charts/nginx-ingress oci://mirror.example.org/charts/nginx-ingress" in text


@pytest.mark.usefixtures("mirrored")
def test_commands_stand_below_the_list_each_on_its_line(homelab: Homelab) -> None:
    lines = homelab("charts", "odyssey").stdout.splitlines()
    source, copy = "quay.io/cilium/charts/cilium:1.20.0", "mirror.example.org/charts/cilium:1.20.0"
    assert f"  oras copy {source} {copy}" in lines
    assert lines[-1] == "  helm repo index charts"


@pytest.mark.parametrize("stack", STACKS)
def test_charts_as_json_fit_their_schema(stack: str, homelab: Homelab) -> None:
    found = json.loads(homelab("charts", stack, "--output", "json").stdout)
    jsonschema.validate(found, json.loads((SCHEMAS / "charts.schema.json").read_text(encoding="utf-8")))
    assert found["cluster"] == stack
    assert "cert-manager" in {chart["addon"] for chart in found["charts"]}


def test_charts_of_a_stack_that_is_not_there_is_wrong_use(homelab: Homelab) -> None:
    assert homelab("charts", "nowhere").status == 2
