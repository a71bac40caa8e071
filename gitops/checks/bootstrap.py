"""The bootstrap: what Pulumi is told to make must be what the platform needs."""

from collections.abc import Iterator
from typing import Final

from gitops.bootstrap_secrets import possible
from gitops.checks.rule import rule
from gitops.errors import Violation
from gitops.platform import Platform
from gitops.prerequisite import Prerequisite


@rule("bootstrap/secret")
def known_secrets(platform: Platform) -> Iterator[Violation]:
    """A Secret that nothing needs is made for nobody, and one without a key keeps its pods from starting.

    `homelab secrets STACK` lists what the bootstrap brings, with its keys.
    """
    needed = {item.name: item for item in possible(platform)}
    for name, sources in platform.cluster.bootstrap.secrets.items():
        field = f"homelab:bootstrap.secrets.{name}"
        if name not in needed:
            known = ", ".join(sorted(needed)) or "none"
            yield Violation(field=field, what=f"nothing needs a Secret {name} before Flux", fix=f"needed are {known}")
        else:
            yield from _keys(needed[name], frozenset(sources), field)


def _keys(item: Prerequisite, given: frozenset[str], field: str) -> Iterator[Violation]:
    missing = [key for key in item.keys if key not in given]
    if missing or not given:
        what = f"{item.kind} {item.namespace}/{item.name} has no key {', '.join(missing) or 'at all'}"
        yield Violation(field=field, what=what, fix="add each as from_config, or as an op:// reference")


RULES: Final = (known_secrets,)
