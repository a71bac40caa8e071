"""Real charts are rendered with the platform's values and judged by an API server, which stores nothing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from addons.catalogue import platform
from cluster.client import Client
from cluster.connection import Connection
from cluster.kubeconfig import parse_kubeconfig
from gitops.addon import Addon
from gitops.chart import Chart, chart_of
from gitops.documents import to_yaml
from gitops.objects import Manifest
from sandbox.real_charts import DownloadError, download, examined, real_charts, release_of
from tests.support.api_server import ApiServer, api_server, refusal
from tests.support.helm import FakeHelm, fake_helm
from tests.support.stacks import shipped

CONFIG_MAP: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
NAMESPACE: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
WIDGET: Manifest = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "w"}}
CRD: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.org"},
    "spec": {"group": "example.org", "names": {"kind": "Widget"}},
}
CRDS = {"resources": [{"name": "customresourcedefinitions", "kind": "CustomResourceDefinition", "namespaced": False}]}
CONFIG_MAPS, NAMESPACES = "/api/v1/namespaces/here/configmaps", "/api/v1/namespaces"
RELEASE: Manifest = {
    "metadata": {"name": "release", "namespace": "here"},
    "spec": {"values": {"replicas": 2}},
}
INDEXED = Chart(name="metallb", version="0.16.1", repository="https://metallb.github.io/metallb")
ARTIFACT = Chart(name="alloy", version="1.11.1", repository="oci://ghcr.io/grafana/helm-charts")


@pytest.fixture
def helm(tmp_path: Path) -> FakeHelm:
    return fake_helm(tmp_path / "helm")


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with api_server() as server:
        server.answer("GET", "/apis/apiextensions.k8s.io/v1", CRDS)
        server.answer("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD)
        server.answer("POST", CONFIG_MAPS, CONFIG_MAP)
        server.answer("POST", NAMESPACES, NAMESPACE)
        yield server


@pytest.fixture
def client(api: ApiServer) -> Iterator[Client]:
    found = Client(Connection(parse_kubeconfig(yaml.safe_dump(api.kubeconfig()))))
    yield found
    found.close()


def _addon(name: str) -> Addon:
    return next(item for item in platform(shipped("odyssey")).addons if item.name == name)


def test_a_chart_is_rendered_as_flux_would_install_it(helm: FakeHelm, client: Client) -> None:
    examined("a", Path("chart.tgz"), helm.path, client, RELEASE)
    assert helm.calls == ["template release chart.tgz --namespace here --values - --include-crds --skip-tests"]
    assert helm.values == {"replicas": 2}


def test_a_release_may_have_another_name_and_place(helm: FakeHelm, client: Client) -> None:
    spec = {"releaseName": "cilium", "targetNamespace": "kube-system", "install": {"disableSchemaValidation": True}}
    examined("a", Path("c"), helm.path, client, RELEASE | {"spec": spec})
    (call,) = helm.calls
    assert call.startswith("template cilium c --namespace kube-system ")
    assert call.endswith(" --skip-schema-validation")
    assert helm.values == {}


def test_variables_are_filled_in_before_helm_sees_the_values() -> None:
    cluster = platform(shipped("odyssey"))
    release = release_of(_addon("k8s-gateway"), cluster.values)
    assert release["spec"]["values"]["domain"] == "k8s.cicci8ino.it"


def test_every_object_is_created_without_being_stored(helm: FakeHelm, client: Client, api: ApiServer) -> None:
    helm.says(to_yaml([CONFIG_MAP, NAMESPACE]))
    found = examined("a", Path("c"), helm.path, client, RELEASE)
    posts = [asked for asked in api.asked if asked.method != "GET"]
    assert {asked.method for asked in posts} == {"POST"}
    assert {asked.query["dryRun"] for asked in posts} == {"All"}
    assert [asked.path for asked in posts] == [CONFIG_MAPS, NAMESPACES]
    assert [asked.body["metadata"].get("namespace") for asked in posts] == ["here", None]
    assert (found.accepted, found.unserved, found.problems) == (2, (), ())


def test_what_is_there_already_was_judged_too(helm: FakeHelm, client: Client, api: ApiServer) -> None:
    helm.says(to_yaml([CONFIG_MAP]))
    api.answer("POST", CONFIG_MAPS, refusal(409, "AlreadyExists"))
    assert examined("a", Path("c"), helm.path, client, RELEASE).accepted == 1


def test_a_refused_object_is_a_problem_and_the_others_go_on(helm: FakeHelm, client: Client, api: ApiServer) -> None:
    helm.says(to_yaml([CONFIG_MAP, NAMESPACE]))
    api.answer("POST", CONFIG_MAPS, refusal(422, "Invalid", "data: Invalid value"))
    found = examined("a", Path("c"), helm.path, client, RELEASE)
    (problem,) = found.problems
    assert (problem.where, problem.what) == ("a: ConfigMap a", "data: Invalid value")
    assert found.accepted == 1


def test_a_kind_that_only_the_charts_own_crd_brings_is_not_judged(helm: FakeHelm, client: Client) -> None:
    helm.says(to_yaml([CRD, WIDGET]))
    found = examined("a", Path("c"), helm.path, client, RELEASE)
    assert (found.accepted, found.unserved, found.problems) == (1, ("Widget w",), ())


def test_a_kind_that_nothing_brings_is_a_problem(helm: FakeHelm, client: Client) -> None:
    helm.says(to_yaml([WIDGET]))
    found = examined("a", Path("c"), helm.path, client, RELEASE)
    (problem,) = found.problems
    assert problem.what == 'no matches for kind "Widget" in version "example.org/v1"'


def test_values_that_the_chart_refuses_are_one_problem(helm: FakeHelm, client: Client) -> None:
    helm.says(stderr="coalesce.go: warning\nError: values don't meet the schema\n", status=1)
    found = examined("a", Path("chart.tgz"), helm.path, client, RELEASE)
    (problem,) = found.problems
    assert (problem.where, problem.what) == ("a: chart.tgz", "values don't meet the schema")
    assert found.accepted == 0


@pytest.mark.parametrize(
    ("chart", "origin"),
    [
        (INDEXED, "metallb --repo https://metallb.github.io/metallb --version 0.16.1"),
        (ARTIFACT, "oci://ghcr.io/grafana/helm-charts/alloy --version 1.11.1"),
    ],
)
def test_each_kind_of_source_is_pulled_its_way(chart: Chart, origin: str, helm: FakeHelm, tmp_path: Path) -> None:
    assert download(helm.path, chart, tmp_path) == tmp_path / "chart-1.tgz"
    assert helm.calls == [f"pull {origin} --destination {tmp_path}"]


def test_a_network_that_refuses_is_one_message(helm: FakeHelm, client: Client) -> None:
    helm.says(stderr="Error: dial tcp: lookup ghcr.io: no such host\n", status=1)
    with pytest.raises(DownloadError) as caught:
        list(real_charts(platform(shipped("odyssey")), helm.path, client))
    (problem,) = caught.value.problems
    assert problem.where == "nginx-ingress 2.6.4"
    assert problem.what == "dial tcp: lookup ghcr.io: no such host"
    assert len(helm.calls) == 1


def test_a_helm_that_says_nothing_is_quoted_so(helm: FakeHelm, tmp_path: Path) -> None:
    helm.says(status=1)
    with pytest.raises(DownloadError, match="Helm gave no reason"):
        download(helm.path, INDEXED, tmp_path)


def test_a_network_that_never_answers_is_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def wait(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("helm", timeout)

    monkeypatch.setattr(subprocess, "run", wait)
    with pytest.raises(DownloadError, match="nothing arrived within 120 s"):
        download(Path("helm"), INDEXED, tmp_path)


def test_every_chart_of_a_platform_is_examined(helm: FakeHelm, client: Client) -> None:
    cluster = platform(shipped("odyssey"))
    found = [item.addon for item in real_charts(cluster, helm.path, client)]
    assert found == [addon.name for addon in cluster.addons if chart_of(addon.controllers.objects)]
