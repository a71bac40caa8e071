"""The artifact that Flux builds the layers from."""

from components.component import Component


class Artifact(Component):
    """The rendered tree as an OCI artifact: pushed where it changed, and the source that is pinned to it."""

    component = "artifact"
