"""Waiting for an object, until the time is up or the user gives up."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from sandbox.plugins.errors import ResourceError

_INTERVAL: Final = 0.25


class WaitError(ResourceError):
    """The wait ended before what it was for; `reasons` say what was missing."""

    def __init__(self, message: str, reasons: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """How the plugin waits: every wait ends at once when it is cancelled."""

    interval: float = _INTERVAL
    clock: Callable[[], float] = time.monotonic
    cancelled: threading.Event = field(default_factory=threading.Event)

    def until(self, satisfied: Callable[[], bool], seconds: float) -> bool:
        """Ask again and again; False when the time is up.

        Raises:
            WaitError: The user gave up.
        """
        deadline = self.clock() + seconds
        while not satisfied():
            if self.clock() >= deadline:
                return False
            self.pause(self.interval)
        return True

    def pause(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            WaitError: The user gave up.
        """
        if self.cancelled.wait(seconds):
            raise WaitError("resource operation was cancelled")
