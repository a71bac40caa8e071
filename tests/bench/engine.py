"""A fake engine over real gRPC: echoes inputs, refuses a URN twice, and knows no cluster."""

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc
from typing_extensions import override

_UNLIMITED = [("grpc.max_receive_message_length", -1)]


class _Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    def __init__(self) -> None:
        self.urns: set[str] = set()

    @override
    def SupportsFeature(self, request: Any, context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    @override
    def RegisterResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        parent = request.parent.rpartition("::")[0].rpartition("::")[2]
        chain = f"{parent}${request.type}" if parent else request.type
        urn = f"urn:pulumi:stack::project::{chain}::{request.name}"
        if urn in self.urns:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"duplicate URN {urn}")
        self.urns.add(urn)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=request.name, object=request.object)

    @override
    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


class _Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.root = ""

    @override
    def Log(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    @override
    def SetRootResource(self, request: Any, context: Any) -> Any:
        self.root = request.urn
        return engine_pb2.SetRootResourceResponse()

    @override
    def GetRootResource(self, request: Any, context: Any) -> Any:
        return engine_pb2.GetRootResourceResponse(urn=self.root)


@contextmanager
def engine() -> Iterator[str]:
    """A running engine on the loopback address; its address."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=_UNLIMITED)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(_Monitor(), server)
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
