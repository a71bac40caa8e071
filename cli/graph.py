"""`homelab graph`: what waits for what, as a Mermaid flowchart."""

import sys

from cli.options import ProfileOption, StackArgument
from cli.project import platform_of
from gitops.mermaid import flowchart


def graph(stack: StackArgument, profile: ProfileOption = None) -> None:
    """Print the order of layers and bundles as a Mermaid flowchart."""
    sys.stdout.write(flowchart(platform_of(stack, profile=profile)))
