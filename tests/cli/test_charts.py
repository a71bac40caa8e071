"""`homelab charts`: what a mirror must hold."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from gitops.documents import to_yaml
from gitops.objects import Manifest
from tests.support.api_server import ApiServer, api_server, refusal
from tests.support.cli import SCHEMAS, Homelab, spoil
from tests.support.helm import FakeHelm, fake_helm
from tests.support.stacks import STACKS

NAMESPACE: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHelm:
    found = fake_helm(tmp_path / "helm")
    found.says(to_yaml([NAMESPACE]))
    monkeypatch.setenv("PATH", f"{found.folder}:/usr/bin:/bin")
    return found


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    with api_server() as server:
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(server.kubeconfig()), encoding="utf-8")
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        server.answer("POST", "/api/v1/namespaces", NAMESPACE)
        yield server


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


@pytest.mark.usefixtures("helm", "api")
def test_real_charts_are_shown_one_by_one(homelab: Homelab) -> None:
    done = homelab("charts", "odyssey", "--real-charts")
    assert (done.status, done.stderr) == (0, "")
    assert "metallb: 1 accepted" in done.stdout.splitlines()


@pytest.mark.usefixtures("helm")
def test_what_an_api_server_would_refuse_is_a_finding(homelab: Homelab, api: ApiServer) -> None:
    api.answer("POST", "/api/v1/namespaces", refusal(422, "Invalid", "metadata.name: Invalid value"))
    done = homelab("charts", "odyssey", "--real-charts")
    assert done.status == 1
    assert "metallb: 0 accepted, 1 refused" in done.stdout.splitlines()
    assert "error: metallb: Namespace n\n  metadata.name: Invalid value" in done.stderr


@pytest.mark.usefixtures("api")
def test_objects_that_nobody_can_judge_yet_are_counted(homelab: Homelab, helm: FakeHelm, api: ApiServer) -> None:
    names = {"group": "example.org", "names": {"kind": "Widget"}}
    crd = {"apiVersion": "v1", "kind": "CustomResourceDefinition", "metadata": {"name": "ws"}, "spec": names}
    widget = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}}
    kinds = [{"name": "customresourcedefinitions", "kind": "CustomResourceDefinition", "namespaced": False}]
    api.answer("GET", "/api/v1", {"resources": kinds})
    api.answer("POST", "/api/v1/customresourcedefinitions", crd)
    helm.says(to_yaml([crd, widget]))
    done = homelab("charts", "odyssey", "--real-charts")
    assert done.status == 0
    assert "nginx: 1 accepted, 1 of kinds that only its own CRDs bring" in done.stdout.splitlines()


@pytest.mark.usefixtures("helm")
def test_real_charts_as_json_fit_their_schema(homelab: Homelab, api: ApiServer) -> None:
    api.answer("POST", "/api/v1/namespaces", refusal(422, "Invalid", "no"))
    done = homelab("charts", "odyssey", "--real-charts", "--output", "json")
    found = json.loads(done.stdout)
    jsonschema.validate(found, json.loads((SCHEMAS / "real-charts.schema.json").read_text(encoding="utf-8")))
    assert (done.status, done.stderr) == (1, "")
    assert [problem["what"] for problem in found["charts"][0]["problems"]] == ["no"]


@pytest.mark.usefixtures("api", "mirrored")
def test_real_charts_come_from_their_own_sources_whatever_the_mirror(homelab: Homelab, helm: FakeHelm) -> None:
    homelab("charts", "odyssey", "--real-charts")
    assert not [call for call in helm.calls if "mirror.example.org" in call]


def test_real_charts_need_helm(homelab: Homelab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = homelab("charts", "odyssey", "--real-charts")
    assert done.status == 1
    assert "Helm is not on PATH" in done.stderr
