"""The stand-in for Pulumi's provider `kubernetes`: what the engine asks, answered as the real one does."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Final

from pulumi.provider.experimental import provider as requests

from cluster.client import Client, ObjectReference
from cluster.connection import Connection
from cluster.errors import ApiError, NoKindMatchError, UnreachableError
from gitops.errors import GitOpsError
from gitops.objects import Manifest
from sandbox.plugins import guard
from sandbox.plugins.engine import Engine
from sandbox.plugins.errors import InitializationError, ResourceError
from sandbox.plugins.kubernetes import messages
from sandbox.plugins.kubernetes.configuration import Configuration, changed_configuration
from sandbox.plugins.kubernetes.difference import difference
from sandbox.plugins.kubernetes.helm import Helm
from sandbox.plugins.kubernetes.operations import Operations, reason
from sandbox.plugins.kubernetes.releases import Releases, is_release
from sandbox.plugins.kubernetes.replacement import immutable_fields
from sandbox.plugins.kubernetes.state import (
    State,
    checkpoint,
    field_manager,
    identity,
    imported,
    marked_inputs,
    normalized,
    pruned,
)
from sandbox.plugins.kubernetes.waiting import WaitError, Waiting
from sandbox.plugins.properties import Properties, has_unknown, plain_map

# The release of the real provider whose answers are given.
_VERSION: Final = "4.34.2"
_PREVIEW_REFUSALS: Final = frozenset({"AlreadyExists", "Forbidden", "NotFound"})


class KubernetesPlugin:
    """Objects of any apiVersion and kind on the sandbox's own API server, and Helm releases."""

    name: Final = "kubernetes"
    version: Final = _VERSION

    def __init__(self, engine: Engine, waiting: Waiting | None = None) -> None:
        self._engine = engine
        self._waiting = waiting or Waiting()
        self._unreachable = ""
        self._connections = ExitStack()
        self._configuration: Configuration
        self._client: Client
        self._do: Operations
        self._releases: Releases

    def diff_config(self, request: requests.DiffRequest) -> requests.DiffResponse:
        """Another cluster replaces the provider."""
        return changed_configuration(request.old_state, request.new_inputs)

    def configure(self, request: requests.ConfigureRequest) -> None:
        """Connect to the cluster, which must be the sandbox's own; one that is silent fails only what needs it."""
        self._configuration = configuration = Configuration.parse(request.args)
        guard.refuse_foreign(configuration.access)
        self._client = Client(Connection(configuration.access), configuration.namespace)
        self._connections.callback(self._client.close)
        self._do = Operations(
            client=self._client,
            waiting=self._waiting,
            patch_force=configuration.patch_force,
            upsert=configuration.upsert,
        )
        try:
            self._client.version()
        except UnreachableError as error:
            self._unreachable = error.problems[0].what
        folder = guard.sandbox_folder()
        helm = Helm(kubeconfig=folder / "kubeconfig", folder=folder / "helm", cancelled=self._waiting.cancelled)
        self._releases = Releases(helm=helm, namespace=configuration.namespace, unreachable=self._unreachable)

    def check(self, request: requests.CheckRequest) -> requests.CheckResponse:
        """Inputs with the namespace that they do not name; a name they must have."""
        if is_release(request.type):
            return self._releases.check(request)
        inputs = plain_map(request.new_inputs)
        metadata = inputs.get("metadata")
        if not isinstance(metadata, Mapping) or not metadata.get("name"):
            failure = requests.CheckFailure("metadata.name", "the stand-in names no objects: set a name")
            return requests.CheckResponse(request.new_inputs, [failure])
        if metadata.get("namespace") or not self._is_namespaced(inputs):
            return requests.CheckResponse(request.new_inputs)
        placed = inputs | {"metadata": {**metadata, "namespace": self._configuration.namespace}}
        return requests.CheckResponse(marked_inputs(placed, request.new_inputs))

    def diff(self, request: requests.DiffRequest) -> requests.DiffResponse:
        """What the new inputs change on the object as it was last seen."""
        if is_release(request.type):
            return self._releases.diff(request)
        state, news = State.parse(request.old_state), plain_map(request.new_inputs)
        fields = immutable_fields(news, self._configuration)
        namespaced = self._is_namespaced(news)
        return difference(state, news, fields, namespaced=namespaced, ignored=request.ignore_changes)

    def create(self, request: requests.CreateRequest) -> requests.CreateResponse:
        """Create the object and wait for it; at preview, ask the API server what it would be."""
        if is_release(request.type):
            return self._releases.create(request)
        inputs = plain_map(request.properties)
        if request.preview and self._cannot_preview(inputs):
            return requests.CreateResponse(None, request.properties)
        self._need_cluster(messages.unreachable(self._unreachable))
        manager = field_manager(inputs)
        try:
            live = self._do.create(inputs, manager, dry_run=request.preview)
        except ApiError as error:
            if request.preview and error.status.reason in _PREVIEW_REFUSALS:
                return requests.CreateResponse(None, request.properties)
            more = messages.ALREADY_EXISTS if error.status.reason == "AlreadyExists" else ""
            raise ResourceError(messages.not_created(request.urn, reason(error, manager) + more)) from None
        except NoKindMatchError as error:
            kind = f"{inputs['apiVersion']}/{inputs['kind']}"
            raise ResourceError(messages.no_kind(request.urn, kind, reason(error, manager))) from None
        if request.preview:
            live.pop("status", None)
            return requests.CreateResponse(None, self._checkpoint(live, inputs, request.properties, manager))
        return self._initialized(request, live, inputs, manager)

    def _initialized(
        self, request: requests.CreateRequest, live: Manifest, inputs: Manifest, manager: str
    ) -> requests.CreateResponse:
        try:
            live = self._do.wait_until_ready(live, request.timeout)
        except (ResourceError, GitOpsError) as error:
            raise InitializationError(
                [messages.not_live(request.urn, reason(error, manager)), *_details(error)],
                resource_id=identity(live),
                properties=self._checkpoint(self._latest(live), inputs, request.properties, manager),
            ) from None
        return requests.CreateResponse(identity(live), self._checkpoint(live, inputs, request.properties, manager))

    def read(self, request: requests.ReadRequest) -> requests.ReadResponse:
        """The object as it is now; gone when it, or its kind, is not there."""
        if is_release(request.type):
            return self._releases.read(request)
        self._need_cluster(messages.CANNOT_READ)
        state = State.parse(request.properties)
        inputs = normalized(plain_map(request.inputs))
        live = self._found(_reference(request, inputs or state.live))
        if live is None:
            return requests.ReadResponse()
        inputs = pruned(live, inputs) if inputs else imported(live)
        manager = field_manager(inputs, state)
        version = state.initial_api_version or live["apiVersion"]
        properties = checkpoint(live, inputs, request.inputs, manager=manager, initial_api_version=version)
        return requests.ReadResponse(request.resource_id, properties, marked_inputs(inputs, request.inputs))

    def update(self, request: requests.UpdateRequest) -> requests.UpdateResponse:
        """Apply the new inputs and wait; at preview, ask the API server what the object would be."""
        if is_release(request.type):
            return self._releases.update(request)
        inputs, state = normalized(plain_map(request.news)), State.parse(request.olds)
        if request.preview and self._cannot_preview(inputs):
            return requests.UpdateResponse(request.news)
        self._need_cluster(messages.unreachable(self._unreachable))
        manager = field_manager(inputs, state)
        before = self._client.get(ObjectReference.of(state.live))
        if before is None:
            raise ResourceError(messages.gone(request.urn, identity(state.live)))
        try:
            live = self._updated(request, inputs, before, manager)
        except (ResourceError, GitOpsError) as error:
            if request.preview and isinstance(error, ApiError) and error.status.reason == "Forbidden":
                return requests.UpdateResponse(request.news)
            live = self._latest(before)
            raise InitializationError(
                [messages.not_updated(identity(live), reason(error, manager)), *_details(error)],
                resource_id=identity(live),
                properties=self._checkpoint(live, inputs, request.news, manager, state),
            ) from None
        if not request.preview and manager != state.field_manager:
            self._do.relinquish(live, state.field_manager)
        return requests.UpdateResponse(self._checkpoint(live, inputs, request.news, manager, state))

    def _updated(self, request: requests.UpdateRequest, inputs: Manifest, before: Manifest, manager: str) -> Manifest:
        live = self._do.update(inputs, manager, before, dry_run=request.preview)
        return live if request.preview else self._do.wait_until_ready(live, request.timeout)

    def delete(self, request: requests.DeleteRequest) -> None:
        """Delete the object and wait until it is gone."""
        if is_release(request.type):
            self._releases.delete(request)
            return
        self._need_cluster(messages.CANNOT_DELETE)
        state = State.parse(request.properties)
        try:
            self._do.delete(state.live, request.timeout)
        except NoKindMatchError:
            # Its CRD is gone, and so is the object.
            return
        except WaitError as error:
            for detail in error.reasons:
                self._engine.warning(request.urn, detail)
            raise InitializationError(
                [str(error), *error.reasons],
                resource_id=request.resource_id,
                properties=self._checkpoint(
                    self._latest(state.live), state.inputs, request.properties, state.field_manager, state
                ),
            ) from None
        except ApiError as error:
            raise ResourceError(reason(error, state.field_manager)) from None

    def cancel(self) -> None:
        """End every wait."""
        self._waiting.cancelled.set()

    def close(self) -> None:
        """End the connections to the cluster, if there are any."""
        self._connections.close()

    def _need_cluster(self, message: str) -> None:
        if self._unreachable:
            raise ResourceError(message)

    def _cannot_preview(self, inputs: Manifest) -> bool:
        """Whether nobody can say before what would come of the inputs."""
        if self._unreachable or has_unknown(inputs):
            return True
        try:
            self._client.discovery.resource(inputs["apiVersion"], inputs["kind"])
        except NoKindMatchError:
            return True
        return False

    def _is_namespaced(self, inputs: Mapping[str, Any]) -> bool:
        """A kind that is not served yet is taken for one of namespaces."""
        try:
            return self._client.discovery.resource(inputs["apiVersion"], inputs["kind"]).namespaced
        except (NoKindMatchError, UnreachableError):
            return True

    def _found(self, reference: ObjectReference) -> Manifest | None:
        try:
            return self._client.get(reference)
        except NoKindMatchError:
            return None

    def _latest(self, live: Manifest) -> Manifest:
        try:
            return self._client.get(ObjectReference.of(live)) or live
        except GitOpsError:
            return live

    def _checkpoint(
        self, live: Manifest, inputs: Manifest, like: Properties, manager: str, state: State | None = None
    ) -> Properties:
        version = state.initial_api_version if state else inputs["apiVersion"]
        return checkpoint(live, inputs, like, manager=manager, initial_api_version=version)


def _details(error: Exception) -> tuple[str, ...]:
    return error.reasons if isinstance(error, WaitError) else ()


def _reference(request: requests.ReadRequest, known: Manifest) -> ObjectReference:
    """The object of an id, of the kind that is known or that the resource's type says."""
    namespace, _, name = request.resource_id.rpartition("/")
    # The type of a component's child follows its parents' types.
    _, version, kind = request.type.rpartition("$")[2].split(":")
    return ObjectReference(
        api_version=known.get("apiVersion") or version.removeprefix("core/"),
        kind=known.get("kind") or kind,
        name=name,
        namespace=namespace or None,
    )
