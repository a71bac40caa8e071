"""Long-lived processes: recorded before they run, told from others, and ended."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.processes import _RECORD, Processes, Service, end, recorded_process

SLEEP = ("/bin/sh", "-c", "echo started; exec sleep 600")
STUBBORN = ("/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 600; done")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path / "processes")
    yield made
    made.stop_all()


def service(name: str = "one", command: tuple[str, ...] = SLEEP, **environment: str) -> Service:
    return Service(name=name, command=command, environment={"PATH": "/usr/bin:/bin"} | environment)


def pid(processes: Processes, name: str = "one") -> int:
    return int((processes.folder / f"{name}.pid").read_text(encoding="utf-8"))


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def said(processes: Processes, text: str, name: str = "one") -> None:
    """Return once a service has printed a text."""
    while text not in processes.log(name).read_text(encoding="utf-8"):
        os.sched_yield()


def test_a_service_runs_as_soon_as_it_was_started(processes: Processes) -> None:
    for number in range(20):
        assert processes.ensure(service(str(number)))
        assert processes.running(str(number))


def test_a_service_that_runs_as_it_should_is_left_alone(processes: Processes) -> None:
    processes.ensure(service())
    before = pid(processes)
    assert not processes.ensure(service())
    assert pid(processes) == before


@pytest.mark.parametrize("changed", [service(command=(*SLEEP, "x")), service(COLOUR="blue")])
def test_a_service_that_should_run_otherwise_is_started_anew(processes: Processes, changed: Service) -> None:
    processes.ensure(service())
    before = psutil.Process(pid(processes))
    assert processes.ensure(changed)
    assert pid(processes) != before.pid
    assert not is_alive(before)


def test_a_service_that_ended_is_started_again(processes: Processes) -> None:
    processes.ensure(service())
    end(psutil.Process(pid(processes)))
    assert not processes.running("one")
    assert processes.ensure(service())
    assert processes.running("one")


def test_a_service_has_its_own_environment_and_no_other(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED", "secret")
    processes.ensure(service(command=("/bin/sh", "-c", "env; echo done; exec sleep 600"), GIVEN="yes"))
    said(processes, "done")
    printed = processes.log("one").read_text(encoding="utf-8").splitlines()
    assert "GIVEN=yes" in printed
    assert [line for line in printed if line.startswith("PLANTED")] == []


def test_both_of_its_outputs_are_in_its_log_and_the_log_goes_on(processes: Processes) -> None:
    for word in ("first", "second"):
        script = f"echo out {word}; echo err {word} >&2; exec sleep 600"
        processes.ensure(service(command=("/bin/sh", "-c", script)))
        said(processes, f"err {word}")
    printed = processes.log("one").read_text(encoding="utf-8")
    assert printed == "out first\nerr first\nout second\nerr second\n"


def test_a_program_that_is_not_there_does_not_run_and_its_log_says_so(processes: Processes) -> None:
    processes.ensure(service(command=("/nowhere/program",)))
    said(processes, "not found")
    process = recorded_process(processes.folder / "one.pid")
    if process is not None:
        process.wait(10)
    assert not processes.running("one")


def test_what_cannot_be_recorded_is_not_run(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = tmp_path / "proof"
    # The first thing that the process does is to remove the folder that its record would lie in.
    monkeypatch.setattr("sandbox.processes._RECORD", 'rm -r "$PWD" && ' + _RECORD)
    processes.ensure(service(command=("/bin/sh", "-c", f"touch {proof}")))
    assert not processes.running("one")
    assert not proof.exists()


def test_a_process_is_recorded_even_if_whoever_started_it_was_killed_meanwhile(processes: Processes) -> None:
    """The starter kills itself in the very call that starts the service."""
    program = f"""\
import os, signal, subprocess
from pathlib import Path
from sandbox.processes import Processes, Service
run = subprocess.Popen
class Killed(run):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
subprocess.Popen = Killed
Processes(Path({str(processes.folder)!r})).ensure(Service(name="one", command={SLEEP!r}, environment={{}}))
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -9
    said(processes, "started")
    found = recorded_process(processes.folder / "one.pid")
    assert found is not None
    processes.stop("one")
    assert not is_alive(found)


def test_all_that_was_ever_started_is_listed_and_stopped(processes: Processes) -> None:
    for name in ("two", "one"):
        processes.ensure(service(name))
    assert processes.names() == ("one", "two")
    running = [psutil.Process(pid(processes, name)) for name in ("one", "two")]
    processes.stop_all()
    assert [is_alive(process) for process in running] == [False, False]
    assert not any(map(processes.running, processes.names()))


def test_stopping_what_does_not_run_is_no_mistake(processes: Processes) -> None:
    processes.stop("never-started")
    processes.stop_all()
    assert processes.names() == ()


def test_a_process_that_ignores_the_request_to_end_is_made_to(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.processes._PATIENCE", 0.05)
    processes.ensure(service(command=STUBBORN))
    said(processes, "deaf")
    process = psutil.Process(pid(processes))
    (child,) = process.children()
    processes.stop("one")
    assert not is_alive(process)
    end(child)


def test_an_id_that_was_given_out_again_is_not_taken_for_the_recorded_process(tmp_path: Path) -> None:
    record = tmp_path / "record"
    record.write_text(str(os.getpid()), encoding="utf-8")
    assert recorded_process(record) == psutil.Process()
    before = psutil.Process().create_time() - 60
    os.utime(record, (before, before))
    assert recorded_process(record) is None


def test_stopping_leaves_a_process_alone_that_only_has_the_id(processes: Processes) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        processes.ensure(service())
        processes.stop("one")
        record = processes.folder / "one.pid"
        record.write_text(str(other.pid), encoding="utf-8")
        os.utime(record, (time.time() - 3600, time.time() - 3600))
        processes.stop("one")
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("text", ["", "no number", "999999999", "-1"])
def test_a_record_that_names_no_process_is_of_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "record").write_text(text, encoding="utf-8")
    assert recorded_process(tmp_path / "record") is None


def test_no_record_is_no_process(tmp_path: Path) -> None:
    assert recorded_process(tmp_path / "record") is None
    end(None)


def test_a_process_that_ended_and_was_not_waited_for_does_not_run(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        (tmp_path / "record").write_text(str(child.pid), encoding="utf-8")
        assert recorded_process(tmp_path / "record") is None
