"""Fixtures of the sandbox's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import toolchain
from sandbox.place import Place
from sandbox.programs import PROGRAMS
from tests.support.go import FakeGo, fake_go
from tests.support.programs import GO, Programs
from tests.support.sandboxes import Usage


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


@pytest.fixture
def two(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Only two programs are wanted, and Go is there."""
    monkeypatch.setattr(toolchain, "PROGRAMS", tuple(item for item in PROGRAMS if item.name in {"etcd", "kwok"}))
    monkeypatch.setattr("sandbox.toolchain.shutil.disk_usage", lambda _folder: Usage(20 * 2**30))
    programs.add("go", GO)
    return programs
