"""`homelab secrets`: every Secret that a platform needs, who makes it, and when it is there."""

from collections.abc import Iterable
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from addons.catalogue import checked
from cli.options import Output, OutputOption, ProfileOption, StackArgument
from cli.project import cluster_of
from cli.terminal import console, show_json
from gitops.checks import PREREQUISITES
from gitops.errors import PlatformError
from gitops.secrets.plan import ItemPlan, SecretPlan, SecretsPlan, secrets_plan

# What must hold for bundles to have an order at all.
_STRUCTURAL = frozenset(rule.id for rule in PREREQUISITES)


def secrets(stack: StackArgument, profile: ProfileOption = None, output: OutputOption = Output.TEXT) -> None:
    """List every Secret that is needed: who makes it, who needs it, and in which order; values are never read."""
    platform, found = checked(cluster_of(stack, profile=profile))
    if any(problem.rule in _STRUCTURAL for problem in found.errors):
        raise PlatformError(found.errors)
    planned = secrets_plan(platform)
    if output is Output.JSON:
        show_json(asdict(planned))
    else:
        _show(planned)
    # After the inventory, because it is what a missing Secret is looked for in.
    if found.errors:
        raise PlatformError(found.errors)


def _show(planned: SecretsPlan) -> None:
    out = console()
    out.print(_table(planned.secrets))
    for item in planned.items:
        out.print(_item(item))
    out.print(_summary(planned))


def _table(entries: Iterable[SecretPlan]) -> Table:
    table = Table("STEP", "OBJECT", "KEYS", "MADE BY", "NEEDED BY", box=None, pad_edge=False)
    for entry in entries:
        table.add_row(
            Text(str(entry.step), style="yellow"),
            f"{entry.kind} {entry.namespace}/{entry.name}",
            ", ".join(entry.keys),
            Text(_maker(entry), style="magenta" if entry.step == 0 else "green"),
            "\n".join(dict.fromkeys(need.object for need in entry.needed_by)),
        )
    return table


def _maker(entry: SecretPlan) -> str:
    reason = entry.made_by or entry.purpose
    return f"{entry.creator}, for {reason}" if reason else entry.creator or "nothing"


def _item(item: ItemPlan) -> Text:
    fields = f" ({', '.join(item.fields)})" if item.fields else ""
    vaults = " or ".join(item.vaults)
    place = f"vault {vaults}" if vaults else f"store {item.store}"
    return Text.assemble(("item ", "magenta"), f"{item.item}{fields} in {place}, for {item.external_secret}")


def _summary(planned: SecretsPlan) -> Text:
    before = sum(entry.creator == "bootstrap" for entry in planned.secrets)
    items = f", {len(planned.items)} in the vault" if planned.items else ""
    total = len(planned.secrets)
    return Text(f"{total} objects are needed: {before} before Flux{items}. No values are read here.", style="bold")
