"""`homelab new`: a commented stack file from three questions."""

import sys
from typing import Annotated

import typer

from cli.project import folder, stack_file, stacks
from cli.terminal import console
from gitops.config import new_stack
from gitops.errors import ConfigError, Problem


def new(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="Name of the stack and of its cluster.")],
    domain: Annotated[str | None, typer.Option(help="DNS zone of the cluster, like k8s.example.org.")] = None,
    pool: Annotated[
        str | None, typer.Option(help="Addresses for LoadBalancer Services, like 192.168.1.65-192.168.1.126.")
    ] = None,
    git_url: Annotated[str | None, typer.Option(help="Repository that the tree is published to.")] = None,
    mgmt_domain: Annotated[
        str | None, typer.Option(help="Domain of the cluster that manages this one; itself when not given.")
    ] = None,
) -> None:
    """Write Pulumi.STACK.yaml; asks for what no option gives, on a terminal."""
    folder()
    file = stack_file(stack)
    if stack in stacks():
        problem = Problem(
            rule="new/exists", where=file.name, what="the stack exists already", fix="choose another name"
        )
        raise ConfigError([problem])
    text = new_stack(
        stack,
        domain=domain or _ask("domain", "DNS zone of the cluster (like k8s.example.org)"),
        pool=pool or _ask("pool", "Addresses for LoadBalancer Services (like 192.168.1.65-192.168.1.126)"),
        mgmt_domain=mgmt_domain,
        git_url=git_url or _ask("git-url", "Repository to publish to (like ssh://git@github.com/you/homelab)"),
    )
    file.write_text(text, encoding="utf-8")
    console().print(f"{file.name} written; next: homelab plan {stack}", markup=False)


def _ask(option: str, question: str) -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("needed where nobody can be asked", param_hint=f"--{option}")
    answer: str = typer.prompt(question)
    return answer
