"""`homelab explain`: what a rule is for."""

from difflib import get_close_matches
from typing import Annotated

import typer

from cli.terminal import console
from gitops.checks import ALL_RULES
from gitops.checks.page import meaning


def explain(rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of the rule, like variables/used.")]) -> None:
    """Say what goes wrong in a cluster without a rule."""
    rules = {item.id: item for item in ALL_RULES}
    if rule not in rules:
        names = {item.partition("/")[2]: item for item in rules}
        close = get_close_matches(rule, rules, n=3) or [names[name] for name in get_close_matches(rule, names, n=3)]
        hint = f"did you mean {' or '.join(close)}?" if close else "docs/checks.md lists all rules"
        raise typer.BadParameter(f"there is no rule {rule!r}; {hint}", param_hint="RULE")
    found = rules[rule]
    console().print(found.id, f"  {meaning(found)}", "", found.text, sep="\n", markup=False)
