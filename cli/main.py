"""Entry point of `homelab`: its commands, and what a mistake looks like."""

import sys
from typing import Final

import typer

from cli import sandbox
from cli.adopt import adopt
from cli.charts import charts
from cli.check import check
from cli.destroy import destroy
from cli.diff import diff
from cli.doctor import doctor
from cli.explain import explain
from cli.graph import graph
from cli.new import new
from cli.plan import plan
from cli.publish import publish
from cli.removal import DestroyError
from cli.render import render
from cli.rollout import RolloutError
from cli.secrets import secrets
from cli.status import status
from cli.terminal import show_problems
from cli.up import up
from gitops.errors import GitOpsError, StackNotFoundError

WRONG_USE: Final = 2
FINDINGS: Final = 1

app = typer.Typer(
    help="A Kubernetes platform in Flux layers, planned before it is applied.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (plan, check, explain, render, diff, graph, charts, secrets, new, publish, adopt, status, doctor):
    app.command()(command)
for command in (up, destroy):
    app.command(context_settings={"ignore_unknown_options": True})(command)
app.add_typer(sandbox.app, name="sandbox")


def main() -> None:
    """Run a command; a mistake that the user can fix ends without a traceback."""
    try:
        app()
    except GitOpsError as error:
        show_problems(error.problems, untouched=not isinstance(error, RolloutError | DestroyError))
        sys.exit(WRONG_USE if isinstance(error, StackNotFoundError) else FINDINGS)
