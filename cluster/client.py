"""Objects of any kind on one API server: read, applied, created, patched, deleted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from cluster.connection import Connection, Requests
from cluster.discovery import Discovery
from cluster.errors import ApiError
from cluster.kubeconfig import parse_kubeconfig, read_kubeconfig
from gitops.objects import Manifest

_NOT_FOUND: Final = 404
_APPLY: Final = "application/apply-patch+yaml"
_MERGE_PATCH: Final = "application/merge-patch+json"

Propagation: TypeAlias = Literal["Foreground", "Background", "Orphan"]
"""What becomes of an object's dependents when it is deleted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectReference:
    """Names one object; without a namespace, one of the context's namespace or of the whole cluster."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "ObjectReference":
        """The reference to the object that a manifest describes."""
        metadata = manifest["metadata"]
        return cls(
            api_version=manifest["apiVersion"],
            kind=manifest["kind"],
            name=metadata["name"],
            namespace=metadata.get("namespace"),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    """How a write is made: in whose name, and whether it counts.

    Attributes:
        field_manager: Who will own the fields.
        force: Take fields over that another manager owns; only for an apply.
        dry_run: Let the API server do everything but store.
    """

    field_manager: str
    force: bool = False
    dry_run: bool = False

    def query(self) -> dict[str, str]:
        """As parameters of a request."""
        force = {"force": "true"} if self.force else {}
        return {"fieldManager": self.field_manager} | force | _dry_run(dry_run=self.dry_run)


class Client:
    """An API server, for objects of any kind.

    Every method may raise ApiError when it refuses, UnreachableError when it does not answer, NoKindMatchError when
    it does not serve the kind, and KubeconfigError when the login fails; all of them are GitOpsErrors.
    """

    def __init__(self, requests: Requests, namespace: str = "default") -> None:
        self.server = requests.server
        self.namespace = namespace
        self.discovery = Discovery(requests)
        self._requests = requests

    def version(self) -> str:
        """The API server's version, such as v1.36.3."""
        version: str = self._requests.request("GET", "/version")["gitVersion"]
        return version

    def get(self, reference: ObjectReference) -> Manifest | None:
        """The object; nothing when it is absent."""
        path = self._path(reference)
        return _unless_absent(lambda: self._requests.request("GET", path))

    def list(
        self, api_version: str, kind: str, *, namespace: str | None = None, labels: str | None = None
    ) -> tuple[Manifest, ...]:
        """The objects of a kind, of all namespaces or one, that a label selector such as `a=b,c!=d` selects."""
        resource = self.discovery.resource(api_version, kind)
        query = {"labelSelector": labels} if labels else {}
        answer = self._requests.request("GET", resource.path(namespace), query=query)
        # Items of a list leave out what the list says once.
        return tuple({"apiVersion": api_version, "kind": kind} | item for item in answer.get("items") or ())

    def apply(self, manifest: Manifest, write: Write) -> Manifest:
        """Server-side apply; the object as it is then."""
        path = self._path(ObjectReference.of(manifest))
        return self._requests.request("PATCH", path, query=write.query(), body=manifest, content_type=_APPLY)

    def create(self, manifest: Manifest, write: Write) -> Manifest:
        """The object as it was created; ApiError with reason AlreadyExists where there is one."""
        reference = ObjectReference.of(manifest)
        resource = self.discovery.resource(reference.api_version, reference.kind)
        path = resource.path(reference.namespace or self.namespace)
        return self._requests.request("POST", path, query=write.query(), body=manifest)

    def merge_patch(
        self, reference: ObjectReference, patch: Mapping[str, Any], write: Write, *, subresource: str | None = None
    ) -> Manifest:
        """JSON merge patch of the object, or of its status or scale; the object as it is then."""
        path = self._path(reference) + (f"/{subresource}" if subresource else "")
        return self._requests.request("PATCH", path, query=write.query(), body=patch, content_type=_MERGE_PATCH)

    def delete(
        self, reference: ObjectReference, *, propagation: Propagation = "Background", dry_run: bool = False
    ) -> bool:
        """Ask for the object's end; False when it is absent. Finalizers may keep it for a while."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        path, query = self._path(reference), _dry_run(dry_run=dry_run)
        return _unless_absent(lambda: self._requests.request("DELETE", path, query=query, body=body)) is not None

    def close(self) -> None:
        """End all connections."""
        self._requests.close()

    def _path(self, reference: ObjectReference) -> str:
        resource = self.discovery.resource(reference.api_version, reference.kind)
        return resource.path(reference.namespace or self.namespace, reference.name)


def connect(kubeconfig: Path | str | None = None, context: str | None = None) -> Client:
    """A client by the kubeconfig at a path or of a text, else by $KUBECONFIG, else by the user's own; asks nothing yet.

    Raises:
        KubeconfigError: It is not there, does not hold the context, or its certificates cannot be used.
    """
    access = (
        parse_kubeconfig(kubeconfig, context) if isinstance(kubeconfig, str) else read_kubeconfig(kubeconfig, context)
    )
    return Client(Connection(access), access.config.namespace)


def _unless_absent(request: Callable[[], Manifest]) -> Manifest | None:
    try:
        return request()
    except ApiError as error:
        if error.status.code == _NOT_FOUND:
            return None
        raise


def _dry_run(*, dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}
