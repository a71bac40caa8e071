"""CRDs by add-on, from folders of Go modules."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from addons.infra import kube_prometheus_stack
from addons.network import cert_manager, cilium, metallb, trust_manager
from sandbox.crds import ADDONS, FOLDERS, crds
from tests.support.go import FakeGo

VERSIONS: Mapping[str, ModuleType] = {
    "metallb": metallb,
    "cert-manager": cert_manager,
    "trust-manager": trust_manager,
    "cilium": cilium,
}
CRD = """\
# A comment.
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %s}
spec: {match: [=, "!="]}
"""


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def test_crds_of_an_addon_are_those_of_its_folder_and_below(go: FakeGo, tmp_path: Path) -> None:
    source = ADDONS["cilium"]
    files = {
        "v2/b.yaml": CRD % "b",
        "v2/a.yaml": CRD % "a",
        "v2/kustomization.yaml": "kind: Kustomization\n",
        "v2/README.md": "no YAML: [",
        "v1/c.yaml": CRD % "c",
    }
    _write(tmp_path / source.folder, files)
    go.answers({"Path": source.module.path, "Dir": str(tmp_path), "Sum": source.module.sum})
    found = crds(["cilium"])
    assert list(found) == ["cilium"]
    assert [item["metadata"]["name"] for item in found["cilium"]] == ["c", "a", "b"]
    assert found["cilium"][0]["spec"] == {"match": ["=", "!="]}


def test_flux_is_three_controllers_at_the_versions_that_run() -> None:
    paths = [folder.module.path for folder in FOLDERS["flux"]]
    assert paths == [f"github.com/fluxcd/{name}-controller" for name in ("source", "kustomize", "helm")]
    tools = (Path(__file__).parents[2] / "sandbox/tools/platform/go.mod").read_text(encoding="utf-8")
    for folder in (*FOLDERS["flux"], *FOLDERS["flux-operator"]):
        assert f"\t{folder.module.path} {folder.module.version} " in tools


@pytest.mark.parametrize("name", VERSIONS)
def test_crds_are_of_the_version_that_the_addon_pins(name: str) -> None:
    assert ADDONS[name].module.version.removeprefix("v") == VERSIONS[name].VERSION.removeprefix("v")


def test_every_module_is_pinned_by_its_hash() -> None:
    pins = [folder.module for folders in FOLDERS.values() for folder in folders]
    assert [pin for pin in pins if not re.fullmatch(r"h1:[A-Za-z0-9+/]{43}=", pin.sum)] == []


def test_the_addons_are_named_as_in_the_catalogue() -> None:
    named = {module.NAME for module in (*VERSIONS.values(), kube_prometheus_stack)} | {"external-secrets"}
    assert named == ADDONS.keys()


@pytest.mark.e2e
def test_the_pinned_modules_hold_the_kinds_that_the_platform_uses() -> None:
    served = {
        (version["name"], item["spec"]["names"]["kind"])
        for items in crds().values()
        for item in items
        for version in item["spec"]["versions"]
        if version["served"]
    }
    assert {
        ("v1beta1", "IPAddressPool"),
        ("v1beta1", "L2Advertisement"),
        ("v1", "ClusterIssuer"),
        ("v1alpha1", "Bundle"),
        ("v1", "ClusterSecretStore"),
        ("v1", "ExternalSecret"),
        ("v2", "CiliumLoadBalancerIPPool"),
        ("v2alpha1", "CiliumL2AnnouncementPolicy"),
        ("v1", "ServiceMonitor"),
        ("v2", "HelmRelease"),
        ("v1", "OCIRepository"),
        ("v1", "Kustomization"),
        ("v1", "ResourceSet"),
    } <= served
