"""Long-lived processes of a sandbox, each known by the id that it recorded itself."""

import contextlib
import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

# The process writes its own id before it becomes the program, so none can run that is not recorded. It lets go of
# standard output then, which tells whoever reads that to its end that the id is written.
_RECORD: Final = 'echo $$ > "$0" && exec "$@" >&2'
# A child of nobody's, so that whoever started it need not wait for its end.
_LET_GO: Final = '/bin/sh -c "$0" "$@" &'
_PATIENCE: Final = 10.0
_PAUSE: Final = 0.01
_CLOCK_TICK: Final = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A process that should run.

    Attributes:
        name: Name of its files in the sandbox's folder.
        command: Path and arguments.
        environment: Its whole environment.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes of one sandbox; `folder` holds their ids, commands and logs."""

    folder: Path

    def ensure(self, service: Service) -> bool:
        """Run the service as it should be; whether it had to be started."""
        wanted = json.dumps([service.command, sorted(service.environment.items())])
        recorded = self._file(service.name, "command")
        if self.running(service.name) and recorded.exists() and recorded.read_text(encoding="utf-8") == wanted:
            return False
        self.stop(service.name)
        self.folder.mkdir(parents=True, exist_ok=True)
        recorded.write_text(wanted, encoding="utf-8")
        with self.log(service.name).open("ab") as log:
            subprocess.run(  # noqa: S603 — the sandbox's own programs
                ["/bin/sh", "-c", _LET_GO, _RECORD, str(self._file(service.name, "pid")), *service.command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(service.environment),
                cwd=self.folder,
                start_new_session=True,
                check=True,
            )
        return True

    def running(self, name: str) -> bool:
        """Whether the recorded process is alive."""
        return recorded_process(self._file(name, "pid")) is not None

    def names(self) -> tuple[str, ...]:
        """The services that were ever started, sorted."""
        return tuple(sorted(file.stem for file in self.folder.glob("*.command")))

    def stop(self, name: str) -> None:
        """End a service, by force when it does not end by itself."""
        end(recorded_process(self._file(name, "pid")))
        self._file(name, "pid").unlink(missing_ok=True)

    def forget(self, name: str) -> None:
        """End a service that nobody wants any more; what it printed stays."""
        self.stop(name)
        self._file(name, "command").unlink(missing_ok=True)

    def stop_all(self) -> None:
        """End all services."""
        for name in self.names():
            self.stop(name)

    def log(self, name: str) -> Path:
        """What a service printed."""
        return self._file(name, "log")

    def _file(self, name: str, suffix: str) -> Path:
        return self.folder / f"{name}.{suffix}"


def recorded_process(file: Path) -> psutil.Process | None:
    """The live process whose id a file holds; nothing when it ended, or the id is another process's by now."""
    try:
        written = file.stat().st_mtime
        process = psutil.Process(int(file.read_text(encoding="utf-8")))
        # An id that was given out again belongs to a process that is younger than the record.
        is_recorded = process.create_time() <= written + _CLOCK_TICK
    except (OSError, ValueError, psutil.Error):
        return None
    return process if is_recorded and _is_alive(process) else None


def end(process: psutil.Process | None) -> None:
    """Ask a process to end, and make it when it does not."""
    if process is None:
        return
    for ask in (process.terminate, process.kill):
        with contextlib.suppress(psutil.NoSuchProcess):
            ask()
        patience = time.monotonic() + _PATIENCE
        while _is_alive(process) and time.monotonic() < patience:
            time.sleep(_PAUSE)


def _is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one that ended may wait long for its parent to notice, above all in a container."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def last_line(log: Path) -> str:
    """The last thing that a process printed."""
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return said[-1] if said else "it printed nothing"
