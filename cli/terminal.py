"""Where text goes: colours and width on a terminal, plain and unwrapped in a pipe."""

import json
import sys
from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from gitops.errors import Problem

_UNWRAPPED: Final = 10_000


def console(*, stderr: bool = False) -> Console:
    """A console that adapts; `NO_COLOR` and `FORCE_COLOR` are honoured by Rich."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _UNWRAPPED
    return Console(file=stream, width=width, highlight=False, soft_wrap=not stream.isatty())


def show_json(value: Any) -> None:
    """JSON on standard output, keys as they are."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def show_problems(problems: Iterable[Problem], *, untouched: bool = True) -> None:
    """Findings on standard error, one paragraph each, and their count; whether that is all that happened."""
    out, shown = console(stderr=True), tuple(problems)
    for problem in shown:
        head = Text.assemble((f"{problem.severity}", "bold red"), f": {problem.where}")
        out.print(head, Text(f"  {problem.what}"), Text(f"  fix: {problem.fix}", style="green"), sep="\n")
        out.print(Text(f"  rule: {problem.rule}", style="dim"))
    count = f"{len(shown)} problem{'s' if len(shown) != 1 else ''}"
    out.print(Text(f"{count}; nothing was written" if untouched else count, style="bold"))
