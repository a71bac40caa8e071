"""Helm releases through the whole plugin, with a `helm` that says what a test prepared."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.plugins.kubernetes.waiting import Waiting
from tests.support.api_server import ApiServer
from tests.support.plugin_server import UNKNOWN, FailedError, PluginServer, secret

Document = dict[str, Any]
URN = "urn:pulumi:odyssey::homelab::homelab:index:FluxBootstrap$kubernetes:helm.sh/v3:Release::cilium"
MANIFEST = """\
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cilium}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cilium, namespace: kube-system}
"""
METADATA = {
    "name": "cilium", "namespace": "kube-system", "chart": "cilium", "version": "1.20.0", "revision": 2,
    "status": "deployed", "appVersion": "", "deployedAt": "2026-11-26",
}  # fmt: skip


@dataclass
class Helm:
    """Answers by the first argument, and what it was asked."""

    folder: Path

    def says(self, command: str, text: str, status: int = 0) -> None:
        (self.folder / command).write_text(text, encoding="utf-8")
        (self.folder / f"{command}.status").write_text(str(status), encoding="utf-8")

    def calls(self, command: str) -> list[str]:
        file = self.folder / "calls"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [line for line in lines if line.startswith(command)]

    @property
    def values(self) -> Any:
        return json.loads((self.folder / "stdin").read_text(encoding="utf-8"))


SCRIPT = """\
#!/bin/sh
echo "$*" >> {folder}/calls
case "$1 $2" in
"get "*) answer="$2" ;;
*) answer="$1"; cat > {folder}/stdin ;;
esac
status="$(cat {folder}/$answer.status)"
[ "$status" = 0 ] && cat {folder}/$answer || cat {folder}/$answer >&2
exit "$status"
"""


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helm:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "helm"
    program.write_text(SCRIPT.format(folder=folder), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    found = Helm(folder)
    found.says("template", MANIFEST)
    found.says("metadata", json.dumps(METADATA))
    for command in ("install", "upgrade", "uninstall"):
        found.says(command, "done")
    return found


def inputs(**changed: Any) -> Document:
    given = {"name": "cilium", "namespace": "kube-system", "chart": "oci://quay.io/cilium/charts/cilium"}
    return {**given, "version": "1.20.0", "timeout": 600, "values": {"operator": {"replicas": 1}}, **changed}


def checked(plugin: PluginServer, **changed: Any) -> Document:
    answer = plugin.call("Check", urn=URN, news=inputs(**changed))
    assert "failures" not in answer
    found: Document = answer["inputs"]
    return found


def created(plugin: PluginServer) -> Document:
    state: Document = plugin.call("Create", urn=URN, properties=checked(plugin))["properties"]
    return state


def test_inputs_tell_what_the_chart_makes(plugin: PluginServer, helm: Helm) -> None:
    found = checked(plugin)
    assert found["resourceNames"] == {
        "ServiceAccount/v1": ["cilium"],
        "DaemonSet.apps/apps/v1": ["kube-system/cilium"],
    }
    (call,) = helm.calls("template")
    assert "cilium oci://quay.io/cilium/charts/cilium --namespace kube-system --version 1.20.0 --values -" in call
    assert helm.values == {"operator": {"replicas": 1}}


def test_a_chart_of_an_index_is_read_from_there(plugin: PluginServer, helm: Helm) -> None:
    checked(plugin, chart="cilium", repositoryOpts={"repo": "http://depot.internal/charts"})
    assert "cilium cilium --namespace kube-system --repo http://depot.internal/charts" in helm.calls("template")[0]


def test_a_chart_that_cannot_be_had_is_a_failure_at_preview(plugin: PluginServer, helm: Helm) -> None:
    helm.says("template", "level=INFO msg=pulling\nError: chart not found", status=1)
    (failure,) = plugin.call("Check", urn=URN, news=inputs())["failures"]
    reason = "chart not found; check the chart name and repository configuration."
    assert failure == {"property": "chart", "reason": reason}


def test_what_it_does_not_know_it_refuses(plugin: PluginServer, helm: Helm) -> None:
    news = inputs(atomic=True) | {"version": ""}
    failures = plugin.call("Check", urn=URN, news=news)["failures"]
    assert [item["property"] for item in failures] == ["atomic", "version"]
    assert helm.calls("template") == []


def test_what_is_not_known_yet_is_not_rendered(plugin: PluginServer, helm: Helm) -> None:
    assert "checksum" not in plugin.call("Check", urn=URN, news=inputs(values=UNKNOWN))["inputs"]
    assert helm.calls("template") == []


def test_a_release_is_installed_and_waited_for(plugin: PluginServer, helm: Helm, sandbox: Path) -> None:
    answer = plugin.call("Create", urn=URN, properties=checked(plugin))
    assert answer["id"] == "kube-system/cilium"
    assert answer["properties"]["status"]["status"] == "deployed"
    (call,) = helm.calls("install")
    assert "--wait=legacy --timeout 600s --server-side=false" in call
    assert call.endswith(f"--kubeconfig {sandbox / 'kubeconfig'}")


def test_nobody_waits_where_that_is_asked_for(plugin: PluginServer, helm: Helm) -> None:
    plugin.call("Create", urn=URN, properties=checked(plugin, skipAwait=True))
    assert "--wait" not in helm.calls("install")[0]


def test_a_preview_installs_nothing(plugin: PluginServer, helm: Helm) -> None:
    answer = plugin.call("Create", urn=URN, properties=checked(plugin), preview=True)
    assert "id" not in answer
    plugin.call("Update", urn=URN, olds=answer["properties"], news=checked(plugin), preview=True)
    assert helm.calls("install") + helm.calls("upgrade") == []


def test_the_same_inputs_are_no_change_and_others_are_an_upgrade(plugin: PluginServer, helm: Helm) -> None:
    state = created(plugin)
    same = plugin.call("Diff", id="kube-system/cilium", urn=URN, olds=state, news=checked(plugin))
    assert same["changes"] == "DIFF_NONE"
    news = checked(plugin, values={"operator": {"replicas": 2}})
    changed = plugin.call("Diff", id="kube-system/cilium", urn=URN, olds=state, news=news)
    assert changed["detailedDiff"].keys() == {"values.operator.replicas"}
    assert "replaces" not in changed
    plugin.call("Update", urn=URN, olds=state, news=news)
    assert "--wait=legacy" in helm.calls("upgrade")[0]
    assert helm.values == {"operator": {"replicas": 2}}


def test_another_chart_of_the_same_version_is_a_change_unless_its_checksum_is_ignored(
    plugin: PluginServer, helm: Helm
) -> None:
    state = created(plugin)
    helm.says("template", MANIFEST.replace("---", "--- # other"))
    request = {"id": "kube-system/cilium", "urn": URN, "olds": state, "news": checked(plugin)}
    assert plugin.call("Diff", **request)["detailedDiff"].keys() == {"checksum"}
    assert plugin.call("Diff", **request, ignoreChanges=["checksum"])["changes"] == "DIFF_NONE"


def test_another_name_is_another_release(plugin: PluginServer, helm: Helm) -> None:
    assert helm.calls("") == []
    answer = plugin.call("Diff", id="x", urn=URN, olds=created(plugin), news=checked(plugin, name="other"))
    assert answer["replaces"] == ["name"]


def test_secret_values_stay_secret(plugin: PluginServer, helm: Helm) -> None:
    news = checked(plugin, values={"key": secret("planted")})
    assert news["values"]["key"] == secret("planted")
    state = plugin.call("Create", urn=URN, properties=news)["properties"]
    assert state["values"]["key"] == secret("planted")
    assert helm.values == {"key": "planted"}


@pytest.mark.parametrize(("method", "command"), [("Create", "install"), ("Update", "upgrade")])
def test_a_release_that_does_not_become_ready_is_kept_in_the_state(
    plugin: PluginServer, helm: Helm, method: str, command: str
) -> None:
    state, news = created(plugin), checked(plugin)
    helm.says(command, "Error: context deadline exceeded", status=1)
    request = {"properties": news} if method == "Create" else {"olds": state, "news": news}
    with pytest.raises(FailedError, match="context deadline exceeded") as caught:
        plugin.call(method, urn=URN, **request)
    assert caught.value.details is not None
    assert caught.value.details["id"] == "kube-system/cilium"


def test_a_release_that_was_not_made_is_not_in_the_state(plugin: PluginServer, helm: Helm) -> None:
    news = checked(plugin)
    helm.says("install", "Error: cannot reuse a name that is still in use", status=1)
    with pytest.raises(FailedError, match="cannot reuse a name") as caught:
        plugin.call("Create", urn=URN, properties=news)
    assert caught.value.details is None
    helm.says("install", "Error: namespaces not found", status=1)
    helm.says("upgrade", "Error: no deployed releases", status=1)
    helm.says("metadata", "Error: release: not found", status=1)
    with pytest.raises(FailedError, match="namespaces not found"):
        plugin.call("Create", urn=URN, properties=news)
    with pytest.raises(FailedError, match="no deployed releases"):
        plugin.call("Update", urn=URN, olds={}, news=news)


def test_a_refresh_sees_what_somebody_else_installed(plugin: PluginServer, helm: Helm) -> None:
    state, known = created(plugin), checked(plugin)
    helm.says("metadata", json.dumps(METADATA | {"version": "1.20.1"}))
    helm.says("values", "null")
    answer = plugin.call("Read", id="kube-system/cilium", urn=URN, properties=state, inputs=known)
    assert (answer["inputs"]["version"], answer["inputs"]["values"]) == ("1.20.1", {})
    assert answer["properties"]["__inputs"]["value"]["version"] == "1.20.0"
    helm.says("metadata", "Error: release: not found", status=1)
    assert plugin.call("Read", id="kube-system/cilium", urn=URN, properties=state, inputs=known) == {}
    helm.says("metadata", "Error: it is broken", status=1)
    with pytest.raises(FailedError, match="it is broken"):
        plugin.call("Read", id="kube-system/cilium", urn=URN, properties=state, inputs=known)
    with pytest.raises(FailedError, match="imports no releases"):
        plugin.call("Read", id="kube-system/cilium", urn=URN)


def test_a_release_is_uninstalled(plugin: PluginServer, helm: Helm) -> None:
    plugin.call("Delete", id="kube-system/cilium", urn=URN, properties=created(plugin))
    assert "cilium --namespace kube-system --wait=legacy --timeout 600s" in helm.calls("uninstall")[0]


def test_nothing_is_done_without_a_cluster(unconfigured: PluginServer, helm: Helm, sandbox: Path) -> None:
    silent = yaml.safe_dump(ApiServer("http://127.0.0.1:1").kubeconfig())
    (sandbox / "kubeconfig").write_text(silent, encoding="utf-8")
    unconfigured.call("Configure", args={"kubeconfig": silent})
    news = checked(unconfigured)
    with pytest.raises(FailedError, match="can't create Helm Release with unreachable cluster"):
        unconfigured.call("Create", urn=URN, properties=news)
    assert helm.calls("install") == []


def test_a_user_who_gives_up_ends_helm(plugin: PluginServer, helm: Helm, waiting: Waiting) -> None:
    news = checked(plugin)
    program = helm.folder / "helm"
    slow = 'case "$1" in install) exec sleep 600 ;; esac\n'
    script = program.read_text(encoding="utf-8").replace('case "$1 $2"', f'{slow}case "$1 $2"')
    program.write_text(script, encoding="utf-8")
    waiting.cancelled.set()
    with pytest.raises(FailedError, match="helm install ended with status -15"):
        plugin.call("Create", urn=URN, properties=news)


def test_without_helm_one_message_says_so(plugin: PluginServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    (failure,) = plugin.call("Check", urn=URN, news=inputs())["failures"]
    assert failure["reason"].startswith("helm is not on PATH")
