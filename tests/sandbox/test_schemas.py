"""The committed facts, from the CRDs and charts of the pinned modules."""

import json
from pathlib import Path

import pytest

from gitops.schemas.catalogue import committed_facts
from gitops.schemas.facts import differences
from sandbox import schemas as command
from sandbox.chart_values import chart_values
from sandbox.crds import ADDONS, FOLDERS, crds
from sandbox.modules import Module
from sandbox.schemas import as_json, schemas

PACKAGE = Path(__file__).parents[2] / "gitops" / "schemas"
CRD = """\
kind: CustomResourceDefinition
spec:
  group: example.org
  scope: Cluster
  names: {kind: %s}
  versions:
  - name: v1
    served: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: string, x-kubernetes-validations: [{rule: self != '', message: no}]}}
"""
VALUES = """\
# An example:
# extraObjects: []
# type: ignored
image: {tag: ""}
labels: {a: b}
hosts: {a.example.org: {}}
speaker: {enabled: true, frr: {enabled: true}}
"""
SCHEMA = {
    "$ref": "#/definitions/all",
    "definitions": {
        "all": {"properties": {"speaker": {"$ref": "#/definitions/speaker"}, "config": {"properties": {"x": {}}}}},
        "speaker": {"properties": {"frr": {"properties": {"reloader": {}}}}},
    },
}


@pytest.fixture
def roots(tmp_path: Path) -> dict[Module, Path]:
    """One folder that stands for every module."""
    modules = [folder for folders in FOLDERS.values() for folder in folders]
    for number, folder in enumerate(modules):
        place = tmp_path / str(number) / folder.folder
        place.mkdir(parents=True)
        (place / "crd.yaml").write_text(CRD % f"Kind{number}", encoding="utf-8")
    return {folder.module: tmp_path / str(number) for number, folder in enumerate(modules)}


@pytest.fixture
def charts(roots: dict[Module, Path]) -> dict[Module, Path]:
    for name, folder in {
        "cilium": "install/kubernetes/cilium",
        "cert-manager": "deploy/charts/cert-manager",
        "trust-manager": "deploy/charts/trust-manager",
        "metallb": "charts/metallb",
    }.items():
        place = roots[ADDONS[name].module] / folder
        place.mkdir(parents=True)
        (place / "values.yaml").write_text(VALUES, encoding="utf-8")
        (place / "values.schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    return roots


def test_a_chart_s_keys_are_those_of_its_values_its_schema_and_its_comments(charts: dict[Module, Path]) -> None:
    facts = dict(chart_values(charts))["metallb"]
    assert facts["version"] == ADDONS["metallb"].module.version.removeprefix("v")
    assert facts["complete"] is True
    assert facts["values"] == {
        "config": None,
        "extraObjects": None,
        "hosts": None,
        "image": {"tag": None},
        "labels": None,
        "speaker": {"enabled": None, "frr": {"enabled": None, "reloader": None}},
    }


def test_jetstack_s_charts_spell_their_version_with_a_v(charts: dict[Module, Path]) -> None:
    facts = dict(chart_values(charts))
    assert facts["cert-manager"]["version"] == ADDONS["cert-manager"].module.version


def test_every_kind_has_a_file_with_its_module_and_the_operator_s_have_no_expressions(
    charts: dict[Module, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "downloaded", lambda _: charts)
    monkeypatch.setattr(command, "_PACKAGE", tmp_path / "package")
    stale = tmp_path / "package" / "data" / "stale.json"
    stale.parent.mkdir(parents=True)
    stale.touch()
    command.main()
    written = {
        str(file.relative_to(tmp_path / "package")): json.loads(file.read_text(encoding="utf-8"))
        for file in (tmp_path / "package").rglob("*.json")
    }
    assert len(written) == len(charts) + 4
    metallb = written["data/example.org/v1/Kind0.json"]
    assert list(metallb) == ["module", "scope", "schema"]
    assert metallb["module"] == str(FOLDERS["metallb"][0].module)
    assert metallb["schema"]["properties"]["spec"]["x-kubernetes-validations"] == [{"rule": "self != ''"}]
    (operator,) = (facts for facts in written.values() if "flux-operator" in facts.get("module", ""))
    assert operator["expressions"] is False
    assert operator["schema"]["properties"]["spec"] == {"type": "string"}


def test_json_breaks_where_a_line_would_be_too_long() -> None:
    assert as_json({"a": [1, {"b": None}]}) == '{"a": [1, {"b": null}]}'
    long = {"a": {"b": "x" * 100, "c": "y" * 10}, "d": 1}
    assert as_json(long) == '{\n "a": {\n  "b": "' + "x" * 100 + '",\n  "c": "yyyyyyyyyy"\n },\n "d": 1\n}'


@pytest.mark.e2e
def test_the_committed_files_are_what_the_pinned_modules_say() -> None:
    assert [name for name, text in schemas().items() if (PACKAGE / name).read_text(encoding="utf-8") != text] == []


@pytest.mark.e2e
def test_the_committed_facts_are_those_of_the_crds() -> None:
    manifests = [item for items in crds().values() for item in items]
    assert differences(committed_facts(), manifests) == {}
    served = {
        f"{item['spec']['group']}/{version['name']}/{item['spec']['names']['kind']}"
        for item in manifests
        for version in item["spec"]["versions"]
        if version["served"]
    }
    assert set(committed_facts()) == served
