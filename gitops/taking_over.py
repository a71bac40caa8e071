"""Switches of Pulumi's provider for what exists: it creates, and refuses what is there, unless it is told otherwise."""

from collections.abc import Mapping
from typing import Final

UPSERT: Final = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"
"""The environment variable that makes it apply on top of what exists."""

# Force, because a list that the API server fills with defaults conflicts even with one who applies the same.
TAKE_OVER: Final[Mapping[str, str]] = {UPSERT: "true", "PULUMI_K8S_ENABLE_PATCH_FORCE": "true"}
"""The environment in which it takes over what exists, whoever has written it."""
