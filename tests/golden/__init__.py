"""Golden files: expected texts, which `make golden` writes anew."""

import os
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
UPDATE: Final = "UPDATE_GOLDEN"


def golden(name: str, text: str) -> str:
    """What a golden file holds; under `make golden`, `text` is written to it first."""
    file = FOLDER / name
    if os.environ.get(UPDATE):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return file.read_text(encoding="utf-8")
