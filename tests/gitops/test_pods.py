"""What pods use of their node."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.pods import host_access
from tests.support.stacks import shipped


def of(pod: dict[str, Any], kind: str = "Pod") -> list[tuple[str, str]]:
    spec: dict[str, Any] = pod
    if kind != "Pod":
        spec = {"template": {"spec": pod}}
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    return list(host_access({"kind": kind, "spec": spec}))


@pytest.mark.parametrize(
    ("pod", "field", "what"),
    [
        ({"hostNetwork": True}, "spec.hostNetwork", "sets hostNetwork"),
        ({"hostPID": True}, "spec.hostPID", "sets hostPID"),
        ({"hostIPC": True}, "spec.hostIPC", "sets hostIPC"),
        (
            {"volumes": [{"emptyDir": {}}, {"hostPath": {"path": "/var/log"}}]},
            "spec.volumes[1].hostPath",
            "mounts /var/log of the node",
        ),
        (
            {"containers": [{"securityContext": {"privileged": True}}]},
            "spec.containers[0].securityContext.privileged",
            "is privileged",
        ),
        (
            {"initContainers": [{"securityContext": {"capabilities": {"add": ["NET_RAW", "CHOWN", "NET_ADMIN"]}}}]},
            "spec.initContainers[0].securityContext.capabilities.add",
            "adds NET_ADMIN, NET_RAW",
        ),
        (
            {"containers": [{"ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]}]},
            "spec.containers[0].ports[1].hostPort",
            "uses port 81 of the node",
        ),
    ],
)
def test_each_use_of_the_node_is_seen(pod: dict[str, Any], field: str, what: str) -> None:
    assert of(pod) == [(field, what)]


@pytest.mark.parametrize(
    "pod",
    [
        {"hostNetwork": False, "containers": [{"ports": [{"containerPort": 80, "hostPort": 0}]}]},
        {"containers": [{"securityContext": {"privileged": False, "capabilities": {"add": ["NET_BIND_SERVICE"]}}}]},
        {},
    ],
)
def test_what_baseline_admits_is_no_use_of_the_node(pod: dict[str, Any]) -> None:
    assert of(pod) == []


@pytest.mark.parametrize("kind", ["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob"])
def test_pods_are_found_in_every_kind_that_has_a_template(kind: str) -> None:
    ((field, what),) = of({"hostPID": True}, kind)
    assert field.endswith("template.spec.hostPID")
    assert what == "sets hostPID"


def test_other_kinds_have_no_pods() -> None:
    assert of({"hostPID": True}, "Widget") == []
    assert list(host_access({"kind": "Deployment"})) == []


def test_the_website_uses_nothing_of_its_node() -> None:
    website = platform(shipped("odyssey")).website
    assert [list(host_access(item.manifest())) for item in website] == [[] for _ in website]
