"""`homelab diff`: what differs between two platforms, by object and field."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NotRequired

import typer
from rich.text import Text
from typing_extensions import TypedDict

from addons.catalogue import platform, seed
from cli.options import DeliveryOption, ProfileOption, StackArgument
from cli.project import cluster_of
from cli.steps import show_steps
from cli.terminal import console, show_json
from gitops.attribution import Attribution, attribution, manifests
from gitops.cluster import Cluster
from gitops.comparison import MISSING, Change, FieldChange, compare
from gitops.profile import STRICT
from gitops.switching import held

_SIGNS: Final = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
_DIFFERENT: Final = 1


class Format(StrEnum):
    """Formats of a difference."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class FieldDifference(TypedDict):
    """One field; a side that lacks it is left out."""

    path: str
    before: NotRequired[Any]
    after: NotRequired[Any]
    policies: list[str]


class Difference(TypedDict):
    """One object that differs, with the policies that added or removed it."""

    object: str
    change: Literal["added", "removed", "changed"]
    policies: list[str]
    fields: list[FieldDifference]


class Differences(TypedDict):
    """All objects that differ."""

    changes: list[Difference]


def diff(
    stack: StackArgument,
    other: Annotated[str | None, typer.Argument(metavar="OTHER", help="Stack to compare with.")] = None,
    profile: ProfileOption = None,
    delivery: DeliveryOption = None,
    output: Annotated[Format, typer.Option("--output", "-o", help="Format of the report.")] = Format.TEXT,
) -> None:
    """Compare a stack with another, or with itself under another profile or delivery; status 1 when they differ.

    With --delivery it shows who owns each object before and after, and the steps that delete no workload.
    """
    if other is None and profile is None and delivery is None:
        raise typer.BadParameter("name another stack, or give --profile or --delivery")
    before, after = cluster_of(stack), cluster_of(other or stack, profile=profile, delivery=delivery)
    sides = platform(before), platform(after)
    changes = compare(*map(held if delivery else manifests, sides))
    causes = Attribution(()) if other or delivery else _causes(before, after)
    {Format.TEXT: _show_text, Format.MARKDOWN: _show_markdown, Format.JSON: _show_json}[output](changes, causes)
    if delivery and not other and output is Format.TEXT:
        show_steps(*sides)
    if changes:
        raise typer.Exit(_DIFFERENT)


def _causes(before: Cluster, after: Cluster) -> Attribution:
    """Whichever side has policies explains the difference."""
    return Attribution(tuple(item for side in (before, after) for item in attribution(seed(side)).touched))


def _show_text(changes: Iterable[Change], causes: Attribution) -> None:
    out = console()
    for change in changes:
        sign, style = _SIGNS[change.kind]
        out.print(Text.assemble((f"{sign} {change.key}", style), (_names(causes.of_object(change.key)), "dim")))
        for field in change.fields:
            names = _names(causes.of_field(change.key, field.path))
            out.print(
                Text.assemble(f"    {field.path}: {_shown(field.before)} → {_shown(field.after)}", (names, "dim"))
            )
    out.print(_summary(changes))
    for policy in STRICT:
        if count := _touched(changes, causes, policy.name):
            out.print(Text.assemble(f"{policy.name:<20}{count:>4}  ", (policy.reason, "dim")))


def _touched(changes: Iterable[Change], causes: Attribution, policy: str) -> int:
    """How many of the objects a policy had a part in."""
    return sum(
        policy in causes.of_object(change.key)
        or any(policy in causes.of_field(change.key, field.path) for field in change.fields)
        for change in changes
    )


def _show_markdown(changes: Iterable[Change], causes: Attribution) -> None:
    lines = ["| | object | field | before | after | policy |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(cells)} |" for change in changes for cells in _rows(change, causes)]
    out = console()
    out.print(Text("\n".join([*lines, "", _summary(changes)])))


def _rows(change: Change, causes: Attribution) -> Iterator[tuple[str, ...]]:
    key = str(change.key)
    if change.kind != "changed":
        yield change.kind, key, "", "", "", ", ".join(causes.of_object(change.key))
    for field in change.fields:
        sides = (_cell(field.before), _cell(field.after))
        yield change.kind, key, f"`{field.path}`", *sides, ", ".join(causes.of_field(change.key, field.path))


def _show_json(changes: Iterable[Change], causes: Attribution) -> None:
    show_json(Differences(changes=[_difference(change, causes) for change in changes]))


def _difference(change: Change, causes: Attribution) -> Difference:
    return {
        "object": str(change.key),
        "change": change.kind,
        "policies": list(causes.of_object(change.key)),
        "fields": [_field(change, field, causes) for field in change.fields],
    }


def _field(change: Change, field: FieldChange, causes: Attribution) -> FieldDifference:
    shown: FieldDifference = {"path": field.path, "policies": list(causes.of_field(change.key, field.path))}
    if field.before is not MISSING:
        shown["before"] = field.before
    if field.after is not MISSING:
        shown["after"] = field.after
    return shown


def _summary(changes: Iterable[Change]) -> str:
    counts = Counter(change.kind for change in changes)
    if not counts:
        return "No difference."
    return ", ".join(f"{counts[kind]} {kind}" for kind in ("added", "removed", "changed"))


def _names(policies: Iterable[str]) -> str:
    joined = ", ".join(policies)
    return f"  [{joined}]" if joined else ""


def _shown(value: Any) -> str:
    return "(none)" if value is MISSING else json.dumps(value, ensure_ascii=False)


def _cell(value: Any) -> str:
    return "" if value is MISSING else f"`{_shown(value).replace('|', chr(92) + '|')}`"
