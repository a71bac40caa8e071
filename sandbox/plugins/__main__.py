"""Serve one stand-in, as Pulumi's engine starts it: `python -m sandbox.plugins kubernetes ENGINE`."""

import argparse
from collections.abc import Callable, Mapping
from typing import Final

from sandbox.plugins.command.plugin import CommandPlugin
from sandbox.plugins.engine import Engine
from sandbox.plugins.kubernetes.plugin import KubernetesPlugin
from sandbox.plugins.servicer import Plugin, serve

PLUGINS: Final[Mapping[str, Callable[[Engine], Plugin]]] = {"kubernetes": KubernetesPlugin, "command": CommandPlugin}


def main() -> None:
    """Serve until the engine ends this process."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.plugins", description=__doc__)
    parser.add_argument("plugin", choices=PLUGINS)
    parser.add_argument("engine", nargs="?", default="", help="address of the engine that logs go to")
    # The engine adds its own flags, such as --logflow.
    arguments, _ = parser.parse_known_args()
    engine = Engine(arguments.engine)
    serve(PLUGINS[arguments.plugin](engine), engine)


if __name__ == "__main__":
    main()
