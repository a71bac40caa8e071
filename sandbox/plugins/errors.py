"""How an operation on a resource fails."""

from collections.abc import Sequence

from sandbox.plugins.properties import Properties


class ResourceError(Exception):
    """Nothing came of it; the message is for the user."""


class InitializationError(ResourceError):
    """The resource exists, but is not what was asked for; its state is kept and the next update tries again."""

    def __init__(
        self, reasons: Sequence[str], *, resource_id: str, properties: Properties, inputs: Properties | None = None
    ) -> None:
        super().__init__(reasons[0])
        self.reasons = tuple(reasons)
        self.resource_id = resource_id
        self.properties = properties
        self.inputs = inputs
