"""The stand-ins touch nothing but the sandbox: its own API server, as the sandbox's own kubeconfig names it."""

import base64
import os
from pathlib import Path
from typing import Final

from cluster.kubeconfig import ClusterAccess, read_kubeconfig
from gitops.errors import GitOpsError, Problem

VARIABLE: Final = "HOMELAB_SANDBOX"
"""Names the sandbox's state folder, which holds its kubeconfig."""

_RULE: Final = "sandbox/plugin"
_FIX: Final = "run `make up`, or for a real cluster install Pulumi's own plugins: pulumi plugin install"


class NotTheSandboxError(GitOpsError):
    """The stand-in was asked to work for something else than the sandbox."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__([Problem(rule=_RULE, where=where, what=what, fix=_FIX)])


def sandbox_folder() -> Path:
    """The state folder of the sandbox that this process serves.

    Raises:
        NotTheSandboxError: No sandbox started it.
    """
    folder = os.environ.get(VARIABLE)
    if not folder or not Path(folder).is_dir():
        raise NotTheSandboxError(VARIABLE, "the stand-in plugin works in the sandbox only, and names no folder of one")
    return Path(folder)


def refuse_foreign(access: ClusterAccess) -> None:
    """Refuse every API server but the sandbox's own: another URL, or another authority behind the same.

    Raises:
        NotTheSandboxError: It is another one.
        KubeconfigError: The sandbox's own kubeconfig cannot be read.
    """
    own = read_kubeconfig(sandbox_folder() / "kubeconfig")
    if access.server != own.server or _authority(access) != _authority(own):
        raise NotTheSandboxError(access.server, f"the stand-in plugin works on {own.server} only")


def _authority(access: ClusterAccess) -> bytes:
    cluster = access.config.cluster
    if cluster.certificate_auth_data:
        return base64.b64decode(cluster.certificate_auth_data).strip()
    if cluster.certificate_auth:
        return Path(access.config.abs_file(cluster.certificate_auth)).read_bytes().strip()
    return b""
