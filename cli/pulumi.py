"""The user's own Pulumi, or in a sandbox the sandbox's: commands on one stack."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Any, Final, Self

from cli.quiet import run
from gitops.errors import GitOpsError, Problem

_PIN: Final = "homelab:git.commit"
_PATIENCE: Final = 30.0
_NO_STACK: Final = "no stack named"


class PulumiError(GitOpsError):
    """Pulumi cannot be run."""


@dataclass(frozen=True, slots=True)
class Pulumi:
    """Pulumi for one stack, in the folder and environment where it finds it."""

    stack: str
    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> int:
        """Run a command on the user's terminal; its exit status."""
        return subprocess.run(self._command(arguments), cwd=self.folder, env=self.environment, check=False).returncode  # noqa: S603 — the user's own Pulumi

    def select(self) -> None:
        """Make the stack where there is none yet."""
        self._quietly("stack", "select", "--create")

    def pin(self, commit: str) -> None:
        """Write the commit into the stack's file; Pulumi's own editor keeps the comments there."""
        self._quietly("config", "set", "--path", _PIN, commit)

    def config(self) -> dict[str, str]:
        """The stack's config with its secrets in clear, from its file and from Pulumi's environments; for no output."""
        settings = json.loads(self._quietly("config", "--show-secrets", "--json", "--non-interactive"))
        return {key: item["value"] for key, item in settings.items() if "value" in item}

    def state(self) -> dict[str, Any]:
        """The stack's state, its secrets encrypted; an empty one where there is no stack yet."""
        try:
            state: dict[str, Any] = json.loads(self._quietly("stack", "export"))
        except PulumiError as error:
            if _NO_STACK not in str(error):
                raise
            return {"deployment": {}}
        return state

    def _quietly(self, *arguments: str) -> str:
        said = run(self._command(arguments), self.environment, self.folder)
        if said.failure is not None:
            what = f"pulumi {' '.join(arguments[:2])} failed: {said.failure}"
            raise PulumiError([Problem(rule="pulumi/run", where=self.stack, what=what, fix="run it by hand and see")])
        return said.output

    def start(self, show: Callable[[str], None], *arguments: str) -> "Run":
        """Start a command whose lines go to `show`."""
        child = subprocess.Popen(  # noqa: S603 — the user's own Pulumi
            self._command(arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A terminal's Ctrl-C is for this program, which passes it on; a second one would make Pulumi forget.
            process_group=0,
        )
        reader = Thread(target=_read, args=(child.stdout, show), daemon=True)
        run = Run(child, reader)
        try:
            reader.start()
        except BaseException:
            run.cancel()
            raise
        return run

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        command = shutil.which("pulumi", path=self.environment.get("PATH"))
        if command is None:
            problem = Problem(
                rule="pulumi/installed",
                where="pulumi",
                what="Pulumi is not installed",
                fix="install it (https://www.pulumi.com/docs/install), and log in to where the stacks' state is",
            )
            raise PulumiError([problem])
        return [command, *arguments, "--stack", self.stack]


@dataclass(frozen=True, slots=True)
class Run:
    """A command that runs; left by an error, it is cancelled, so that none goes on unseen."""

    child: subprocess.Popen[str]
    reader: Thread

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.cancel()

    @property
    def status(self) -> int | None:
        """Its exit status; nothing while it runs."""
        return self.child.poll()

    def cancel(self) -> None:
        """Let it write down what it did, and end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if self.child.poll() is not None:
                break
            self.child.send_signal(number)
            try:
                self.child.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                continue
        self._read_on()

    def finish(self) -> int:
        """Wait for its end; its exit status."""
        status = self.child.wait()
        self._read_on()
        return status

    def _read_on(self) -> None:
        # A child of its own that outlives it may hold its output open for as long as that one lives.
        if self.reader.is_alive():
            self.reader.join(_PATIENCE)


def _read(output: IO[str], show: Callable[[str], None]) -> None:
    with output:
        for line in output:
            show(line.rstrip("\n"))
