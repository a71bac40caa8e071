"""Follows Flux while it reconciles a platform, and shows how it ended."""

import time
from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from cli.terminal import console
from cluster.changes import Change, ChangeType, Selection, looks
from cluster.client import Client
from gitops.errors import GitOpsError, Problem
from gitops.objects import ObjectKey, object_key
from gitops.rollout import Failure, Phase, Rollout


class RolloutError(GitOpsError):
    """Flux cannot reconcile the platform."""


def observed(client: Client, rollout: Rollout, *, interval: float = 1.0) -> Iterator[float]:
    """Look at the cluster again and again; the second at which the rollout was brought up to date."""
    selections = [Selection(api_version=api_version, kind=kind) for api_version, kind in rollout.watched]
    for look in looks(client, selections, interval=interval):
        now = time.monotonic()
        for change in look.changes:
            _tell(rollout, change)
        rollout.judge(now)
        yield now


def _tell(rollout: Rollout, change: Change) -> None:
    if change.type is ChangeType.DELETED:
        rollout.forget(object_key(change.manifest))
    else:
        rollout.see(change.manifest)


def failed(failure: Failure) -> RolloutError:
    """A failure as an error that names the declaration."""
    problem = Problem(
        rule="flux/reconciled",
        where=f"{failure.declared_at}: {failure.key}" if failure.declared_at else str(failure.key),
        what=f"{failure.bundle} cannot become ready: {failure.reason}: {failure.message}",
        fix="mend the cause and run homelab up again; what is Ready already stays as it is",
    )
    return RolloutError([problem])


def unfinished(rollout: Rollout, seconds: float) -> RolloutError:
    """What is still not Ready after a time in which it must have been."""
    late = [state for state in rollout.states() if state.phase is not Phase.READY]
    return RolloutError(
        Problem(
            rule="flux/reconciled",
            where=state.bundle,
            what=f"not Ready after {seconds:.0f} s: {state.phase} {state.detail}",
            fix=f"look at it: kubectl describe {_named(state.told_by)}",
        )
        for state in late
    )


def _named(key: ObjectKey) -> str:
    kind = f"{key.kind}.{key.group}" if key.group else key.kind
    return f"{kind.lower()} {key.name}" + (f" --namespace {key.namespace}" if key.namespace else "")


def show_rollout(rollout: Rollout) -> None:
    """A table of the layers, and what each has to say."""
    phases = {state.bundle: state for state in rollout.states()}
    table = Table("layer", "bundles Ready", "not Ready", box=None, pad_edge=False)
    for layer in rollout.platform.layers:
        states = [phases[bundle.name] for bundle in layer.bundles]
        late = [f"{state.bundle} {state.phase}" for state in states if state.phase is not Phase.READY]
        count = f"{len(states) - len(late)} of {len(states)}"
        table.add_row(layer.name, Text(count, style="red" if late else "green"), ", ".join(late))
    console().print(table)
