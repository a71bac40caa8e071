"""`homelab sandbox` and `homelab doctor`, with programs that only say that they are healthy."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import building
from gitops.objects import Manifest
from sandbox import kubelet, lifecycle, toolchain
from sandbox.place import Place
from sandbox.processes import end, recorded_process
from sandbox.programs import PROGRAMS
from tests.support.cli import Homelab
from tests.support.programs import GO, Programs
from tests.support.sandboxes import tools


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    monkeypatch.setenv("HOMELAB_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("HOMELAB_CACHE", str(tmp_path / "cache"))
    return Programs.on_path(tmp_path / "programs", monkeypatch)


@pytest.fixture
def place(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The sandbox that commands mean by default; every program is there, and the API server takes everything."""
    found = tools(programs)
    for module in ("cli.sandbox", "cli.target"):
        monkeypatch.setattr(f"{module}.programs", lambda: found)
    monkeypatch.setattr(lifecycle, "connect", lambda _kubeconfig: _Api())
    monkeypatch.setattr(lifecycle, "crds", lambda _names: {})
    monkeypatch.setattr(lifecycle, "stages", lambda: ())
    made = Place("sandbox")
    yield made
    lifecycle.down(made)


class _Api:
    def apply(self, manifest: Manifest, _write: object) -> Manifest:
        return manifest


def test_up_says_what_it_does_and_down_removes_it(homelab: Homelab, place: Place) -> None:
    up = homelab("sandbox", "up")
    assert (up.status, up.stderr) == (0, "")
    assert up.stdout.splitlines()[-1] == "sandbox sandbox: ready"
    assert homelab("sandbox", "status").status == 0
    down = homelab("sandbox", "down")
    assert (down.status, down.stdout) == (0, "sandbox sandbox: gone\n")
    assert not place.folder.exists()
    assert homelab("sandbox", "status").status == 1


def test_a_bare_sandbox_is_up_without_flux(homelab: Homelab, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubelet, "downloaded", lambda modules: dict.fromkeys(modules, place.folder))
    assert homelab("sandbox", "up", "--bare").status == 0
    assert place.processes.names() == ("depot", "kubelet")
    assert homelab("sandbox", "status").status == 0
    assert homelab("sandbox", "up").status == 0
    assert place.processes.names() == ("depot", "kubelet")


@pytest.mark.parametrize("command", ["up", "down"])
def test_a_second_command_at_the_same_time_is_refused_with_a_message(
    homelab: Homelab, place: Place, command: str
) -> None:
    with place.alone():
        done = homelab("sandbox", command)
    assert done.status == 1
    assert "error: sandbox sandbox\n  another homelab is starting or ending this sandbox" in done.stderr
    assert "fix: wait until it is done, then run it again" in done.stderr


def test_down_builds_nothing_and_needs_no_program(
    homelab: Homelab, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs.add("go", GO)
    monkeypatch.setenv("PATH", str(programs.folder))
    assert homelab("sandbox", "down").stdout == "sandbox sandbox: gone\n"
    assert programs.calls("go") == []


def test_status_is_for_people_and_for_programs_and_1_where_something_ended(homelab: Homelab, place: Place) -> None:
    homelab("sandbox", "up")
    as_json = homelab("sandbox", "status", "--output", "json")
    found = json.loads(as_json.stdout)
    assert as_json.status == 0
    assert found["kubeconfig"] == str(place.kubeconfig)
    assert all(found["processes"].values())
    end(recorded_process(place.processes.folder / "depot.pid"))
    done = homelab("sandbox", "status")
    assert done.status == 1
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["depot", "ended"] in lines
    assert ["source-controller", "running"] in lines


def test_logs_are_of_one_process_or_all_and_as_long_as_asked_for(homelab: Homelab, place: Place) -> None:
    homelab("sandbox", "up")
    place.processes.log("depot").write_text("one\ntwo\nthree [red]\n", encoding="utf-8")
    done = homelab("sandbox", "logs", "depot", "--lines", "2")
    assert done.stdout.splitlines() == [f"==> depot: {place.processes.log('depot')}", "two", "three [red]"]
    heads = [line for line in homelab("sandbox", "logs").stdout.splitlines() if line.startswith("==> ")]
    assert len(heads) == 13
    wrong = homelab("sandbox", "logs", "depto")
    assert wrong.status == 2
    assert "processes are" in wrong.stderr
    assert homelab("sandbox", "logs", "--name", "never").status == 1


def test_run_passes_a_commands_own_options_and_its_status_on(homelab: Homelab, place: Place, tmp_path: Path) -> None:
    homelab("sandbox", "up")
    script = f'echo "$HOMELAB_SANDBOX" "$@" > {tmp_path}/said; exit 7'
    done = homelab("sandbox", "run", "sh", "-c", script, "sh", "--name", "x", "--help")
    assert done.status == 7
    assert (tmp_path / "said").read_text(encoding="utf-8") == f"{place.folder} --name x --help\n"


def test_run_says_when_there_is_no_such_command(homelab: Homelab, place: Place) -> None:
    homelab("sandbox", "up")
    done = homelab("sandbox", "run", "no-such-command")
    assert done.status == 2
    assert "no-such-command: No such file or directory" in done.stderr
    assert place.folder.exists()


def test_run_in_a_sandbox_that_is_not_up_says_how_to_start_it(homelab: Homelab, place: Place) -> None:
    done = homelab("sandbox", "run", "--name", "other", "true")
    assert done.status == 1
    assert "homelab sandbox up --name other" in done.stderr
    assert not place.folder.exists()


def test_a_sandbox_has_a_name_that_a_folder_can_have(homelab: Homelab, place: Place) -> None:
    done = homelab("sandbox", "up", "--name", "../up")
    assert done.status == 1
    assert "is no name for a sandbox" in done.stderr
    assert not place.folder.exists()


def _only(names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "PROGRAMS", tuple(item for item in PROGRAMS if item.name in names))
    monkeypatch.setattr(toolchain, "_SPACE", 0)


def test_tools_shows_what_is_built_and_the_second_time_nothing(
    homelab: Homelab, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(("etcd", "kwok"), monkeypatch)
    programs.add("go", GO)
    done = homelab("sandbox", "tools")
    assert (done.status, done.stdout) == (0, "2 programs are available\n")
    lines = done.stderr.splitlines()
    assert lines[0].startswith("building etcd, 1 of 2, about ")
    assert lines[1].startswith("built etcd in ")
    assert len(lines) == 4
    assert homelab("sandbox", "tools").stderr == ""


def test_tools_without_go_is_one_message(homelab: Homelab, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(programs.folder))
    done = homelab("sandbox", "tools")
    assert done.status == 1
    assert "Go is not installed" in done.stderr
    assert "fix: install Go 1.26 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def test_waiting_for_another_builder_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with building.BuildProgress() as progress:
        progress.waiting()
    assert "another homelab builds the programs" in capsys.readouterr().err


@pytest.mark.parametrize(("seconds", "shown"), [(7.4, "7 s"), (119, "119 s"), (720, "12 min")])
def test_durations_are_short(seconds: float, shown: str) -> None:
    assert building._shown(seconds) == shown


def test_doctor_lists_where_every_program_is(
    homelab: Homelab, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(("etcd", "kwok"), monkeypatch)
    programs.add("go", GO)
    kwok = programs.says("kwok", "kwok v0.8.0")
    done = homelab("doctor")
    assert (done.status, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["kwok", PROGRAMS[5].pin.version, "PATH", str(kwok)] in lines
    assert any(line[0] == "etcd" and line[2:] == ["to", "be", "built"] for line in lines)
    assert any(line[0] == "go:" and line[-1] == "1.26" for line in lines)


def test_doctor_as_json_names_path_and_origin(
    homelab: Homelab, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(("kwok",), monkeypatch)
    kwok = programs.says("kwok", "kwok v0.8.0")
    (found,) = json.loads(homelab("doctor", "--output", "json").stdout)["programs"]
    assert (found["name"], found["origin"], found["path"]) == ("kwok", "PATH", str(kwok))


def test_doctor_needs_go_also_where_every_program_is_there(
    homelab: Homelab, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CRDs of a sandbox come as Go modules."""
    _only((), monkeypatch)
    programs.add("git")
    monkeypatch.setenv("PATH", str(programs.folder))
    done = homelab("doctor")
    assert done.status == 1
    assert "go: missing" in done.stdout
    assert "Go is not installed" in done.stderr


@pytest.mark.parametrize(("go", "message"), [("", "Go is not installed"), ("go1.20.1", "Go 1.20 is too old")])
def test_doctor_says_what_is_wrong_with_go(
    homelab: Homelab, programs: Programs, monkeypatch: pytest.MonkeyPatch, go: str, message: str
) -> None:
    if go:
        programs.says("go", go).write_text(f"#!/bin/sh\necho {go}\n", encoding="utf-8")
    programs.add("git")
    monkeypatch.setenv("PATH", str(programs.folder))
    done = homelab("doctor")
    assert done.status == 1
    assert message in done.stderr
    assert "pulumi" in done.stdout


def test_doctor_without_git_is_a_finding(homelab: Homelab, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    _only((), monkeypatch)
    programs.add("go").write_text("#!/bin/sh\necho go1.26.1\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(programs.folder))
    done = homelab("doctor")
    assert done.status == 1
    assert "git: missing" in done.stdout
