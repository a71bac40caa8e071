"""What kwok plays: pods that become ready, and statuses in place of the operators'."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gitops.objects import Manifest
from gitops.policies.health_gates import CONDITIONS
from sandbox.modules import pinned
from sandbox.stages import DELAY, FAIL, stages
from tests.support.go import FakeGo

POD_READY = """\
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-ready}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions: [{key: .status.phase, operator: In, values: [Pending]}]
  next: {statusTemplate: "phase: Running"}
"""
OTHER = POD_READY.replace("pod-ready", "%s")


@pytest.fixture
def _kwok(go: FakeGo, tmp_path: Path) -> None:
    folder = tmp_path / "kwok/kustomize/stage"
    files = {
        "pod/fast/pod-ready.yaml": POD_READY,
        "pod/fast/kustomization.yaml": "kind: Kustomization\n",
        "node/fast/node-initialize.yaml": OTHER % "node-initialize",
        "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml": OTHER % "node-heartbeat-with-lease",
        "node/chaos/node-not-ready.yaml": OTHER % "node-not-ready",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    kwok = pinned("sigs.k8s.io/kwok")
    go.answers({"Path": kwok.path, "Dir": str(tmp_path / "kwok"), "Sum": kwok.sum})


def _by_name(items: tuple[Manifest, ...]) -> Mapping[str, Manifest]:
    return {item["metadata"]["name"]: item for item in items}


def _selector(stage: Manifest) -> list[dict[str, Any]]:
    expressions: list[dict[str, Any]] = stage["spec"]["selector"]["matchExpressions"]
    return expressions


@pytest.mark.usefixtures("_kwok")
def test_kwoks_own_stages_are_there_but_not_its_chaos() -> None:
    names = _by_name(stages()).keys()
    assert {"pod-ready", "node-initialize", "node-heartbeat-with-lease"} <= names
    assert "node-not-ready" not in names


@pytest.mark.usefixtures("_kwok")
def test_a_pod_is_ready_after_its_own_delay_and_never_if_it_is_to_fail() -> None:
    found = _by_name(stages())
    ready = found["pod-ready"]["spec"]
    fails, delays = f'.metadata.annotations["{FAIL}"]', f'.metadata.annotations["{DELAY}"]'
    assert ready["delay"] == {"durationMilliseconds": 0, "durationFrom": {"expressionFrom": delays}}
    assert {"key": ".status.phase", "operator": "In", "values": ["Pending"]} in _selector(found["pod-ready"])
    assert {"key": fails, "operator": "DoesNotExist"} in _selector(found["pod-ready"])
    assert {"key": fails, "operator": "Exists"} in _selector(found["pod-failing"])
    assert "delay" not in found["node-initialize"]["spec"]


@pytest.mark.usefixtures("_kwok")
@pytest.mark.parametrize(("resource", "condition"), CONDITIONS.items())
def test_every_kind_that_strict_gates_on_becomes_healthy(resource: tuple[str, str], condition: str) -> None:
    api_version, kind = resource
    stage = _by_name(stages())[kind.lower()]
    assert stage["spec"]["resourceRef"] == {"apiGroup": api_version, "kind": kind}
    template = stage["spec"]["steps"][-1]["patch"]["template"]
    assert f'- type: {condition}\n  status: "True"' in template


@pytest.mark.usefixtures("_kwok")
def test_a_kind_that_is_to_fail_fails_from_the_beginning_and_the_others_do_not() -> None:
    healthy, failing = _by_name(stages()), _by_name(stages(failing={"ExternalSecret"}))
    (step,) = failing["externalsecret"]["spec"]["steps"]
    assert '- type: Ready\n  status: "False"' in step["patch"]["template"]
    assert _selector(failing["externalsecret"])[-1]["values"] == ["False"]
    assert _selector(healthy["externalsecret"])[-1]["values"] == ["True"]
    assert [name for name in healthy if healthy[name] != failing[name]] == ["externalsecret"]


@pytest.mark.usefixtures("_kwok")
@pytest.mark.parametrize("resource", CONDITIONS)
def test_an_annotated_object_fails_for_as_long_as_it_is_annotated(resource: tuple[str, str]) -> None:
    found, name = _by_name(stages()), resource[1].lower()
    annotation = f'.metadata.annotations["{FAIL}"]'
    assert _selector(found[name])[0] == {"key": annotation, "operator": "DoesNotExist"}
    assert _selector(found[f"{name}-failing"])[0] == {"key": annotation, "operator": "Exists"}
    (step,) = found[f"{name}-failing"]["spec"]["steps"]
    assert 'status: "False"' in step["patch"]["template"]


@pytest.mark.usefixtures("_kwok")
def test_an_external_secret_has_its_secret_before_it_is_ready() -> None:
    first, second = _by_name(stages())["externalsecret"]["spec"]["steps"]
    assert "kind: Secret" in first["apply"]["template"]
    assert second["patch"]["subresource"] == "status"


@pytest.mark.usefixtures("_kwok")
@pytest.mark.parametrize("resource", CONDITIONS)
def test_a_crd_wakes_the_stage_of_its_kind(resource: tuple[str, str]) -> None:
    api_version, kind = resource
    stage = _by_name(stages())[f"{kind.lower()}-served"]
    assert stage["spec"]["resourceRef"]["kind"] == "CustomResourceDefinition"
    values = {item["key"]: item["values"] for item in _selector(stage)}
    assert values[".spec.group"] == [api_version.partition("/")[0]]
    assert values[".spec.names.kind"] == [kind]
    assert f"name: {kind.lower()}\n" in stage["spec"]["steps"][0]["apply"]["template"]


@pytest.mark.usefixtures("_kwok")
def test_a_service_gets_the_address_that_it_asks_either_owner_for() -> None:
    found = _by_name(stages())
    for name, annotation in (("metallb", "metallb.io/loadBalancerIPs"), ("lbipam", "lbipam.cilium.io/ips")):
        (step,) = found[f"service-{name}"]["spec"]["steps"]
        assert f'index .metadata.annotations "{annotation}"' in step["patch"]["template"]


@pytest.mark.e2e
def test_the_pinned_kwok_holds_the_stages_that_it_loads_by_itself() -> None:
    names = _by_name(stages()).keys()
    kwoks = {"node-initialize", "node-heartbeat-with-lease", "pod-ready", "pod-complete", "pod-delete"}
    assert kwoks <= names
