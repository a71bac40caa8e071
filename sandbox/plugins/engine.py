"""The engine that a plugin works for, as far as the plugin talks to it."""

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Engine:
    """Takes what users shall read beside a resource."""

    def __init__(self, address: str) -> None:
        """Without an address, nobody reads."""
        channel = grpc.insecure_channel(address) if address else None
        self._stub = engine_pb2_grpc.EngineStub(channel) if channel else None

    def info(self, urn: str, message: str) -> None:
        """Say something that stays."""
        self._log(urn, message, engine_pb2.INFO)

    def warning(self, urn: str, message: str) -> None:
        """Say something that the user should look into."""
        self._log(urn, message, engine_pb2.WARNING)

    def status(self, urn: str, message: str) -> None:
        """Say what is going on; the next status replaces it."""
        self._log(urn, message, engine_pb2.INFO, ephemeral=True)

    def _log(
        self, urn: str, message: str, severity: engine_pb2.LogSeverity.ValueType, *, ephemeral: bool = False
    ) -> None:
        if self._stub:
            self._stub.Log(engine_pb2.LogRequest(urn=urn, message=message, severity=severity, ephemeral=ephemeral))
