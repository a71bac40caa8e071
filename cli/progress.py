"""How far Flux or a way down is, beside Pulumi's own lines: a table that moves on a terminal, else a line a change."""

from typing import Final, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.terminal import console
from gitops.rollout import BundleState, Phase

_STYLES: Final = {Phase.READY: "green", Phase.FAILING: "bold red", Phase.RECONCILING: "yellow"}
_DETAIL: Final = 100


class _Lines:
    """One line a bundle; what is printed meanwhile scrolls above them."""

    def __init__(self, start: float) -> None:
        self._console: Console = console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._start = start

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, line: str) -> None:
        """A line of somebody else's, colours and all."""
        self._console.print(Text.from_ansi(line))


class FluxProgress(_Lines):
    """How far Flux is, bundle by bundle."""

    def __init__(self, start: float) -> None:
        super().__init__(start)
        self._since: dict[str, tuple[Phase, float]] = {}

    def show(self, states: tuple[BundleState, ...], now: float) -> None:
        """The bundles as they are at this second of the clock that `start` was read from."""
        changed = [state for state in states if self._since.get(state.bundle, (None,))[0] is not state.phase]
        self._since |= {state.bundle: (state.phase, now) for state in changed}
        if self._console.is_terminal:
            self._live.update(self._table(states), refresh=True)
            return
        for state in changed:
            if state.phase is not Phase.ABSENT:
                self._console.print(f"flux  {state.bundle}  {self._shown(state)}", markup=False)

    def _table(self, states: tuple[BundleState, ...]) -> Table:
        table = Table.grid(padding=(0, 2))
        for state in states:
            table.add_row(state.bundle, Text(self._shown(state), style=_STYLES.get(state.phase, "dim")))
        return table

    def _shown(self, state: BundleState) -> str:
        if state.phase is Phase.READY:
            return f"Ready in {self._since[state.bundle][1] - self._start:.0f} s"
        detail = " ".join(state.detail.split())[:_DETAIL]
        return f"{state.phase}{f': {detail}' if detail and state.phase is not Phase.ABSENT else ''}"


class DeletionProgress(_Lines):
    """How far the way down is, step by step."""

    def __init__(self, start: float) -> None:
        super().__init__(start)
        self._states: dict[str, Text] = {}

    def waits(self, step: str, detail: str) -> None:
        """A step that is not done yet; each detail is told once."""
        self._show(step, Text(f"waiting: {' '.join(detail.split())[:_DETAIL]}", style="yellow"))

    def ends(self, step: str, now: float) -> None:
        """A step that is done at this second of the clock that `start` was read from."""
        self._show(step, Text(f"gone after {now - self._start:.0f} s", style="green"))

    def _show(self, step: str, state: Text) -> None:
        if self._states.get(step) == state:
            return
        self._states[step] = state
        if not self._console.is_terminal:
            self._console.print(f"delete  {step}  {state.plain}", markup=False)
            return
        table = Table.grid(padding=(0, 2))
        for name, text in self._states.items():
            table.add_row(name, text)
        self._live.update(table, refresh=True)
