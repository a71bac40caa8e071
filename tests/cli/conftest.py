"""A project folder, and the command line in it."""

import shutil
from pathlib import Path

import pytest

from tests.support.cli import Homelab, run_cli
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
