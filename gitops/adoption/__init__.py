"""Adopting a live cluster: how one that an old sync reconciles becomes a stack's own, without deleting an object of it.

The order is safe because each step leaves nothing that the next one, or an interruption, could delete: what would prune
is stopped first, and taken away only when it owns nothing any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops.adoption.actions import Step
from gitops.adoption.live import Live
from gitops.adoption.refusals import refusals
from gitops.adoption.situation import Situation, is_disabled, is_stopped
from gitops.adoption.steps import steps
from gitops.errors import Problem
from gitops.objects import ObjectKey, object_key
from gitops.platform import Platform

__all__ = ["Adoption", "Live", "Step", "adoption", "disturbed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Adoption:
    """What adopting a cluster takes.

    Attributes:
        problems: Why it must not be done; then there are no steps.
        steps: What is to be done, in order; none where nothing is left to do.
        stopped: The keys of what must stay stopped between the steps.
        unowned: What stays in the cluster, and nobody reconciles any more.
    """

    problems: tuple[Problem, ...] = ()
    steps: tuple[Step, ...] = ()
    stopped: frozenset[ObjectKey] = frozenset()
    unowned: tuple[ObjectKey, ...] = ()


def adoption(platform: Platform, live: Live) -> Adoption:
    """What it takes to make a live cluster the stack's own, from wherever it stands."""
    if problems := tuple(refusals(platform, live)):
        return Adoption(problems=problems)
    found = Situation.of(platform, live)
    stopped = frozenset(object_key(item) for item in (*found.roots, *found.syncs))
    return Adoption(steps=tuple(steps(found)), stopped=stopped, unowned=found.unowned)


def disturbed(planned: Adoption, live: Live) -> Iterator[Problem]:
    """What was stopped, and somebody has started again meanwhile; what is gone is as good as stopped."""
    for item in (*live.kustomizations, *live.syncs):
        if (key := object_key(item)) in planned.stopped and not (is_stopped(item) or is_disabled(item)):
            yield Problem(
                rule="adopt/changed",
                where=str(key),
                what="it was stopped, and somebody has changed that meanwhile: it could prune the cluster",
                fix="find out who did, then run homelab adopt again, which goes on where it was",
                object=key,
            )
