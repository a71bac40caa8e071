"""The website."""

from components.component import Component


class Website(Component):
    """The wedding website, which Pulumi applies itself."""

    component = "wedding-website"
