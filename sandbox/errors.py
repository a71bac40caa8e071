"""What a sandbox can refuse."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from gitops.errors import GitOpsError, Problem


class SandboxError(GitOpsError):
    """The sandbox cannot do what it was asked for, and says why."""


def refusal(rule: str, where: str, what: str, fix: str) -> SandboxError:
    """One problem as an error."""
    return SandboxError([Problem(rule=f"sandbox/{rule}", where=where, what=what, fix=fix)])


@contextmanager
def files_refused() -> Iterator[None]:
    """What the system refuses about files and programs, a full disk before all, as one problem."""
    try:
        yield
    except OSError as error:
        where, what = str(error.filename or "this machine"), error.strerror or str(error)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise refusal("space", where, "the disk is full", "free some space and run it again") from None
        fix = "make it usable, or point HOMELAB_STATE and HOMELAB_CACHE elsewhere; homelab doctor shows what is there"
        raise refusal("files", where, what, fix) from None
