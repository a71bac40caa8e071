"""Fixtures of the sandbox's tests."""

from pathlib import Path

import pytest

from tests.support.go import FakeGo, fake_go


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGo:
    return fake_go(tmp_path / "bin", monkeypatch)
