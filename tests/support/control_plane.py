"""A real API server for one test session, made by kwokctl of the sandbox's programs."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli.building import programs
from sandbox.folders import cache_folder
from sandbox.lock import locked

_PROGRAMS: Mapping[str, str] = {
    "etcd": "etcd",
    "kube-apiserver": "kube-apiserver",
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
    "kwok": "kwok-controller",
}
"""Programs, and what kwokctl calls them."""


@contextmanager
def control_plane(folder: Path) -> Iterator[Path]:
    """The kubeconfig of a control plane that ends with the test."""
    tools = programs()
    kwokctl = str(tools["kwokctl"])
    environment = os.environ | {"KWOK_WORKDIR": str(folder / "kwok")}
    binaries = [text for name, flag in _PROGRAMS.items() for text in (f"--{flag}-binary", str(tools[name]))]
    kubeconfig = folder / "kubeconfig"
    create = [kwokctl, "create", "cluster", "--name", folder.name, "--runtime", "binary", *binaries]
    try:
        command = [*create, "--kubeconfig", str(kubeconfig), "--wait", "60s"]
        # Two that look for free ports at the same time find the same ones.
        with locked(cache_folder() / "ports.lock", busy=lambda: None):
            subprocess.run(command, env=environment, check=True, capture_output=True)
        yield kubeconfig
    finally:
        delete = [kwokctl, "delete", "cluster", "--name", folder.name, "--kubeconfig", str(kubeconfig)]
        subprocess.run(delete, env=environment, check=True, capture_output=True)
