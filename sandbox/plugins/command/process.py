"""One run of a command, its output read line by line while it runs."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final

from sandbox.plugins.errors import ResourceError

_SHELL: Final = ("/bin/sh", "-c")
_LOGGED: Final[Mapping[str, frozenset[str]]] = {
    "stdout": frozenset({"stdout"}),
    "stderr": frozenset({"stderr"}),
    "stdoutAndStderr": frozenset({"stdout", "stderr"}),
    "none": frozenset(),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """What a command wrote, each without its last line break."""

    stdout: str
    stderr: str


@dataclass(slots=True)
class Processes:
    """The processes that run, so that they can be ended together."""

    _running: set[subprocess.Popen[str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self, command: str, inputs: Mapping[str, Any], previous: Output | None, log: Callable[[str], None]
    ) -> Output:
        """Run a command as its resource's inputs say; each line goes to `log` as it comes, where it is to be logged.

        Raises:
            ResourceError: It cannot be started, or ends with another status than 0.
        """
        arguments = [*(inputs.get("interpreter") or _SHELL), command]
        try:
            process = subprocess.Popen(  # noqa: S603 — Running what the program says is what it is for.
                arguments,
                cwd=inputs.get("dir"),
                env=_environment(inputs, previous),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise ResourceError(f"{error}: running {json.dumps(command)}") from None
        with self._lock:
            self._running.add(process)
        try:
            return _finished(process, command, inputs, log)
        finally:
            with self._lock:
                self._running.discard(process)

    def end(self) -> None:
        """Kill everything that runs."""
        with self._lock:
            for process in self._running:
                process.kill()


def _environment(inputs: Mapping[str, Any], previous: Output | None) -> dict[str, str]:
    environment = os.environ | (inputs.get("environment") or {})
    if previous and inputs.get("addPreviousOutputInEnv", True):
        found = {"PULUMI_COMMAND_STDOUT": previous.stdout, "PULUMI_COMMAND_STDERR": previous.stderr}
        environment |= {key: value for key, value in found.items() if value}
    return dict(environment)


def _finished(
    process: subprocess.Popen[str], command: str, inputs: Mapping[str, Any], log: Callable[[str], None]
) -> Output:
    logged = _LOGGED[inputs.get("logging") or "stdoutAndStderr"]
    together: list[str] = []
    stdout, stderr = _Reader("stdout", process.stdout, together), _Reader("stderr", process.stderr, together)
    for reader in (stdout, stderr):
        reader.start(log if reader.name in logged else None)
    _feed(process, inputs.get("stdin") or "")
    for reader in (stdout, stderr):
        reader.join()
    status = process.wait()
    if status:
        # A negative status is the signal that ended it.
        how = f"exit status {status}" if status > 0 else f"signal {-status}"
        raise ResourceError(f"{how}: running {json.dumps(command)}:\n{''.join(together)}")
    return Output(stdout=stdout.text(), stderr=stderr.text())


def _feed(process: subprocess.Popen[str], text: str) -> None:
    if process.stdin is None:
        return
    try:
        with process.stdin as stream:
            stream.write(text)
    except BrokenPipeError:
        # The command ended without reading it all, which is its right.
        return


class _Reader:
    """Reads one stream to its end in a thread of its own, so that neither fills up."""

    def __init__(self, name: str, stream: IO[str] | None, together: list[str]) -> None:
        self.name = name
        self._stream = stream
        self._lines: list[str] = []
        self._together = together
        self._thread: threading.Thread

    def start(self, log: Callable[[str], None] | None) -> None:
        self._thread = threading.Thread(target=self._read, args=(log,), daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def text(self) -> str:
        return "".join(self._lines).removesuffix("\n")

    def _read(self, log: Callable[[str], None] | None) -> None:
        for line in self._stream or ():
            self._lines.append(line)
            self._together.append(line)
            if log:
                log(line.rstrip("\n"))
        if self._stream:
            self._stream.close()
