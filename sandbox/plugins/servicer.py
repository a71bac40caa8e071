"""Pulumi's provider protocol over gRPC, around a plugin in plain Python.

The SDK's own server hides what the engine needs of a failure, the state of what exists nevertheless, behind a
traceback.
"""

import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.provider.experimental import provider as requests
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from typing_extensions import override

from gitops.errors import GitOpsError
from sandbox.plugins.engine import Engine
from sandbox.plugins.errors import InitializationError, ResourceError
from sandbox.plugins.properties import marshalled, unmarshalled

# Each operation waits in a thread of its own; the engine runs as many at once as it is told to.
_THREADS: Final = 256
_MAX_MESSAGE: Final = 400 * 1024 * 1024
_KINDS: Final = {
    requests.PropertyDiffKind.ADD: provider_pb2.PropertyDiff.ADD,
    requests.PropertyDiffKind.ADD_REPLACE: provider_pb2.PropertyDiff.ADD_REPLACE,
    requests.PropertyDiffKind.DELETE: provider_pb2.PropertyDiff.DELETE,
    requests.PropertyDiffKind.DELETE_REPLACE: provider_pb2.PropertyDiff.DELETE_REPLACE,
    requests.PropertyDiffKind.UPDATE: provider_pb2.PropertyDiff.UPDATE,
    requests.PropertyDiffKind.UPDATE_REPLACE: provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Plugin(Protocol):
    """What a stand-in does. Each method may raise ResourceError or GitOpsError, whose message the user reads."""

    @property
    def name(self) -> str:
        """The plugin that it stands in for."""
        ...

    @property
    def version(self) -> str:
        """The release of the plugin that it answers like."""
        ...

    def diff_config(self, request: requests.DiffRequest) -> requests.DiffResponse:
        """What a changed configuration of the provider means."""
        ...

    def configure(self, request: requests.ConfigureRequest) -> None:
        """Take the provider's configuration."""
        ...

    def check(self, request: requests.CheckRequest) -> requests.CheckResponse:
        """The inputs, completed, or what is wrong with them."""
        ...

    def diff(self, request: requests.DiffRequest) -> requests.DiffResponse:
        """What new inputs mean for a resource."""
        ...

    def create(self, request: requests.CreateRequest) -> requests.CreateResponse:
        """Create a resource, or say what it would be."""
        ...

    def read(self, request: requests.ReadRequest) -> requests.ReadResponse:
        """A resource as it is; without an id when it is gone."""
        ...

    def update(self, request: requests.UpdateRequest) -> requests.UpdateResponse:
        """Change a resource, or say what it would be."""
        ...

    def delete(self, request: requests.DeleteRequest) -> None:
        """Delete a resource and wait for its end."""
        ...

    def cancel(self) -> None:
        """End every wait."""
        ...

    def close(self) -> None:
        """End every connection; nothing is asked after it."""
        ...


def serve(plugin: Plugin, engine: Engine) -> None:
    """Serve until this process is told to end or its engine is gone; the port goes to stdout, where that reads it."""
    server, port = started(plugin)

    def stop(*_signal: object) -> None:
        plugin.cancel()
        server.stop(None)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    engine.warning("", f"{plugin.name}: this is the sandbox's stand-in for Pulumi's plugin, for the sandbox alone")
    engine.when_lost(stop)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
    plugin.close()


def started(plugin: Plugin) -> tuple[grpc.Server, int]:
    """A server that listens on a free port of this machine."""
    options = [("grpc.max_receive_message_length", _MAX_MESSAGE), ("grpc.max_send_message_length", _MAX_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(plugin), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Translates between the protocol's messages and a plugin."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._plugin.version)

    @override
    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    @override
    def Cancel(self, request: Any, context: Any) -> Any:
        self._plugin.cancel()
        return empty_pb2.Empty()

    @override
    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    @override
    def DiffConfig(self, request: Any, context: Any) -> Any:
        # What is in the state of a provider are its inputs.
        asked = requests.DiffRequest(
            request.urn, request.id, unmarshalled(request.olds), unmarshalled(request.news), []
        )
        with _failing(context):
            return _difference(self._plugin.diff_config(asked), detailed=False)

    @override
    def Configure(self, request: Any, context: Any) -> Any:
        asked = requests.ConfigureRequest(dict(request.variables), unmarshalled(request.args), True, True)
        with _failing(context):
            self._plugin.configure(asked)
        # Names are never made up here, which is what that setting can ask for.
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @override
    def Check(self, request: Any, context: Any) -> Any:
        asked = requests.CheckRequest(
            request.urn, unmarshalled(request.olds), unmarshalled(request.news), request.randomSeed
        )
        with _failing(context):
            answer = self._plugin.check(asked)
        failures = [
            provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in answer.failures or ()
        ]
        return provider_pb2.CheckResponse(inputs=marshalled(answer.inputs), failures=failures)

    @override
    def Diff(self, request: Any, context: Any) -> Any:
        asked = requests.DiffRequest(
            request.urn,
            request.id,
            unmarshalled(request.olds),
            unmarshalled(request.news),
            list(request.ignoreChanges),
        )
        with _failing(context):
            return _difference(self._plugin.diff(asked), detailed=True)

    @override
    def Create(self, request: Any, context: Any) -> Any:
        asked = requests.CreateRequest(request.urn, unmarshalled(request.properties), request.timeout, request.preview)
        with _failing(context):
            answer = self._plugin.create(asked)
        return provider_pb2.CreateResponse(id=answer.resource_id or "", properties=marshalled(answer.properties))

    @override
    def Read(self, request: Any, context: Any) -> Any:
        asked = requests.ReadRequest(
            request.urn, request.id, unmarshalled(request.properties), unmarshalled(request.inputs)
        )
        with _failing(context):
            answer = self._plugin.read(asked)
        if not answer.resource_id:
            return provider_pb2.ReadResponse()
        properties, inputs = marshalled(answer.properties), marshalled(answer.inputs)
        return provider_pb2.ReadResponse(id=answer.resource_id, properties=properties, inputs=inputs)

    @override
    def Update(self, request: Any, context: Any) -> Any:
        asked = requests.UpdateRequest(
            request.urn,
            request.id,
            unmarshalled(request.olds),
            unmarshalled(request.news),
            timeout=request.timeout,
            ignore_changes=list(request.ignoreChanges),
            preview=request.preview,
        )
        with _failing(context):
            answer = self._plugin.update(asked)
        return provider_pb2.UpdateResponse(properties=marshalled(answer.properties))

    @override
    def Delete(self, request: Any, context: Any) -> Any:
        asked = requests.DeleteRequest(request.urn, request.id, unmarshalled(request.properties), request.timeout)
        with _failing(context):
            self._plugin.delete(asked)
        return empty_pb2.Empty()


def _difference(answer: requests.DiffResponse, *, detailed: bool) -> provider_pb2.DiffResponse:
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some if answer.changes else none,
        replaces=answer.replaces,
        deleteBeforeReplace=answer.delete_before_replace,
        diffs=answer.diffs,
        detailedDiff={
            key: provider_pb2.PropertyDiff(kind=_KINDS[item.kind], inputDiff=item.input_diff)
            for key, item in answer.detailed_diff.items()
        },
        # Changes of a provider itself come without details.
        hasDetailedDiff=detailed,
    )


@contextmanager
def _failing(context: grpc.ServicerContext) -> Iterator[None]:
    """A failure as the protocol says it: without a traceback, and with the state of what exists nevertheless."""
    try:
        yield
    except InitializationError as error:
        context.set_trailing_metadata((("grpc-status-details-bin", _details(error)),))
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
    except (ResourceError, GitOpsError) as error:
        # The engine says itself that it is an error.
        context.abort(grpc.StatusCode.UNKNOWN, str(error).removeprefix("error: "))


def _details(error: InitializationError) -> bytes:
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    failed = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=marshalled(error.properties),
        reasons=error.reasons,
        inputs=marshalled(error.inputs) if error.inputs is not None else None,
    )
    status.details.add().Pack(failed)
    return status.SerializeToString()
