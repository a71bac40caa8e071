"""Guards without which nothing is different, and why each is there."""

from collections.abc import Mapping
from typing import Final

from tests.guards.guard import Guard

_NARROWING = "only a type checker needs it"
_SHORTCUT = "saves time"

EQUIVALENT: Final[Mapping[str, Mapping[str, str]]] = {}
"""By file and change."""


def is_equivalent(guard: Guard) -> bool:
    """Whether a guard is known to change nothing."""
    return guard.change in EQUIVALENT.get(str(guard.path), {})
