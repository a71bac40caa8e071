"""Options that several commands take."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer


class Profile(StrEnum):
    """Profiles of a platform."""

    SEED = "seed"
    STRICT = "strict"


class Delivery(StrEnum):
    """Ways into the cluster."""

    GIT = "git"
    OCI = "oci"
    INLINE = "inline"
    DIRECT = "direct"


class Output(StrEnum):
    """Formats of a report."""

    TEXT = "text"
    JSON = "json"


StackArgument: TypeAlias = Annotated[str, typer.Argument(metavar="STACK", help="Name of the stack.")]
ProfileOption: TypeAlias = Annotated[
    Profile | None, typer.Option("--profile", help="Use this profile instead of the stack's.")
]
DeliveryOption: TypeAlias = Annotated[
    Delivery | None, typer.Option("--delivery", help="Use this delivery instead of the stack's.")
]
OutputOption: TypeAlias = Annotated[Output, typer.Option("--output", "-o", help="Format of the report.")]
