"""Packaged charts, the same bytes whenever and wherever they are made."""

import gzip
import io
import tarfile
from collections.abc import Mapping


def packaged(name: str, files: Mapping[str, str]) -> bytes:
    """The archive of a chart, its files below a folder of its name."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, text in sorted(files.items()):
            data = text.encode()
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(archive.getvalue(), mtime=0)
