"""What is done to objects on the API server, and how long each is waited for."""

from dataclasses import dataclass
from typing import Final

from cluster.client import Client, ObjectReference, Write
from cluster.errors import ApiError, NoKindMatchError, UnreachableError
from gitops.errors import GitOpsError
from gitops.objects import Manifest
from sandbox.plugins.kubernetes import ownership
from sandbox.plugins.kubernetes.annotations import annotation, propagation, skips_await, skips_deletion, timeout
from sandbox.plugins.kubernetes.conditions import Condition, conditions
from sandbox.plugins.kubernetes.readiness import is_awaited, unready
from sandbox.plugins.kubernetes.waiting import WaitError, Waiting

_TIMED_OUT: Final = "timed out waiting for the condition"
_NOT_FOUND: Final = 404
_SERVER_ERROR: Final = 500
# Seconds before each new try.
_RETRIES: Final = (1, 2, 4, 8, 16)
_TAKEOVERS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Operations:
    """Creates, changes and deletes objects, as the real provider does it."""

    client: Client
    waiting: Waiting
    patch_force: bool = False
    upsert: bool = False

    def create(self, inputs: Manifest, manager: str, *, dry_run: bool) -> Manifest:
        """Create an object; what it belongs to (its namespace, its CRD) may appear in the meantime.

        Raises:
            ApiError: It exists already, or the API server refuses it.
            NoKindMatchError: Its kind is not served.
        """
        for delay in () if dry_run else _RETRIES:
            try:
                return self._created(inputs, manager, dry_run=dry_run)
            except (ApiError, NoKindMatchError) as error:
                _raise_unless_absent(error)
            self.waiting.pause(delay)
        return self._created(inputs, manager, dry_run=dry_run)

    def _created(self, inputs: Manifest, manager: str, *, dry_run: bool) -> Manifest:
        if self.upsert:
            force = self._force(inputs) or dry_run
            return self.client.apply(inputs, Write(field_manager=manager, force=force, dry_run=dry_run))
        return self.client.create(inputs, Write(field_manager=ownership.CREATOR, dry_run=dry_run))

    def update(self, inputs: Manifest, manager: str, before: Manifest, *, dry_run: bool) -> Manifest:
        """Apply the inputs to an object that is there.

        Raises:
            ApiError: Fields are another manager's, or the API server refuses the change.
        """
        managed = before["metadata"].get("managedFields") or []
        force = self._force(inputs)
        if dry_run:
            force = force or ownership.created_by_pulumi(managed)
        else:
            self._take_over(before, manager)
        return self.client.apply(inputs, Write(field_manager=manager, force=force, dry_run=dry_run))

    def _take_over(self, live: Manifest, manager: str, tries: int = _TAKEOVERS) -> None:
        """Make the creator's fields the manager's own; a controller may write a status while it is done."""
        try:
            self._taken_over(live, manager)
        except ApiError as error:
            if error.status.reason != "Conflict" or tries == 1:
                raise
            self._take_over(self.client.get(ObjectReference.of(live)) or live, manager, tries - 1)

    def _taken_over(self, live: Manifest, manager: str) -> None:
        if fields := ownership.taken_over(live["metadata"].get("managedFields") or [], manager):
            metadata = {"resourceVersion": live["metadata"]["resourceVersion"], "managedFields": fields}
            self.client.merge_patch(ObjectReference.of(live), {"metadata": metadata}, Write(field_manager=manager))

    def relinquish(self, live: Manifest, manager: str) -> None:
        """End a manager's part in an object: it applies nothing any more."""
        metadata = {key: live["metadata"][key] for key in ("name", "namespace") if key in live["metadata"]}
        nothing = {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata}
        self.client.apply(nothing, Write(field_manager=manager))

    def wait_until_ready(self, live: Manifest, seconds: float) -> Manifest:
        """Wait for what the object asks for, else for what its kind is known by; the object as it is then.

        Raises:
            WaitError: The time is up, or the user gave up.
            ResourceError: What it waits for cannot be understood.
        """
        asked = () if skips_await(live) else conditions(live)
        if asked or (is_awaited(live) and not skips_await(live)):
            self._wait(live, asked, timeout(live, seconds))
        return self.client.get(ObjectReference.of(live)) or live

    def _wait(self, live: Manifest, asked: tuple[Condition, ...], seconds: float) -> None:
        missing: tuple[str, ...] = ()

        def ready() -> bool:
            nonlocal missing
            found = self._seen(live)
            if found is None:
                return False
            if asked:
                return all(condition.satisfied(found) for condition in asked)
            missing = unready(self.client, found)
            return not missing

        if not self.waiting.until(ready, seconds):
            name = live["metadata"]["name"]
            raise WaitError(f"'{name}' timed out waiting to be Ready" if missing else _TIMED_OUT, missing)

    def delete(self, live: Manifest, seconds: float) -> None:
        """Delete an object and wait until its finalizers are done.

        Raises:
            WaitError: It is still there.
        """
        reference = ObjectReference.of(live)
        if not self.client.delete(reference, propagation=propagation(live)) or skips_deletion(live):
            return
        if not self.waiting.until(lambda: self._is_gone(reference, live), timeout(live, seconds)):
            finalizers = ", ".join((self._seen(live) or live)["metadata"].get("finalizers") or ())
            raise WaitError(
                _TIMED_OUT, [f"finalizers might be preventing deletion ({finalizers})"] if finalizers else ()
            )

    def _is_gone(self, reference: ObjectReference, live: Manifest) -> bool:
        try:
            found = self.client.get(reference)
        except NoKindMatchError:
            return True
        except GitOpsError as error:
            return _passing(error)
        # An object of the same name is another one.
        return found is None or found["metadata"].get("uid") != live["metadata"].get("uid")

    def _seen(self, live: Manifest) -> Manifest | None:
        """The object, where the API server answers at this moment."""
        try:
            return self.client.get(ObjectReference.of(live))
        except GitOpsError as error:
            _passing(error)
            return None

    def _force(self, inputs: Manifest) -> bool:
        return self.patch_force or annotation(inputs, "patchForce") == "true"


def _raise_unless_absent(error: ApiError | NoKindMatchError) -> None:
    """An object's namespace or kind may follow; any other refusal stays one."""
    if isinstance(error, ApiError) and error.status.code != _NOT_FOUND:
        raise error


def _passing(error: GitOpsError) -> bool:
    """False for an error that a wait outlives: a server that is restarted; any other is raised."""
    if isinstance(error, UnreachableError) or (isinstance(error, ApiError) and error.status.code >= _SERVER_ERROR):
        return False
    raise error


def reason(error: Exception, manager: str) -> str:
    """An error in the words of the real provider."""
    if not isinstance(error, ApiError):
        return error.problems[0].what if isinstance(error, GitOpsError) else str(error)
    if error.status.reason != "Conflict" or not error.status.causes:
        return error.status.message
    return (
        "server-side apply field conflict detected, see https://www.pulumi.com/registry/packages/kubernetes/"
        "how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources "
        f'for troubleshooting help\nThe resource managed by field manager "{manager}" had an apply conflict: '
        f"{error.status.message}"
    )
