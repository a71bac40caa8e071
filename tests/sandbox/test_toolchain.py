"""Where programs are found, and how those are built that are nowhere."""

import fcntl
import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from sandbox import toolchain
from sandbox.errors import SandboxError
from sandbox.modules import TOOLS, Module
from sandbox.programs import PROGRAMS, Program
from sandbox.toolchain import Tool, make_available, tools
from tests.support.programs import GO, Programs
from tests.support.sandboxes import Watching

KWOK = next(program for program in PROGRAMS if program.name == "kwok")
ETCD = next(program for program in PROGRAMS if program.name == "etcd")
FLUX = next(program for program in PROGRAMS if program.name == "flux")
SCRIPT = next(program for program in PROGRAMS if program.script)


def where(name: str) -> Tool:
    return next(tool for tool in tools() if tool.program.name == name)


def builds(programs: Programs) -> list[str]:
    return [call.split()[-1] for call in programs.calls("go") if call.startswith("build")]


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        ("kwok v0.8.0", "PATH"),
        ("kwok v0.7.0 go1.26", "PATH"),
        ("kwok v0.6.9", "to be built"),
        ("kwok v1.0.0", "to be built"),
        ("kwok (devel)", "to be built"),
        ("", "to be built"),
    ],
)
def test_a_program_on_path_is_used_where_its_version_will_do(two: Programs, said: str, origin: str) -> None:
    path = two.says("kwok", said)
    assert (where("kwok").origin, where("kwok").path) == (origin, path if origin == "PATH" else None)
    assert two.calls("kwok")[0] == "--version"


def test_a_program_on_path_that_does_not_start_is_not_used(two: Programs) -> None:
    (two.folder / "kwok").write_bytes(b"\x7fELF no program at all")
    (two.folder / "kwok").chmod(0o755)
    assert where("kwok").path is None


def test_a_program_on_path_that_says_nothing_in_time_is_not_used(
    two: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "_ANSWERS_WITHIN", 0.05)
    two.add("kwok", "exec sleep 600")
    assert where("kwok").path is None


def test_a_program_on_path_may_say_what_is_no_text(two: Programs) -> None:
    path = two.add("kwok", r"printf '\377\376 kwok v0.8.0\n'")
    assert where("kwok").path == path


def test_a_program_that_only_the_project_builds_right_is_never_taken_from_path(two: Programs) -> None:
    two.says("etcd", "etcd Version: 3.6.8")
    assert where("etcd").origin == "to be built"
    assert two.calls("etcd") == []


def test_pulumis_language_host_comes_from_where_pulumi_does(programs: Programs) -> None:
    host = programs.add("pulumi-language-python")
    assert where("pulumi-language-python").origin == "to be built"
    programs.says("pulumi", "v3.187.0")
    assert where("pulumi-language-python").path == host
    assert programs.calls("pulumi") == ["version"]
    programs.says("pulumi", "v3.186.0")
    assert where("pulumi-language-python").origin == "to be built"


@pytest.mark.usefixtures("two")
def test_what_is_missing_is_built_and_then_found_in_the_cache(tmp_path: Path) -> None:
    watching = Watching()
    found = make_available(watching)
    assert sorted(found) == ["etcd", "kwok"]
    assert all(path.is_relative_to(tmp_path / "cache" / "tools") for path in found.values())
    assert all(os.access(path, os.X_OK) for path in found.values())
    assert [where(name).origin for name in found] == ["cache", "cache"]
    assert [line.split()[0] for line in watching.lines] == ["etcd", "etcd", "kwok", "kwok"]
    assert watching.lines[0] == f"etcd 1/2 {ETCD.seconds + KWOK.seconds}"


def test_what_is_there_is_not_built_again(two: Programs) -> None:
    make_available(Watching())
    before = builds(two)
    watching = Watching()
    make_available(watching)
    assert (builds(two), watching.lines) == (before, [])


def test_programs_are_built_at_their_pins_with_their_versions(two: Programs) -> None:
    make_available(Watching())
    (call,) = [call for call in two.calls("go") if call.endswith("cmd/kwok")]
    assert "-trimpath" in call
    assert f"-s -w -X sigs.k8s.io/kwok/pkg/consts.Version={KWOK.pin.version}" in call


def test_an_interrupted_build_continues_with_what_is_missing(two: Programs) -> None:
    two.add(
        "go",
        GO.replace("build)", 'build) case "$*" in *cmd/kwok) echo half > "$PWD/../bin/kwok.partial"; exit 1 ;; esac'),
    )
    with pytest.raises(SandboxError):
        make_available(Watching())
    assert [where(name).origin for name in ("etcd", "kwok")] == ["cache", "to be built"]
    two.add("go", GO)
    watching = Watching()
    make_available(watching)
    assert watching.lines == [f"kwok 1/1 {KWOK.seconds}", "kwok built"]
    assert where("kwok").origin == "cache"


@pytest.mark.usefixtures("two")
def test_how_long_a_build_took_is_what_the_next_is_expected_to_take(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "durations.json").write_text(json.dumps({"kwok": 7}), encoding="utf-8")
    watching = Watching()
    make_available(watching)
    assert watching.lines[0] == f"etcd 1/2 {ETCD.seconds + 7}"
    assert json.loads((tmp_path / "cache" / "durations.json").read_text(encoding="utf-8")).keys() == {"etcd", "kwok"}


def test_only_one_homelab_builds_and_the_other_takes_what_that_built(two: Programs, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    waiting = Watching()
    found: dict[str, Path] = {}
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        other = threading.Thread(target=lambda: found.update(make_available(waiting)))
        other.start()
        assert waiting.on_wait.wait(30)
        assert builds(two) == []
        for program in (ETCD, KWOK):
            binary = toolchain._binary(program)
            binary.parent.mkdir(parents=True, exist_ok=True)
            binary.touch()
    other.join()
    assert sorted(found) == ["etcd", "kwok"]
    assert (builds(two), waiting.lines) == ([], ["waiting"])


def test_other_pins_are_another_folder(two: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_available(Watching())
    changed = tmp_path / "tools"
    shutil.copytree(TOOLS, changed)
    with (changed / "platform" / "go.mod").open("a", encoding="utf-8") as file:
        file.write("// another pin\n")
    monkeypatch.setattr(toolchain, "TOOLS", changed)
    assert where("kwok").origin == "to be built"
    assert two.folder.exists()


def test_a_script_is_copied_and_not_built(two: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "PROGRAMS", (SCRIPT,))
    _module(tmp_path, SCRIPT, monkeypatch, {SCRIPT.script: "#!/usr/bin/env python3\n"})
    (path,) = make_available(Watching()).values()
    assert path.read_text(encoding="utf-8") == "#!/usr/bin/env python3\n"
    assert os.access(path, os.X_OK)
    assert builds(two) == []


def test_files_that_only_a_release_has_are_added_to_a_copy_of_the_module(
    two: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "PROGRAMS", (FLUX,))
    module = _module(tmp_path, FLUX, monkeypatch, {"cmd/flux/main.go": "package main\n"})
    make_available(Watching())
    edit = next(call for call in two.calls("go") if call.startswith("mod edit"))
    copy = Path(edit.partition(f"-replace={FLUX.source}=")[2].split()[0])
    assert (copy / "cmd/flux/main.go").read_text(encoding="utf-8") == "package main\n"
    assert (copy / "cmd/flux/manifests/none.yaml").exists()
    assert not (module / "cmd/flux/manifests").exists()


def _module(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> Path:
    folder = tmp_path / "module"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    def downloaded(modules: list[Module]) -> dict[Module, Path]:
        assert modules == [program.pin]
        return {program.pin: folder}

    monkeypatch.setattr(toolchain, "downloaded", downloaded)
    return folder


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_program_is_pinned_and_its_version_is_in_its_flags(program: Program) -> None:
    assert program.pin.version.startswith("v")
    assert "{" not in program.linker_flags
    assert bool(program.package) != bool(program.script)
    assert program.minimum is None or program.minimum <= _minor(program.pin.version)


def _minor(version: str) -> tuple[int, int]:
    major, minor = version.removeprefix("v").split(".")[:2]
    return int(major), int(minor)
