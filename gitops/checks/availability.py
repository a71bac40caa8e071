"""What the config may ask for, but this version cannot do."""

from collections.abc import Iterator

from gitops.errors import Problem
from gitops.platform import Platform


def available(platform: Platform) -> Iterator[Problem]:
    """A setting that would be ignored leaves a cluster that is not what its config says."""
    if platform.cluster.bootstrap != "existing":
        yield Problem(
            rule="bootstrap/available",
            where="homelab:bootstrap",
            what=f"bootstrap {platform.cluster.bootstrap!r} is not available in this version",
            fix="install Flux and the bootstrap secrets first, and use bootstrap: existing",
        )
