"""A stand-in plugin behind a real gRPC connection, as the engine meets it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.message import Message
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.plugins.servicer import Plugin, started

Document = dict[str, Any]

_REQUESTS: Mapping[str, type[Message]] = {
    "CheckConfig": provider_pb2.CheckRequest,
    "DiffConfig": provider_pb2.DiffRequest,
    "Configure": provider_pb2.ConfigureRequest,
    "Check": provider_pb2.CheckRequest,
    "Diff": provider_pb2.DiffRequest,
    "Create": provider_pb2.CreateRequest,
    "Read": provider_pb2.ReadRequest,
    "Update": provider_pb2.UpdateRequest,
    "Delete": provider_pb2.DeleteRequest,
}
# What marks a mapping as something else than a mapping.
SIGNATURE = "4dabf18193072939515e22adb298388d"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class FailedError(Exception):
    """The plugin refused; `details` is what it says about a resource that exists nevertheless."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.code = error.code()
        self.details: Document | None = None
        metadata: Any = error.trailing_metadata() or ()
        for key, value in metadata:
            if key == "grpc-status-details-bin":
                self.details = _details(value)


class PluginServer:
    """Calls a plugin in the protocol's own JSON."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = provider_pb2_grpc.ResourceProviderStub(channel)

    def call(self, method: str, **request: Any) -> Document:
        """The answer; FailedError where there is none."""
        message = json_format.ParseDict(request, _REQUESTS[method]())
        try:
            answer = getattr(self._stub, method)(message)
        except grpc.RpcError as error:
            raise FailedError(error) from None
        document: Document = json_format.MessageToDict(answer)
        return document


@contextmanager
def plugin_server(plugin: Plugin) -> Iterator[PluginServer]:
    """The plugin, served until the end."""
    server, port = started(plugin)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield PluginServer(channel)
    server.stop(None).wait()
    plugin.close()


def secret(value: Any) -> Document:
    """A value as the protocol marks it secret."""
    return {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": value}


def _details(data: bytes) -> Document:
    status = status_pb2.Status.FromString(data)
    failed = provider_pb2.ErrorResourceInitFailed()
    status.details[0].Unpack(failed)
    document: Document = json_format.MessageToDict(failed)
    return document
