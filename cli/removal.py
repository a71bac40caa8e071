"""Carries a destruction out on an API server: suspends, deletes in order, and waits until each object is gone."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from cli.live import listed, live
from cli.progress import DeletionProgress
from cluster.client import Client, ObjectReference, Write
from gitops.destruction import (
    CLAIM,
    CRD,
    RESUMES,
    Change,
    Deletion,
    Destruction,
    NamespaceEnd,
    crds_of,
    ends_first,
    needs_controllers,
    resumptions,
    served_kind,
    still_there,
    with_claims,
)
from gitops.duration import Duration
from gitops.errors import GitOpsError, Problem
from gitops.objects import Manifest, object_key

_WRITE: Final = Write(field_manager="homelab-destroy")
_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 1.0
_NAMESPACE_TIMEOUT: Final = Duration.minutes(5)


class DestroyError(GitOpsError):
    """The way down stopped before its end."""


@dataclass(frozen=True, slots=True)
class Removal:
    """The way down on one API server.

    Attributes:
        client: Where.
        progress: Told what is waited for, and what is done.
    """

    client: Client
    progress: DeletionProgress

    def run(self, planned: Destruction) -> tuple[NamespaceEnd, ...]:
        """All of it; the namespaces, each with the reason for which it stayed.

        Raises:
            DestroyError: An object is still there after the time in which it must have gone.
        """
        for change in planned.suspensions:
            self._change(change)
        for deletion in planned.deletions:
            self._delete(deletion)
        # What Flux was just applying when it was suspended has come back meanwhile.
        for deletion in planned.deletions:
            self._end_all(deletion.name, deletion.objects, deletion.timeout)
        claims = () if planned.delete_data else listed(self.client, CLAIM)
        return tuple(self._end_namespace(with_claims(end, claims)) for end in planned.namespaces)

    def _delete(self, deletion: Deletion) -> None:
        for change in deletion.changes:
            self._change(change)
        crds = crds_of(deletion, listed(self.client, CRD)) if deletion.groups else ()
        self._end_served(deletion, crds)
        self._end_all(deletion.name, deletion.objects, deletion.timeout)
        if deletion.crds:
            self._end_all(deletion.name, crds, deletion.timeout)
        if not deletion.kept_for:
            self.progress.ends(deletion.name, time.monotonic())

    def _end_served(self, deletion: Deletion, crds: Iterable[Manifest]) -> None:
        """What only the controllers can end ends before them."""
        for crd in crds:
            ending, kind = ends_first(deletion, crd), served_kind(crd)
            for item in listed(self.client, kind) if ending else ():
                self.client.delete(ObjectReference.of(item))
            self._wait(deletion.name, deletion.timeout, partial(self._held, kind, ending=ending))

    def _held(self, kind: tuple[str, str], *, ending: bool) -> Manifest | None:
        return next((item for item in listed(self.client, kind) if needs_controllers(item, ending=ending)), None)

    def _end_all(self, step: str, objects: Iterable[Manifest], timeout: Duration) -> None:
        for item in objects:
            self._wait(step, timeout, partial(self._asked, ObjectReference.of(item)))

    def _asked(self, reference: ObjectReference) -> Manifest | None:
        """The object, asked to end where it is not ending yet; nothing when it is gone."""
        found = live(self.client, reference)
        if found is not None and "deletionTimestamp" not in found["metadata"]:
            self.client.delete(reference)
            return live(self.client, reference)
        return found

    def _end_namespace(self, end: NamespaceEnd) -> NamespaceEnd:
        if not end.kept_for:
            step = f"namespace {end.name}"
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": end.name}}
            self._end_all(step, [namespace], _NAMESPACE_TIMEOUT)
            self.progress.ends(step, time.monotonic())
        return end

    def _wait(self, step: str, timeout: Duration, look: Callable[[], Manifest | None]) -> None:
        """Look until nothing is found any more."""
        end, pause = time.monotonic() + timeout.total_seconds, _FIRST_PAUSE
        while (found := look()) is not None:
            if pause == _LONGEST_PAUSE:
                self.progress.waits(step, f"{object_key(found)}: {still_there(found)}")
            if time.monotonic() > end:
                raise _hangs(found, timeout)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _change(self, change: Change) -> None:
        """What is gone needs no change."""
        reference = ObjectReference.of(change.object)
        if live(self.client, reference) is not None:
            self.client.merge_patch(reference, change.patch, _WRITE)


def resume(client: Client) -> None:
    """Let Flux go on with what an interrupted way down has left suspended."""
    for kind in RESUMES:
        for change in resumptions(listed(client, kind)):
            client.merge_patch(ObjectReference.of(change.object), change.patch, _WRITE)


def kept_crds(client: Client, planned: Destruction) -> tuple[str, ...]:
    """The names of the CRDs that are still there, of all that the platform's controllers serve."""
    crds = listed(client, CRD)
    return tuple(item["metadata"]["name"] for deletion in planned.deletions for item in crds_of(deletion, crds))


def _hangs(manifest: Manifest, timeout: Duration) -> DestroyError:
    problem = Problem(
        rule="destroy/gone",
        where=str(object_key(manifest)),
        what=f"it is still there {timeout} after its deletion: {still_there(manifest)}",
        fix="see to it that who must end it runs and can, then run homelab destroy again: it goes on from here",
    )
    return DestroyError([problem])
