"""What the config may ask for, but this version cannot do."""

from collections.abc import Iterator
from typing import Final

from gitops.checks.rule import rule
from gitops.errors import Violation
from gitops.platform import Platform


@rule("bootstrap/available")
def available(platform: Platform) -> Iterator[Violation]:
    """A setting that would be ignored leaves a cluster that is not what its config says."""
    if platform.cluster.bootstrap != "existing":
        yield Violation(
            field="homelab:bootstrap",
            what=f"bootstrap {platform.cluster.bootstrap!r} is not available in this version",
            fix="install Flux and the bootstrap secrets first, and use bootstrap: existing",
        )


RULES: Final = (available,)
