"""The chart mirror: what stand-ins hold, and where each kind of source finds them."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.bootstrap import OPERATOR
from gitops.chart import Chart, chart_of
from gitops.documents import from_yaml
from gitops.objects import Manifest
from sandbox import mirror
from sandbox.crds import FOLDERS
from sandbox.mirror.catalogue import CATALOGUE
from sandbox.mirror.registry import RegistryError
from tests.support.registry import FakeRegistry, fake_registry
from tests.support.stacks import STACKS, shipped, variant

METALLB = Chart(name="metallb", version="0.16.1", repository="https://metallb.github.io/metallb")
CERT_MANAGER = Chart(name="cert-manager", version="v1.21.2", repository="oci://quay.io/jetstack/charts")
CRD: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.org", "annotations": {"made": "by a test"}},
    "spec": {"description": "{{ not a template }}"},
}


@pytest.fixture(autouse=True)
def _crds(monkeypatch: pytest.MonkeyPatch) -> None:
    def crds(names: Iterable[str]) -> dict[str, tuple[Manifest, ...]]:
        return dict.fromkeys(names, (CRD,))

    monkeypatch.setattr(mirror, "crds", crds)


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry() as found:
        yield found


def _fill(folder: Path, registry: FakeRegistry, *charts: Chart) -> None:
    mirror.fill(folder, f"http://{registry.address}/charts", charts)


def _files(archive: bytes) -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        contents = {name: tar.extractfile(name) for name in tar.getnames()}
        return {name: file.read().decode() for name, file in contents.items() if file}


def _packaged(registry: FakeRegistry, folder: Path, name: str, version: str = "1.0.0") -> dict[str, Any]:
    _fill(folder, registry, Chart(name=name, version=version, repository="oci://example.org"))
    return _files(registry.layer(f"charts/{name}:{version}"))


def test_charts_of_helm_repositories_are_in_an_index(tmp_path: Path, registry: FakeRegistry) -> None:
    _fill(tmp_path / "charts", registry, METALLB, CERT_MANAGER)
    (index,) = from_yaml((tmp_path / "charts/index.yaml").read_text(encoding="utf-8"))
    assert list(index["entries"]) == ["metallb"]
    (entry,) = index["entries"]["metallb"]
    archive = (tmp_path / "charts" / entry["urls"][0]).read_bytes()
    assert (entry["name"], entry["version"]) == ("metallb", "0.16.1")
    assert entry["digest"] == hashlib.sha256(archive).hexdigest()
    assert json.loads(_files(archive)["metallb/Chart.yaml"])["version"] == "0.16.1"


def test_two_versions_of_a_chart_share_an_entry(tmp_path: Path, registry: FakeRegistry) -> None:
    older = Chart(name="metallb", version="0.15.0", repository=METALLB.repository)
    _fill(tmp_path, registry, METALLB, older)
    (index,) = from_yaml((tmp_path / "index.yaml").read_text(encoding="utf-8"))
    assert [entry["version"] for entry in index["entries"]["metallb"]] == ["0.16.1", "0.15.0"]


def test_charts_of_registries_are_pushed_in_helms_media_types(tmp_path: Path, registry: FakeRegistry) -> None:
    _fill(tmp_path, registry, METALLB, CERT_MANAGER)
    assert list(registry.manifests) == ["charts/cert-manager:v1.21.2"]
    manifest = registry.manifests["charts/cert-manager:v1.21.2"]
    assert manifest["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert manifest["config"]["mediaType"] == "application/vnd.cncf.helm.config.v1+json"
    (layer,) = manifest["layers"]
    assert layer["mediaType"] == "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
    assert layer["size"] == len(registry.layer("charts/cert-manager:v1.21.2"))
    config = json.loads(registry.blobs[manifest["config"]["digest"]])
    assert (config["name"], config["version"]) == ("cert-manager", "v1.21.2")


def test_a_plus_sign_is_an_underscore_in_a_tag(tmp_path: Path, registry: FakeRegistry) -> None:
    _fill(tmp_path, registry, Chart(name="connect", version="1.0.0+a", repository="oci://example.org"))
    assert list(registry.manifests) == ["charts/connect:1.0.0_a"]


def test_a_mirror_that_is_a_whole_host_holds_charts_at_its_root(tmp_path: Path, registry: FakeRegistry) -> None:
    mirror.fill(tmp_path, f"http://{registry.address}/", [CERT_MANAGER])
    assert list(registry.manifests) == ["cert-manager:v1.21.2"]


def test_filling_again_changes_nothing(tmp_path: Path, registry: FakeRegistry) -> None:
    _fill(tmp_path, registry, METALLB, CERT_MANAGER)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    pushed, uploads = dict(registry.manifests), registry.uploads
    _fill(tmp_path, registry, METALLB, CERT_MANAGER)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files
    assert (registry.manifests, registry.uploads) == (pushed, uploads)


def test_an_archive_holds_no_time_and_no_owner(tmp_path: Path, registry: FakeRegistry) -> None:
    _fill(tmp_path, registry, CERT_MANAGER)
    archive = registry.layer("charts/cert-manager:v1.21.2")
    assert archive[4:8] == bytes(4)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as tar:
        assert {(item.mtime, item.uid, item.uname) for item in tar.getmembers()} == {(0, 0, "")}


def test_a_refusing_registry_is_one_message(tmp_path: Path, registry: FakeRegistry) -> None:
    registry.refuses = True
    with pytest.raises(RegistryError) as caught:
        _fill(tmp_path, registry, CERT_MANAGER)
    (problem,) = caught.value.problems
    assert problem.where == f"http://{registry.address} charts/cert-manager"
    assert problem.what == "POST was answered with 403 Forbidden"


def test_a_missing_registry_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="it cannot be reached"):
        mirror.fill(tmp_path, "http://127.0.0.1:9/charts", [CERT_MANAGER])


def test_crds_are_where_the_real_chart_keeps_them(tmp_path: Path, registry: FakeRegistry) -> None:
    crd = "widgets.example.org.json"
    stack = _packaged(registry, tmp_path, "kube-prometheus-stack")
    assert json.loads(stack[f"kube-prometheus-stack/crds/{crd}"]) == CRD
    assert f"kube-prometheus-stack/files/crds/{crd}" not in stack
    metallb = _packaged(registry, tmp_path, "metallb")
    assert json.loads(metallb[f"metallb/files/crds/{crd}"]) == CRD


@pytest.mark.parametrize("name", ["cilium", "cert-manager", "trust-manager"])
def test_crds_that_survive_the_real_chart_survive_its_stand_in(
    name: str, tmp_path: Path, registry: FakeRegistry
) -> None:
    crd = json.loads(_packaged(registry, tmp_path, name)[f"{name}/files/crds/widgets.example.org.json"])
    assert crd["metadata"]["annotations"] == {"made": "by a test", "helm.sh/resource-policy": "keep"}


def test_cert_manager_has_no_crds_until_values_ask_for_them(tmp_path: Path, registry: FakeRegistry) -> None:
    values = json.loads(_packaged(registry, tmp_path, "cert-manager")["cert-manager/values.yaml"])
    assert values["crds"] == {"enabled": False}


def test_a_chart_that_nobody_knows_is_a_deployment(tmp_path: Path, registry: FakeRegistry) -> None:
    files = _packaged(registry, tmp_path, "metrics-server")
    (workload,) = json.loads(files["metrics-server/values.yaml"])["sandbox"]["workloads"]
    assert (workload["kind"], workload["suffix"], workload["host"], workload["admin"]) == (
        "Deployment",
        "",
        False,
        False,
    )
    assert not [name for name in files if "files/" in name]


@pytest.mark.parametrize("stack", STACKS)
def test_every_chart_of_the_shipped_stacks_has_a_stand_in(stack: str) -> None:
    made = platform(shipped(stack))
    charts = [*(chart_of(addon.controllers.objects) for addon in made.addons), OPERATOR]
    assert {chart.name for chart in charts if chart} <= CATALOGUE.keys()


def test_whatever_has_crds_is_a_chart_of_the_catalogue() -> None:
    assert FOLDERS.keys() - {"flux"} <= CATALOGUE.keys()


def test_the_operator_is_an_administrator_with_the_crds_that_survive_it(tmp_path: Path, registry: FakeRegistry) -> None:
    files = _packaged(registry, tmp_path, "flux-operator")
    (workload,) = json.loads(files["flux-operator/values.yaml"])["sandbox"]["workloads"]
    assert (workload["image"].rpartition(":")[0], workload["admin"]) == (
        "ghcr.io/controlplaneio-fluxcd/flux-operator", True,
    )  # fmt: skip
    crd = json.loads(files["flux-operator/files/crds/widgets.example.org.json"])
    assert crd["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_only_pods_of_privileged_addons_use_the_host() -> None:
    addons = platform(variant(log_collector="promtail")).addons
    hosts = {
        addon.pod_security
        for addon in addons
        if (chart := chart_of(addon.controllers.objects))
        if any(workload.host for workload in CATALOGUE[chart.name].workloads)
    }
    assert hosts == {"privileged"}
