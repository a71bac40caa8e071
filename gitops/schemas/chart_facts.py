"""The keys of the charts' values, as recorded with each chart's version."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

_FACTS: Final = files("gitops.schemas") / "charts"
# Helm hands both to every chart.
_HELM: Final = frozenset({"global", "tags"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartFacts:
    """What is known of a chart's values.

    Attributes:
        version: The version of the chart that they are of.
        evidence: Where they are from.
        complete: Whether there are no other keys at the top.
        values: The keys, and theirs; a key with nothing below it takes anything.
    """

    version: str
    evidence: str
    complete: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownKey:
    """A key that a chart is not known to have.

    Attributes:
        path: From the top of the values.
        known: The keys that it has there.
    """

    path: tuple[str, ...]
    known: tuple[str, ...]


@cache
def chart_facts(chart: str) -> ChartFacts | None:
    """The facts of a chart by its name; nothing where there are none."""
    file = _FACTS / f"{chart}.json"
    return ChartFacts(**json.loads(file.read_text("utf-8"))) if file.is_file() else None


def unknown_keys(values: Mapping[str, Any], facts: ChartFacts) -> Iterator[UnknownKey]:
    """The keys of a release's values that its chart is not known to have."""
    return _unknown({name: value for name, value in values.items() if name not in _HELM}, facts.values, ())


def _unknown(values: Mapping[str, Any], known: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[UnknownKey]:
    for name, value in values.items():
        if name not in known:
            yield UnknownKey(path=(*path, name), known=tuple(known))
        elif known[name] and isinstance(value, Mapping):
            yield from _unknown(value, known[name], (*path, name))
