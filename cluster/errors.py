"""What goes wrong between this machine and an API server, as findings that the user can act on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitops.errors import GitOpsError, Problem

_FIXES: Final[Mapping[str, str]] = {
    "Unauthorized": "log in again, or choose another context of the kubeconfig",
    "Forbidden": "give the kubeconfig's user this right, or choose another context",
    "Conflict": "leave the field to its owner, or take it over by force",
    "Invalid": "correct the field that the API server names",
    "AlreadyExists": "import the object, or remove it",
}
_ANY_FIX: Final = "see what the API server says; its own log has more"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One of several reasons: for `Invalid` a field, for `Conflict` a field that another manager owns."""

    reason: str = ""
    message: str = ""
    field: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """metav1.Status, as far as a client acts on it."""

    code: int
    reason: str
    message: str
    causes: tuple[Cause, ...] = ()

    @classmethod
    def parse(cls, document: Mapping[str, Any], code: int) -> "Status":
        """The Status that an API server answered with `code`."""
        causes = (document.get("details") or {}).get("causes") or ()
        return cls(
            code=document.get("code") or code,
            reason=document.get("reason") or "",
            message=document.get("message") or f"HTTP {code}",
            causes=tuple(
                Cause(reason=item.get("reason", ""), message=item.get("message", ""), field=item.get("field", ""))
                for item in causes
            ),
        )


class ApiError(GitOpsError):
    """The API server refused; `status` says why."""

    def __init__(self, status: Status, where: str) -> None:
        self.status = status
        fix = _FIXES.get(status.reason, _ANY_FIX)
        super().__init__([Problem(rule="cluster/refused", where=where, what=status.message, fix=fix)])


class UnreachableError(GitOpsError):
    """No API server answered; it may be starting."""

    def __init__(self, server: str, cause: Exception) -> None:
        what = f"the API server does not answer: {str(cause) or type(cause).__name__}"
        fix = "start the cluster, or name another with KUBECONFIG or a context"
        super().__init__([Problem(rule="cluster/reachable", where=server, what=what, fix=fix)])


class KubeconfigError(GitOpsError):
    """The kubeconfig cannot be read, or names what it does not hold."""

    def __init__(self, where: str, what: str, fix: str) -> None:
        super().__init__([Problem(rule="cluster/kubeconfig", where=where, what=what, fix=fix)])


class NoKindMatchError(GitOpsError):
    """The API server serves no such kind in this version."""

    def __init__(self, server: str, api_version: str, kind: str) -> None:
        what = f'no matches for kind "{kind}" in version "{api_version}"'
        fix = "install its CustomResourceDefinition first"
        super().__init__([Problem(rule="cluster/kind", where=server, what=what, fix=fix)])
