"""Fixtures of the sandbox's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.place import Place
from tests.support.go import FakeGo, fake_go
from tests.support.programs import Programs


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGo:
    return fake_go(tmp_path / "bin", monkeypatch)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """A PATH on which nothing of the sandbox is, and its folders in places of their own."""
    monkeypatch.setenv("HOMELAB_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("HOMELAB_CACHE", str(tmp_path / "cache"))
    return Programs.on_path(tmp_path / "programs", monkeypatch)


@pytest.fixture
def place(programs: Programs) -> Iterator[Place]:
    """A sandbox that was made and holds nothing."""
    assert programs.folder.is_dir()
    made = Place("trial")
    made.make()
    yield made
    made.processes.stop_all()
