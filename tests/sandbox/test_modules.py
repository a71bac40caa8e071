"""Modules are what their pins say, or a message says what is wrong."""

from pathlib import Path

import pytest

from sandbox.modules import Module, ModuleError, downloaded, pinned
from tests.support.go import FakeGo

ONE = Module(path="example.org/one", version="v1.0.0", sum="h1:one=")
TWO = Module(path="example.org/two", version="v2.0.0", sum="h1:two=")


def answer(module: Module, **fields: str) -> dict[str, str]:
    return {"Path": module.path, "Version": module.version, **fields}


def test_modules_are_downloaded_in_one_call_outside_of_any_module(go: FakeGo) -> None:
    go.answers(answer(ONE, Dir="/one", Sum=ONE.sum), answer(TWO, Dir="/two", Sum=TWO.sum))
    assert downloaded([ONE, TWO]) == {ONE: Path("/one"), TWO: Path("/two")}
    assert go.calls == ["/ mod download -json example.org/one@v1.0.0 example.org/two@v2.0.0"]


def test_nothing_is_asked_for_no_modules(go: FakeGo) -> None:
    assert downloaded([]) == {}
    assert go.calls == []


def test_every_module_that_cannot_be_had_is_named(go: FakeGo) -> None:
    refused = answer(ONE, Error="example.org/one@v1.0.0: reading …: 403 Forbidden\n\tserver response: not available.")
    go.answers(refused, answer(TWO, Dir="/two", Sum="h1:other="), status=1)
    with pytest.raises(ModuleError) as caught:
        downloaded([ONE, TWO])
    first, second = caught.value.problems
    assert (first.rule, first.where) == ("sandbox/module", "example.org/one@v1.0.0")
    assert first.what == "example.org/one@v1.0.0: reading …: 403 Forbidden server response: not available."
    assert second.where == "example.org/two@v2.0.0"
    assert second.what == "its hash is h1:other=, and h1:two= is pinned"


def test_a_module_that_go_says_nothing_of_is_named(go: FakeGo) -> None:
    go.answers(answer(ONE, Dir="/one", Sum=ONE.sum))
    with pytest.raises(ModuleError, match=r"example\.org/two@v2\.0\.0: Go did not mention it"):
        downloaded([ONE, TWO])


def test_a_go_that_does_not_start_is_one_message(go: FakeGo) -> None:
    go.says("", status=2)
    with pytest.raises(ModuleError) as caught:
        downloaded([ONE, TWO])
    assert [problem.where for problem in caught.value.problems] == ["go mod download"]


def test_a_missing_go_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModuleError) as caught:
        downloaded([ONE, TWO])
    assert [problem.what for problem in caught.value.problems] == ["Go is not installed"]


def test_a_tool_is_pinned_by_the_files_of_the_tools() -> None:
    kwok = pinned("sigs.k8s.io/kwok")
    assert kwok.version.startswith("v0.")
    assert kwok.sum.startswith("h1:")


def test_what_no_tool_uses_is_not_pinned() -> None:
    with pytest.raises(KeyError, match=r"example\.org/none"):
        pinned("example.org/none")
