"""The source that Flux builds the layers from."""

from components.component import Component


class GitSource(Component):
    """The Git repository and branch that the rendered tree is published to."""

    component = "flux"
