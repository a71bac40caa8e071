"""How far the builds of the sandbox's programs are: a live line on a terminal, one line a build in a pipe."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cli.terminal import console
from sandbox.programs import Program
from sandbox.toolchain import make_available

_MINUTE = 60


def programs() -> Mapping[str, Path]:
    """The paths of all programs of the sandbox, built where they are not there yet."""
    with BuildProgress() as progress:
        return make_available(progress)


class BuildProgress:
    """Shows builds while they run; shows nothing where nothing is built."""

    def __init__(self) -> None:
        self._console = console(stderr=True)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
        )
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._progress.stop()

    def started(self, program: Program, number: int, count: int, left: float) -> None:
        """Show what is being built, and about how long all of it will take yet."""
        text = f"building {program.name}, {number} of {count}"
        expected = f"about {_shown(left)} left"
        if self._console.is_terminal:
            self._task = self._progress.add_task(text, left=expected, total=None)
        else:
            self._console.print(f"{text}, {expected}", markup=False)

    def finished(self, program: Program, seconds: float) -> None:
        """Leave a line that says what was built, and how long it took."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._console.print(f"built {program.name} in {_shown(seconds)}", markup=False)

    def waiting(self) -> None:
        """Say why nothing happens."""
        self._console.print("another homelab builds the programs; waiting until it is done")


def _shown(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 2 * _MINUTE else f"{seconds / _MINUTE:.0f} min"
