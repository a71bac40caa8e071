"""Whose cluster, and with which credentials."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.client import connect
from cluster.connection import Connection
from cluster.errors import KubeconfigError
from cluster.kubeconfig import parse_kubeconfig, read_kubeconfig
from tests.support.api_server import ApiServer


def kubeconfig(name: str, **cluster: str) -> dict[str, Any]:
    return {
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example.org:6443"} | cluster}],
        "users": [{"name": name, "user": {"token": "t0ken"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }


def write(path: Path, document: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_a_named_file_is_preferred_to_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write(tmp_path / "one", kubeconfig("one"))))
    named = write(tmp_path / "two", kubeconfig("two"))
    assert read_kubeconfig(named).server == "https://two.example.org:6443"
    assert read_kubeconfig().server == "https://one.example.org:6443"


def test_without_the_environment_it_is_the_one_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / ".kube" / "config", kubeconfig("own"))
    assert read_kubeconfig().server == "https://own.example.org:6443"


def test_files_are_merged_and_the_first_that_says_something_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(tmp_path / "first", kubeconfig("a") | {"current-context": ""})
    second = kubeconfig("b") | {"users": [{"name": "a", "user": {"token": "other"}}, *kubeconfig("b")["users"]]}
    monkeypatch.setenv("KUBECONFIG", f"{first}:{write(tmp_path / 'second', second)}:{tmp_path / 'absent'}")
    assert read_kubeconfig().server == "https://b.example.org:6443"
    chosen = read_kubeconfig(context="a").config
    assert chosen.user is not None
    assert chosen.user.token == "t0ken"


def test_relative_paths_start_from_their_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "deep" / "config", kubeconfig("a", **{"certificate-authority": "ca.crt"}))
    monkeypatch.chdir(tmp_path)
    assert read_kubeconfig(file).config.cluster.certificate_auth == str(tmp_path / "deep" / "ca.crt")


def test_a_proxy_and_the_name_in_the_certificate_are_kept() -> None:
    extra = {"proxy-url": "http://proxy.example.org:3128", "tls-server-name": "kubernetes"}
    access = parse_kubeconfig(yaml.safe_dump(kubeconfig("a", **extra)))
    assert (access.proxy, access.tls_server_name) == ("http://proxy.example.org:3128", "kubernetes")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("]", "is not YAML"),
        ("a text", "is no kubeconfig"),
        ("clusters: []", "No current context set and no default provided"),
        (yaml.safe_dump(kubeconfig("a") | {"current-context": "b"}), "Context 'b' not found"),
    ],
)
def test_what_is_wrong_with_it_is_said(text: str, what: str) -> None:
    with pytest.raises(KubeconfigError) as caught:
        parse_kubeconfig(text)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.what) == ("cluster/kubeconfig", what)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="there is no kubeconfig") as caught:
        read_kubeconfig(tmp_path / "absent")
    assert caught.value.problems[0].where == str(tmp_path / "absent")


def test_a_mistake_shows_no_credential() -> None:
    with pytest.raises(KubeconfigError) as caught:
        parse_kubeconfig("users: [{user: {token: s3cret}")
    assert "s3cret" not in str(caught.value)


def test_a_certificate_that_is_none_is_a_mistake(tmp_path: Path) -> None:
    document = kubeconfig("a", **{"certificate-authority": str(tmp_path / "absent")})
    with pytest.raises(KubeconfigError, match="credentials cannot be used"):
        Connection(parse_kubeconfig(yaml.safe_dump(document)))


@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({"token": "t0ken"}, "Bearer t0ken"),
        ({"username": "u", "password": "p"}, "Basic dTpw"),
        ({}, None),
    ],
)
def test_the_users_credentials_are_sent(
    api: ApiServer, tmp_path: Path, user: dict[str, str], header: str | None
) -> None:
    api.answer("GET", "/api/v1/namespaces", {"items": []})
    client = connect(write(tmp_path / "config", api.kubeconfig(**user)))
    client.list("v1", "Namespace")
    client.close()
    assert [asked.headers.get("Authorization") for asked in api.asked] == [header, header]


def plugin(folder: Path, script: str) -> dict[str, Any]:
    (folder / "plugin.py").write_text(script, encoding="utf-8")
    return {"command": sys.executable, "args": [str(folder / "plugin.py")]}


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_login_command_is_told_which_version_to_speak(api: ApiServer, tmp_path: Path, version: str) -> None:
    script = (
        "import json, os\n"
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "token = info['apiVersion'].rpartition('/')[2] + '-' + os.environ['MORE']\n"
        "print(json.dumps({'apiVersion': info['apiVersion'], 'status': {'token': token}}))\n"
    )
    api.answer("GET", "/api/v1/namespaces", {"items": []})
    command = plugin(tmp_path, script) | {
        "apiVersion": f"client.authentication.k8s.io/{version}",
        "env": [{"name": "MORE", "value": "x"}],
    }
    client = connect(write(tmp_path / "config", api.kubeconfig(exec=command)))
    client.list("v1", "Namespace")
    client.close()
    assert api.asked[-1].headers["Authorization"] == f"Bearer {version}-x"


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("import sys; sys.exit('please log in')", "returned 1: please log in"),
        (f"print('{json.dumps({'status': {}})}')", "the login command gave no token"),
    ],
)
def test_a_login_command_that_fails_is_a_mistake(api: ApiServer, tmp_path: Path, command: str, what: str) -> None:
    user = plugin(tmp_path, command) | {"apiVersion": "client.authentication.k8s.io/v1"}
    client = connect(write(tmp_path / "config", api.kubeconfig(exec=user)))
    with pytest.raises(KubeconfigError, match=what):
        client.list("v1", "Namespace")
    client.close()
