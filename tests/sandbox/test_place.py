"""Folders, names and ports of a sandbox, and one command at a time."""

import json
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from typing_extensions import override

from sandbox.errors import SandboxError
from sandbox.folders import cache_folder, state_folder
from sandbox.lock import locked
from sandbox.place import Place, places
from sandbox.ports import Ports, is_free
from tests.support.programs import Programs
from tests.support.stacks import ROOT


def test_folders_are_those_that_the_user_names(programs: Programs, tmp_path: Path) -> None:
    assert (state_folder(), cache_folder()) == (tmp_path / "state", tmp_path / "cache")
    assert Place("trial").folder == tmp_path / "state" / "trial"
    assert programs.folder.exists()


def test_folders_are_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOMELAB_STATE", "here")
    assert state_folder() == tmp_path / "here"


@pytest.mark.parametrize("variable", ["HOMELAB_STATE", "HOMELAB_CACHE"])
def test_without_a_choice_folders_are_the_users_own_for_this_program(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(variable, "")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = {"HOMELAB_STATE": state_folder, "HOMELAB_CACHE": cache_folder}[variable]()
    assert found.is_relative_to(tmp_path)
    assert "homelab" in found.parts


@pytest.mark.parametrize("name", ["", "Trial", "a b", "../up", "-a", "a-", "x" * 33, "a.lock"])
def test_a_name_that_no_folder_should_have_is_refused(name: str) -> None:
    with pytest.raises(SandboxError, match="is no name for a sandbox"):
        Place(name)


def test_the_sandboxes_that_exist_are_those_with_a_folder(place: Place) -> None:
    Place("another").make()
    with place.alone():
        assert places() == (Place("another"), place)


def test_there_are_none_before_the_first(programs: Programs) -> None:
    assert programs.folder.exists()
    assert places() == ()


def test_removing_leaves_nothing_and_may_be_done_twice(place: Place) -> None:
    (place.folder / "file").touch()
    for _ in range(2):
        with place.alone():
            place.remove()
        assert list(place.folder.parent.iterdir()) == []


def test_a_second_command_at_the_same_time_is_refused(place: Place) -> None:
    with place.alone(), pytest.raises(SandboxError) as caught, Place(place.name).alone():
        pass
    (problem,) = caught.value.problems
    assert (problem.rule, problem.where) == ("sandbox/busy", "sandbox trial")
    assert problem.what == "another homelab is starting or ending this sandbox"


def test_another_sandbox_is_nobodys_business(place: Place) -> None:
    with place.alone(), Place("another").alone():
        pass


def test_the_lock_ends_with_a_process_that_was_killed(place: Place) -> None:
    program = (
        "import os, signal\nfrom sandbox.place import Place\nwith Place('trial').alone():\n  os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT).returncode == -9
    with place.alone():
        pass


def test_who_waited_for_a_lock_that_was_removed_holds_the_one_that_lies_there(tmp_path: Path) -> None:
    file, first = tmp_path / "lock", ExitStack()

    def removed() -> None:
        file.unlink()
        first.close()

    def refuse() -> None:
        raise BlockingIOError

    first.enter_context(locked(file, busy=refuse))
    with locked(file, busy=removed), pytest.raises(BlockingIOError), locked(file, busy=refuse):
        pass


def test_a_state_folder_that_cannot_be_made_is_one_message(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = programs.folder / "file"
    blocked.touch()
    monkeypatch.setenv("HOMELAB_STATE", str(blocked / "state"))
    with pytest.raises(SandboxError, match="Not a directory") as caught, Place("trial").alone():
        pass
    assert caught.value.problems[0].where == str(blocked / "state")


def test_a_port_is_kept_for_its_purpose(place: Place) -> None:
    first = place.ports.get("depot")
    assert place.ports.get("depot") == first
    assert Place(place.name).ports.known() == {"depot": first}
    assert is_free(first)


def test_no_two_purposes_get_the_same_port(place: Place) -> None:
    found = [place.ports.get(str(number)) for number in range(50)]
    assert len(set(found)) == 50


def test_a_port_that_another_purpose_has_already_is_not_given_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = iter([40001, 40001, 40002])

    class Offering(socket.socket):
        @override
        def getsockname(self) -> tuple[str, int]:
            return "127.0.0.1", next(offered)

    monkeypatch.setattr("sandbox.ports.socket.socket", Offering)
    assert [place.ports.get("one"), place.ports.get("two")] == [40001, 40002]


def test_a_port_that_was_given_up_is_replaced_and_the_others_stay(place: Place) -> None:
    one, two = place.ports.get("one"), place.ports.get("two")
    place.ports.forget("one")
    assert place.ports.known() == {"two": two}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", one))
        assert place.ports.get("one") != one
    place.ports.forget("never asked for")
    assert place.ports.get("two") == two


def test_a_port_that_something_listens_on_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not is_free(taken.getsockname()[1])


def test_ports_are_written_as_a_whole(tmp_path: Path) -> None:
    made = Ports(tmp_path / "ports.json")
    port = made.get("depot")
    assert [file.name for file in tmp_path.iterdir()] == ["ports.json"]
    assert json.loads((tmp_path / "ports.json").read_text(encoding="utf-8")) == {"depot": port}
