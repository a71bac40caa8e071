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

    def __add__(self, other: "Duration") -> "Duration":
        return Duration(self.milliseconds + other.milliseconds)

    @override
    def __str__(self) -> str:
        return self._spell("hms")

    def without_hours(self) -> str:
        """The same length for fields whose CRD pattern knows no `h`: the sources' `timeout`."""
        return self._spell("ms")

    def _spell(self, units: str) -> str:
        text, rest = "", self.milliseconds
        for unit in (*units, "ms"):
            count, rest = divmod(rest, _MILLISECONDS[unit])
            text += f"{count}{unit}" if count else ""
        return text or "0s"
