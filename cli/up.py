"""`homelab up`: publish, run Pulumi, and tell the truth about what Flux does meanwhile."""

import time
from typing import Annotated

import typer

from addons.catalogue import platform
from cli.artifact import refuse_missing
from cli.consent import agreed
from cli.existing import refuse_unfit
from cli.options import StackArgument
from cli.progress import FluxProgress
from cli.publish import published
from cli.pulumi import Pulumi, Run
from cli.removal import resume
from cli.rollout import failed, observed, show_rollout, unfinished
from cli.status import show_website
from cli.target import Target, target_of
from cli.terminal import console
from cluster.client import Client
from gitops.cluster import Cluster
from gitops.rollout import Failure, Rollout


def up(
    stack: StackArgument,
    flags: Annotated[list[str] | None, typer.Argument(metavar="[PULUMI FLAG]...", help="Passed to pulumi up.")] = None,
) -> None:
    """Publish the tree, run `pulumi up` with the commit pinned, and end when Flux has reconciled it."""
    target = target_of(stack)
    client = target.client()
    refuse_unfit(client, platform(target.cluster), target.pulumi)
    target.prepare()
    cluster = publish_and_pin(target)
    given = tuple(flags or ())
    # Pulumi's own question would have no room beside Flux's lines.
    arguments = agreed(given, "Perform this update?", before=lambda: _preview(target.pulumi, given))
    apply(target, client, cluster, arguments)


def apply(target: Target, client: Client, cluster: Cluster, arguments: tuple[str, ...]) -> None:
    """Run `pulumi up` and follow Flux until every bundle is Ready; RolloutError with the first failure that lasts."""
    rollout = Rollout(platform(cluster))
    resume(client)
    with FluxProgress(time.monotonic()) as progress, target.pulumi.start(progress.say, "up", *arguments) as run:
        failure = _follow(client, rollout, run, progress)
        status = run.finish()
    if failure is not None:
        raise failed(failure)
    if status:
        raise typer.Exit(status)
    show_rollout(rollout)
    show_website(client, rollout.platform)


def publish_and_pin(target: Target) -> Cluster:
    """The cluster, pinned to what was published; so is the stack."""
    if target.cluster.delivery != "git":
        refuse_missing(platform(target.cluster), target.environment)
        return target.cluster
    done = published(target.stack, platform(target.cluster), target.environment)
    console().print(str(done), markup=False)
    if target.cluster.git and target.cluster.git.commit != done.commit:
        target.pulumi.pin(done.commit)
    return target.cluster.pinned(done.commit)


def _preview(pulumi: Pulumi, flags: tuple[str, ...]) -> None:
    if status := pulumi.run("preview", *flags):
        raise typer.Exit(status)


def _follow(client: Client, rollout: Rollout, run: Run, progress: FluxProgress) -> Failure | None:
    """Until Pulumi has failed, or ended with every bundle Ready; a failure of Flux ends Pulumi first."""
    applied: float | None = None
    patience = max(layer.reconciliation.timeout for layer in rollout.platform.layers).total_seconds
    for now in observed(client, rollout):
        progress.show(rollout.states(), now)
        if (failure := rollout.failure()) is not None:
            run.cancel()
            return failure
        applied = applied or (now if run.status is not None else None)
        if run.status or (applied and rollout.done):
            return None
        if applied and now - applied > patience:
            raise unfinished(rollout, patience)
    return None
