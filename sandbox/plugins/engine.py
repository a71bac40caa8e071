"""The engine that a plugin works for, as far as the plugin talks to it."""

from collections.abc import Callable
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

# A connection that is silent while a resource is waited for is no lost one.
_NEVER_IDLE: Final = (("grpc.client_idle_timeout_ms", 2**31 - 1),)
_LOST: Final = frozenset({grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.TRANSIENT_FAILURE})


class Engine:
    """Takes what users shall read beside a resource."""

    def __init__(self, address: str) -> None:
        """Without an address, nobody reads."""
        self._channel = grpc.insecure_channel(address, options=_NEVER_IDLE) if address else None
        self._stub = engine_pb2_grpc.EngineStub(self._channel) if self._channel else None

    def when_lost(self, act: Callable[[], object]) -> None:
        """Act once the engine, spoken to before, is gone: where it is killed, it ends nothing that it started."""

        def look(connectivity: grpc.ChannelConnectivity) -> None:
            if connectivity in _LOST:
                act()

        if self._channel:
            self._channel.subscribe(look)

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
