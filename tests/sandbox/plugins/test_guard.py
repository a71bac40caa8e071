"""The stand-ins work on nothing but the sandbox."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.kubeconfig import parse_kubeconfig
from sandbox.plugins.command.plugin import CommandPlugin
from sandbox.plugins.engine import Engine
from sandbox.plugins.guard import VARIABLE, NotTheSandboxError, refuse_foreign
from tests.support.api_server import ApiServer
from tests.support.plugin_server import FailedError, PluginServer, plugin_server


def kubeconfig(server: str = "https://127.0.0.1:6443", **cluster: str) -> dict[str, Any]:
    document = ApiServer(server).kubeconfig()
    document["clusters"][0]["cluster"] |= cluster
    return document


def own(folder: Path, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]) -> None:
    (folder / "kubeconfig").write_text(yaml.safe_dump(document), encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(folder))


def refuse(document: dict[str, Any]) -> None:
    refuse_foreign(parse_kubeconfig(yaml.safe_dump(document)))


def test_the_sandboxs_own_server_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.crt").write_text("CA", encoding="utf-8")
    own(tmp_path, monkeypatch, kubeconfig(**{"certificate-authority": "ca.crt"}))
    # The same authority, given as data here and as a file there.
    refuse(kubeconfig(**{"certificate-authority-data": base64.b64encode(b"CA").decode()}))


@pytest.mark.parametrize(
    "foreign",
    [
        kubeconfig("https://192.0.2.1:6443"),
        kubeconfig(**{"certificate-authority-data": base64.b64encode(b"other").decode()}),
    ],
)
def test_any_other_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreign: dict[str, Any]) -> None:
    own(tmp_path, monkeypatch, kubeconfig())
    with pytest.raises(NotTheSandboxError, match=r"works on https://127\.0\.0\.1:6443 only") as caught:
        refuse(foreign)
    assert "pulumi plugin install" in caught.value.problems[0].fix


def test_without_a_sandbox_everything_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(NotTheSandboxError, match="works in the sandbox only"):
        refuse(kubeconfig())


def test_the_engine_is_told_so(unconfigured: PluginServer) -> None:
    with pytest.raises(FailedError, match=r"^https://127\.0\.0\.1:6443: the stand-in plugin works on"):
        unconfigured.call("Configure", args={"kubeconfig": yaml.safe_dump(kubeconfig())})


def test_commands_run_in_a_sandbox_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with plugin_server(CommandPlugin(Engine(""))) as plugin, pytest.raises(FailedError, match="in the sandbox only"):
        plugin.call("Configure")
