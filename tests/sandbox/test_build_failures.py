"""What stops a build is one message that says what to do."""

from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.go import Go
from sandbox.toolchain import make_available
from tests.support.programs import GO, Programs
from tests.support.sandboxes import Usage, Watching


def builds(programs: Programs) -> list[str]:
    return [call for call in programs.calls("go") if call.startswith("build")]


def test_too_little_space_is_told_before_anything_is_built(two: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.toolchain.shutil.disk_usage", lambda _folder: Usage(2 * 2**30))
    with pytest.raises(SandboxError) as caught:
        make_available(Watching())
    (problem,) = caught.value.problems
    assert (problem.rule, problem.what) == ("sandbox/space", "2.0 GiB are free, and building takes up to 15")
    assert builds(two) == []


def test_without_go_one_message_says_what_to_install(two: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    (two.folder / "go").unlink()
    monkeypatch.setenv("PATH", str(two.folder))
    with pytest.raises(SandboxError) as caught:
        make_available(Watching())
    (problem,) = caught.value.problems
    assert problem.what == "the programs of the sandbox must be built, and Go is not installed"
    assert problem.fix.startswith("install Go 1.26 or newer")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("go1.25.9", "Go 1.25 is too old"),
        ("go2.0", None),
        ("devel go1.27-a1b2c3", None),
        ("gccgo", "it does not tell its version: gccgo"),
        ("", "it does not tell its version: nothing"),
    ],
)
def test_a_go_that_is_too_old_is_refused(two: Programs, said: str, what: str | None) -> None:
    two.says("go", said)
    if what is None:
        assert Go.installed().command == two.folder / "go"
        return
    with pytest.raises(SandboxError) as caught:
        Go.installed()
    assert caught.value.problems[0].what == what


def test_a_go_that_does_not_start_is_one_message(two: Programs) -> None:
    (two.folder / "go").write_bytes(b"\x7fELF no program at all")
    with pytest.raises(SandboxError, match="Exec format error"):
        make_available(Watching())


FAILURES = {
    "go: example.org/x@v1.0.0: reading https://proxy/x.zip: 403 Forbidden": ("download", "a download was refused: go:"),
    "go: dial tcp: lookup proxy: no such host": ("download", "a download was refused: go: dial tcp"),
    "link: write /cache/kwok.partial: no space left on device": ("space", "the disk is full"),
    "main.go:3:1: syntax error\nnote: module requires Go 1.27": ("build", "it failed: note: module requires Go 1.27"),
    "": ("build", "it failed: it gave no reason"),
}


@pytest.mark.parametrize("said", FAILURES)
def test_a_build_that_fails_is_one_message_with_the_line_that_tells_why(
    two: Programs, said: str, tmp_path: Path
) -> None:
    two.add("go", GO.replace("build)", f"build) printf '%s' '{said}' >&2; exit 1"))
    with pytest.raises(SandboxError) as caught:
        make_available(Watching())
    (problem,) = caught.value.problems
    rule, what = FAILURES[said]
    assert problem.rule == f"sandbox/{rule}"
    assert problem.what.startswith(what)
    log = Path(problem.where.partition("(")[2].rstrip(")"))
    assert log.is_relative_to(tmp_path)
    assert log.read_text(encoding="utf-8") == said


def test_a_disk_that_is_too_full_for_the_log_is_told_all_the_same(two: Programs, tmp_path: Path) -> None:
    script = 'build) mkdir "$PWD/../bin/etcd.log"; echo "no space left on device" >&2; exit 1'
    two.add("go", GO.replace("build)", script))
    with pytest.raises(SandboxError, match="the disk is full"):
        make_available(Watching())
    assert (tmp_path / "cache").is_dir()


def test_a_cache_that_cannot_be_made_is_one_message(two: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_CACHE", str(two.folder / "go" / "cache"))
    with pytest.raises(SandboxError, match="Not a directory"):
        make_available(Watching())
