"""The end of a platform, as a numbered list."""

from collections.abc import Iterable, Iterator

from cli.terminal import console
from gitops.teardown import TeardownStep


def show_teardown(steps: Iterable[TeardownStep]) -> None:
    """What is deleted in order, each after the one before is gone, and what stays."""
    shown = tuple(steps)
    out = console()
    out.print("To take it down, delete bundle by bundle:", *_deleted(shown), sep="\n", markup=False)
    kept = [step for step in shown if step.kept_for]
    if kept:
        out.print("These stay, as they hold data or the network, or as what does needs them:", markup=False)
        out.print(*(_kept(step) for step in kept), sep="\n", markup=False)


def _deleted(steps: Iterable[TeardownStep]) -> Iterator[str]:
    gone = (step for step in steps if not step.kept_for)
    return (f"{number:>2} {step.bundle}  {', '.join(step.objects)}" for number, step in enumerate(gone, 1))


def _kept(step: TeardownStep) -> str:
    reason = "" if step.bundle in step.kept_for else f"  for {', '.join(step.kept_for)}"
    return f"   {step.bundle}{reason}"
