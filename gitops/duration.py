"""Kubernetes durations, as Flux's fields spell them."""

import re
from dataclasses import dataclass
from typing import Self

from typing_extensions import override

_TEXT = re.compile(r"(\d+)(ms|s|m|h)")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


@dataclass(frozen=True, order=True, slots=True)
class Duration:
    """A length of time that prints as Flux's CRDs want it, like `1h` or `1m30s`."""

    milliseconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read text like `1h30m`; ValueError when it is no duration."""
        parts = _TEXT.findall(text)
        if not parts or "".join(number + unit for number, unit in parts) != text:
            raise ValueError(f"{text!r} is not a duration like 1h, 5m or 30s")
        return cls(sum(int(number) * _MILLISECONDS[unit] for number, unit in parts))

    @classmethod
    def hours(cls, count: int) -> Self:
        """`count` hours."""
        return cls(count * _MILLISECONDS["h"])

    @classmethod
    def minutes(cls, count: int) -> Self:
        """`count` minutes."""
        return cls(count * _MILLISECONDS["m"])

    @classmethod
    def seconds(cls, count: int) -> Self:
        """`count` seconds."""
        return cls(count * _MILLISECONDS["s"])

    @property
    def total_seconds(self) -> float:
        """The length in seconds."""
        return self.milliseconds / _MILLISECONDS["s"]

    def __add__(self, other: "Duration") -> "Duration":
        return Duration(self.milliseconds + other.milliseconds)

    @override
    def __str__(self) -> str:
        text, rest = "", self.milliseconds
        for unit, length in _MILLISECONDS.items():
            count, rest = divmod(rest, length)
            text += f"{count}{unit}" if count else ""
        return text or "0s"
