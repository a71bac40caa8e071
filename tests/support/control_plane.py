"""A real API server for one test session, made by kwokctl of the programs on PATH."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

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
    missing = [name for name in ("kwokctl", *_PROGRAMS) if not shutil.which(name)]
    if missing:
        pytest.skip(f"not on PATH: {', '.join(missing)}")
    environment = os.environ | {"KWOK_WORKDIR": str(folder / "kwok")}
    binaries = [text for name, flag in _PROGRAMS.items() for text in (f"--{flag}-binary", shutil.which(name) or name)]
    kubeconfig = folder / "kubeconfig"
    create = ["kwokctl", "create", "cluster", "--name", folder.name, "--runtime", "binary", *binaries]
    try:
        command = [*create, "--kubeconfig", str(kubeconfig), "--wait", "60s"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        yield kubeconfig
    finally:
        delete = ["kwokctl", "delete", "cluster", "--name", folder.name, "--kubeconfig", str(kubeconfig)]
        subprocess.run(delete, env=environment, check=True, capture_output=True)
