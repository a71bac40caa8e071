"""A project folder, and the command line in it."""

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cli import rollout, up
from tests.support.api_server import ApiServer, api_server
from tests.support.cli import Homelab, run_cli, spoil
from tests.support.odyssey import answer_as_odyssey
from tests.support.programs import Programs
from tests.support.stacks import ROOT, STACKS


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with the shipped stacks, to be spoilt."""
    for name in ("Pulumi.yaml", *(f"Pulumi.{stack}.yaml" for stack in STACKS)):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def homelab(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Homelab:
    monkeypatch.chdir(project)
    return lambda *arguments: run_cli(arguments, capsys)


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs.on_path(tmp_path / "programs", monkeypatch)
    made.says("pulumi", "Updating (odyssey)")
    return made


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pulumi: Programs, project: Path) -> Iterator[ApiServer]:
    """Odyssey's API server, all of whose bundles are Ready; the stack is delivered inline."""
    assert pulumi.folder.exists()
    spoil(project, "homelab:delivery: git", "homelab:delivery: inline")
    monkeypatch.setattr(up, "observed", functools.partial(rollout.observed, interval=0.01))
    with api_server() as server:
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(server.kubeconfig()), encoding="utf-8")
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        answer_as_odyssey(server)
        yield server
