"""A folder of charts that an HTTP server makes a Helm repository."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gitops.chart import Chart
from gitops.documents import to_yaml
from sandbox.mirror.stand_in import metadata

INDEX: Final = "index.yaml"
# Charts are the same whenever they are made, and so is the index of them.
_CREATED: Final = "2000-01-01T00:00:00Z"


def write(folder: Path, archives: Mapping[Chart, bytes]) -> None:
    """Make the folder hold these charts, and an index of exactly them."""
    folder.mkdir(parents=True, exist_ok=True)
    for chart, archive in archives.items():
        _replace(folder / _file(chart), archive)
    entries: dict[str, list[dict[str, Any]]] = {}
    for chart, archive in archives.items():
        entries.setdefault(chart.name, []).append(_entry(chart, archive))
    index = {"apiVersion": "v1", "entries": entries, "generated": _CREATED}
    _replace(folder / INDEX, to_yaml([index]).encode())


def _entry(chart: Chart, archive: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(archive).hexdigest()
    return {**metadata(chart), "created": _CREATED, "digest": digest, "urls": [_file(chart)]}


def _file(chart: Chart) -> str:
    return f"{chart.name}-{chart.version}.tgz"


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all: a server may be reading."""
    staged = path.with_name(f".{path.name}")
    staged.write_bytes(content)
    staged.replace(path)
