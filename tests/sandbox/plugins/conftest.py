"""An API server with prepared answers, the sandbox that it belongs to, and the stand-in plugin that works on it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typing_extensions import override

from sandbox.plugins.engine import Engine
from sandbox.plugins.guard import VARIABLE
from sandbox.plugins.kubernetes.plugin import KubernetesPlugin
from sandbox.plugins.kubernetes.waiting import Waiting
from tests.support.api_server import ApiServer, api_server
from tests.support.plugin_server import PluginServer, plugin_server

KUSTOMIZE = "/apis/kustomize.toolkit.fluxcd.io/v1"


class Clock:
    """Goes on by a second each time that somebody looks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 1
        return self.seconds


class NoTime(threading.Event):
    """Lets no time pass; cancelled or not."""

    @override
    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with api_server() as server:
        server.answer("GET", "/version", {"gitVersion": "v1.36.3"})
        kinds = [{"name": "kustomizations", "kind": "Kustomization", "namespaced": True}]
        server.answer("GET", KUSTOMIZE, {"resources": kinds})
        yield server


@pytest.fixture
def sandbox(api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(api.kubeconfig()), encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def waiting() -> Waiting:
    return Waiting(clock=Clock(), cancelled=NoTime())


@pytest.fixture
def unconfigured(sandbox: Path, waiting: Waiting) -> Iterator[PluginServer]:
    assert sandbox.is_dir()
    with plugin_server(KubernetesPlugin(Engine(""), waiting)) as server:
        yield server


@pytest.fixture
def plugin(unconfigured: PluginServer, api: ApiServer) -> PluginServer:
    kubeconfig = yaml.safe_dump(api.kubeconfig())
    unconfigured.call("Configure", args={"kubeconfig": kubeconfig, "enableConfigMapMutable": "true"})
    return unconfigured
