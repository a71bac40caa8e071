"""What a sandbox can refuse."""

from gitops.errors import GitOpsError, Problem


class SandboxError(GitOpsError):
    """The sandbox cannot do what it was asked for, and says why."""


def refusal(rule: str, where: str, what: str, fix: str) -> SandboxError:
    """One problem as an error."""
    return SandboxError([Problem(rule=f"sandbox/{rule}", where=where, what=what, fix=fix)])
