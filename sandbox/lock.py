"""Locks between processes: a lock ends with the process that holds it, however that ends."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def locked(file: Path, busy: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a file, which is made and which the holder may remove.

    Where another process holds it, call `busy` and then wait.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            busy()
            fcntl.flock(lock, fcntl.LOCK_EX)
        if _lies_there(lock, file):
            yield
            return
    # Its last holder removed it, and whoever comes next would lock another one.
    with locked(file, busy):
        yield


def _lies_there(opened: IO[str], file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(opened.fileno()), file.stat())
    except FileNotFoundError:
        return False
