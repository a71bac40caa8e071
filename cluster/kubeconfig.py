"""The user's kubeconfig, read as kubectl reads it: several files are merged, the first that says something wins."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.config.models import NameValue, User, UserExec
from lightkube.core.exceptions import ConfigError

from cluster.errors import KubeconfigError

_LISTS: Final = ("clusters", "contexts", "users")
_PATHS: Final = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_EXEC_V1: Final = "client.authentication.k8s.io/v1"
_EXEC_V1BETA1: Final = "client.authentication.k8s.io/v1beta1"
_FIX: Final = "set KUBECONFIG to a kubeconfig, or name its context"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterAccess:
    """How to reach one cluster; never shown, as it may hold credentials."""

    config: SingleConfig
    proxy: str | None = None
    tls_server_name: str | None = None

    @property
    def server(self) -> str:
        """The API server's URL."""
        return self.config.cluster.server.rstrip("/")


def read_kubeconfig(path: Path | None = None, context: str | None = None) -> ClusterAccess:
    """Access by the kubeconfig at `path`, else by $KUBECONFIG, else by the user's own.

    Raises:
        KubeconfigError: It is not there, is no kubeconfig, or does not hold the context.
    """
    files = [path] if path else _default_files()
    where = os.pathsep.join(map(str, files))
    documents = [_relocated(_read(file), file.parent) for file in files if file.is_file()]
    if not documents:
        raise KubeconfigError(where, "there is no kubeconfig", _FIX)
    return _access(_merged(documents), context, where)


def parse_kubeconfig(text: str, context: str | None = None) -> ClusterAccess:
    """Access by a kubeconfig's text.

    Raises:
        KubeconfigError: It is no kubeconfig, or does not hold the context.
    """
    return _access(_merged([_document(text, "kubeconfig")]), context, "kubeconfig")


def _default_files() -> list[Path]:
    named = os.environ.get("KUBECONFIG", "")
    files = [Path(item).expanduser() for item in named.split(os.pathsep) if item]
    return files or [Path.home() / ".kube" / "config"]


def _read(file: Path) -> dict[str, Any]:
    try:
        return _document(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise KubeconfigError(str(file), f"cannot be read: {type(error).__name__}", _FIX) from None


def _document(text: str, where: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        # The parser's own message quotes the text, which may hold a token.
        raise KubeconfigError(where, "is not YAML", _FIX) from None
    if not isinstance(document, dict):
        raise KubeconfigError(where, "is no kubeconfig", _FIX)
    return document


def _relocated(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Relative paths in a kubeconfig start from its own folder, wherever it is merged into."""
    for name in ("clusters", "users"):
        for item in document.get(name) or ():
            entry = item.get(name.removesuffix("s")) or {}
            entry.update({key: str(folder / entry[key]) for key in _PATHS if entry.get(key)})
    return document


def _merged(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {name: [] for name in _LISTS}
    for document in documents:
        merged.setdefault("current-context", document.get("current-context") or None)
        merged["current-context"] = merged["current-context"] or document.get("current-context")
        for name in _LISTS:
            known = {item["name"] for item in merged[name]}
            merged[name] += [item for item in document.get(name) or () if item["name"] not in known]
    return merged


def _access(document: dict[str, Any], context: str | None, where: str) -> ClusterAccess:
    users = [{"name": item["name"], "user": item.get("user") or {}} for item in document["users"]]
    try:
        config = KubeConfig.from_dict(document | {"users": users}).get(context)
    except (ConfigError, KeyError, msgspec.ValidationError) as error:
        raise KubeconfigError(where, str(error) or "is no kubeconfig", _FIX) from None
    if config is None:
        raise KubeconfigError(where, "holds no current context", _FIX)
    clusters = {item["name"]: item["cluster"] for item in document["clusters"]}
    cluster = clusters[config.context.cluster]
    return ClusterAccess(
        config=config._replace(user=_with_exec_v1(config.user or User(), cluster)),
        proxy=cluster.get("proxy-url"),
        tls_server_name=cluster.get("tls-server-name"),
    )


def _with_exec_v1(user: User, cluster: Mapping[str, Any]) -> User:
    """Lightkube knows exec plugins of v1beta1, whose answers are read as those of v1 are.

    Which version the plugin is to speak, it learns from KUBERNETES_EXEC_INFO.
    """
    if user.exec is None:
        return user
    spec = {"interactive": False, "cluster": {"server": cluster.get("server", "")}}
    info = {"apiVersion": user.exec.apiVersion, "kind": "ExecCredential", "spec": spec}
    version = _EXEC_V1BETA1 if user.exec.apiVersion == _EXEC_V1 else user.exec.apiVersion
    told = NameValue(name="KUBERNETES_EXEC_INFO", value=json.dumps(info))
    plugin: UserExec = msgspec.structs.replace(user.exec, apiVersion=version, env=[*(user.exec.env or ()), told])
    return msgspec.structs.replace(user, exec=plugin)
