"""What changes on an API server, for several kinds at once and through its restarts.

Lists are compared, so nothing is lost with a broken connection or an expired revision; what appears and goes between
two looks is not seen.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cluster.client import Client
from cluster.errors import ApiError, NoKindMatchError, UnreachableError
from gitops.errors import GitOpsError
from gitops.objects import Manifest

_SERVER_ERROR: Final = 500


class ChangeType(StrEnum):
    """What happened to an object, in the API's own words."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Objects to look at: a kind, perhaps of one namespace, perhaps by a label selector."""

    api_version: str
    kind: str
    namespace: str | None = None
    labels: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One object that is there, differs, or is gone; then as it last was."""

    type: ChangeType
    manifest: Manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one look found.

    Attributes:
        changes: Since the look before; at the first one, every object.
        error: Why some or all kinds could not be seen this time; looking goes on.
    """

    changes: tuple[Change, ...]
    error: GitOpsError | None = None


@dataclass(slots=True)
class _Seen:
    """What was last seen of one selection, by uid: a recreated object is another one."""

    selection: Selection
    objects: dict[str, Manifest] = field(default_factory=dict)

    def look(self, client: Client) -> Iterator[Change]:
        chosen = self.selection
        listed = client.list(chosen.api_version, chosen.kind, namespace=chosen.namespace, labels=chosen.labels)
        return self._update({item["metadata"]["uid"]: item for item in listed})

    def _update(self, objects: dict[str, Manifest]) -> Iterator[Change]:
        before, self.objects = self.objects, objects
        for uid in before.keys() - objects.keys():
            yield Change(type=ChangeType.DELETED, manifest=before[uid])
        for uid, item in objects.items():
            if uid not in before:
                yield Change(type=ChangeType.ADDED, manifest=item)
            elif _version(before[uid]) != _version(item):
                yield Change(type=ChangeType.MODIFIED, manifest=item)


def looks(
    client: Client,
    selections: Sequence[Selection],
    *,
    interval: float = 1.0,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Look]:
    """Look again and again, `interval` seconds apart, until the caller stops asking.

    A look without changes is yielded too, so that the caller can give up. Kinds that are not served yet have no
    objects; a server that is silent or fails has the objects that it had.

    Raises:
        ApiError: The server refuses for good: the user may not list a kind.
        KubeconfigError: The login fails.
    """
    seen = [_Seen(selection) for selection in selections]
    while True:
        yield _look(client, seen)
        pause(interval)


def _look(client: Client, seen: Sequence[_Seen]) -> Look:
    changes: list[Change] = []
    error: GitOpsError | None = None
    for each in seen:
        try:
            changes += each.look(client)
        except GitOpsError as reason:
            error = _passing(reason)
    return Look(changes=tuple(changes), error=error)


def _passing(error: GitOpsError) -> GitOpsError:
    """An error that may be gone at the next look; any other is raised."""
    failing = isinstance(error, ApiError) and error.status.code >= _SERVER_ERROR
    if failing or isinstance(error, UnreachableError | NoKindMatchError):
        return error
    raise error


def _version(manifest: Manifest) -> str:
    version: str = manifest["metadata"]["resourceVersion"]
    return version
