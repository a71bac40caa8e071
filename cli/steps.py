"""The steps from one delivery to another, as a numbered list."""

from cli.terminal import console
from gitops.platform import Platform
from gitops.switching import steps


def show_steps(before: Platform, after: Platform) -> None:
    """What to do in order, where the two are delivered differently."""
    listed = [f"{number}. {text}" for number, text in enumerate(steps(before, after), 1)]
    if listed:
        old, new = before.cluster.delivery, after.cluster.delivery
        console().print(f"From {old} to {new}, without deleting a workload:", *listed, sep="\n", markup=False)
