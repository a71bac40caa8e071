"""The user's agreement to what a command is about to do."""

import sys
from collections.abc import Callable
from typing import Final

import typer

_YES: Final = frozenset({"--yes", "-y"})


def agreed(flags: tuple[str, ...], question: str, *, before: Callable[[], None] = lambda: None) -> tuple[str, ...]:
    """Pulumi's flags, once the user has agreed: there, or after `before` to the question; Pulumi asks nothing then."""
    if not _YES.isdisjoint(flags):
        return flags
    if not sys.stdin.isatty():
        raise typer.BadParameter("needed where nobody can be asked", param_hint="--yes")
    before()
    typer.confirm(question, abort=True)
    return ("--yes", "--skip-preview", *flags)
