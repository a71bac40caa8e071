"""`homelab adopt`: a cluster that an old sync reconciles becomes the stack's, and nothing in it is deleted."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final

import typer

from addons.catalogue import platform
from cli.consent import agreed
from cli.live import look, look_at_flux
from cli.options import StackArgument
from cli.rollout import RolloutError
from cli.target import Target, target_of
from cli.terminal import console
from cli.up import apply, publish_and_pin
from cluster.client import Client, ObjectReference, Write
from cluster.errors import ApiError
from gitops.adoption import Adoption, Step, adoption, disturbed
from gitops.adoption.actions import MANAGER, Action, Change, Delete, Register, Release, Settle, Take
from gitops.adoption.live import head
from gitops.adoption.situation import is_settled
from gitops.cluster import Cluster
from gitops.errors import GitOpsError, Problem
from gitops.objects import Manifest, object_key

_PATIENCE: Final = 300.0
_PAUSE: Final = 0.5
_NOT_FOUND: Final = 404


def adopt(
    stack: StackArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the steps, and change nothing.")] = False,
) -> None:
    """Make a cluster that an old sync reconciles the stack's own, step by step; nothing that it runs is deleted."""
    target = target_of(stack)
    client = target.client()
    planned = _planned(target.cluster, client)
    _rehearse(client, planned)
    _show(stack, planned)
    if dry_run or not planned.steps:
        return
    agreed(("--yes",) if yes else (), "Perform these steps?")
    target.prepare()
    cluster = publish_and_pin(target)
    _perform(target, client, cluster, _planned(cluster, client))
    _show_unowned(planned)


def _planned(cluster: Cluster, client: Client) -> Adoption:
    planned = adoption(platform(cluster), look(client, platform(cluster)))
    if planned.problems:
        raise GitOpsError(planned.problems)
    return planned


def _rehearse(client: Client, planned: Adoption) -> None:
    """Ask the API server about everything that is to be taken, before anything is stopped for it."""
    problems: list[Problem] = []
    for action in (action for step in planned.steps for action in step.actions if isinstance(action, Take)):
        try:
            client.apply(action.object, Write(field_manager=MANAGER, force=True, dry_run=True))
        except ApiError as error:
            problems += error.problems
    if problems:
        raise GitOpsError(problems)


def _show(stack: str, planned: Adoption) -> None:
    out = console()
    if not planned.steps:
        out.print(f"Nothing is left to adopt: homelab up {stack} does the rest.", markup=False)
    for number, step in enumerate(planned.steps, 1):
        out.print(f"{number}. {step.title}", *(f"   {action.text}" for action in step.actions), sep="\n", markup=False)
    _show_unowned(planned)


def _show_unowned(planned: Adoption) -> None:
    if planned.unowned:
        lines = (f"   {key}" for key in planned.unowned)
        console().print("Stays, and nobody reconciles it any more:", *lines, sep="\n", markup=False)


def _perform(target: Target, client: Client, cluster: Cluster, planned: Adoption) -> None:
    for number, step in enumerate(planned.steps, 1):
        console().print(f"Step {number} of {len(planned.steps)}: {step.title}", markup=False)
        try:
            _do_all(target, client, cluster, step)
            _refuse_disturbed(client, planned)
        except GitOpsError as error:
            # Something is done by now, and the next run goes on after it.
            raise RolloutError(error.problems) from None


def _do_all(target: Target, client: Client, cluster: Cluster, step: Step) -> None:
    for action in step.actions:
        console().print(f"   {action.text}", markup=False)
        _do(target, client, cluster, action)


def _refuse_disturbed(client: Client, planned: Adoption) -> None:
    if problems := tuple(disturbed(planned, look_at_flux(client))):
        raise GitOpsError(problems)


def _do(target: Target, client: Client, cluster: Cluster, action: Action) -> None:
    match action:
        case Change():
            _patch(client, action)
        case Settle():
            _until(lambda: _settled(client, action.object), action.object, "it goes on with what it was doing")
        case Take():
            client.apply(action.object, Write(field_manager=MANAGER, force=True))
            for other in action.others:
                _relinquish(client, action.object, other)
        case Release():
            _relinquish(client, action.object, MANAGER)
        case Delete():
            client.delete(ObjectReference.of(action.object))
            _until(lambda: _found(client, action.object) is None, action.object, "it is still there")
        case Register():
            environment = {**target.environment, **action.environment}
            apply(replace(target, environment=environment), client, cluster, ("--yes",))


def _patch(client: Client, action: Change) -> None:
    try:
        client.merge_patch(ObjectReference.of(action.object), action.patch, Write(field_manager=MANAGER))
    except ApiError as error:
        if error.status.code != _NOT_FOUND:
            raise


def _relinquish(client: Client, manifest: Manifest, manager: str) -> None:
    """Apply nothing in a manager's name: what only that one applied goes, what others apply too stays."""
    client.apply(head(manifest), Write(field_manager=manager))


def _found(client: Client, manifest: Manifest) -> Manifest | None:
    return client.get(ObjectReference.of(manifest))


def _settled(client: Client, manifest: Manifest) -> bool:
    found = _found(client, manifest)
    return found is None or is_settled(found)


def _until(condition: Callable[[], bool], manifest: Manifest, what: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            where, fix = str(object_key(manifest)), "see what its controller says, then run homelab adopt again"
            raise RolloutError([Problem(rule="adopt/time", where=where, what=what, fix=fix)])
        time.sleep(_PAUSE)
