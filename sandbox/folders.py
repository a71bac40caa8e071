"""Where a sandbox keeps what it makes: nothing of it lies in the checkout."""

import os
from pathlib import Path
from typing import Final

import platformdirs

_APPLICATION: Final = "homelab"


def state_folder() -> Path:
    """`$HOMELAB_STATE`, or the user's state folder: one folder a sandbox."""
    return _folder("HOMELAB_STATE", platformdirs.user_state_path(_APPLICATION))


def cache_folder() -> Path:
    """`$HOMELAB_CACHE`, or the user's cache folder: programs, which all sandboxes share."""
    return _folder("HOMELAB_CACHE", platformdirs.user_cache_path(_APPLICATION))


def _folder(variable: str, default: Path) -> Path:
    return Path(os.environ.get(variable) or default).absolute()
