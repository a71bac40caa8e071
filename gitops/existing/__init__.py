"""What a cluster must have before Pulumi comes, and which cluster it must be.

One that is refused here is refused before anything is changed; Pulumi would find out object by object.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from gitops.bootstrap_secrets import possible
from gitops.delivery import delivery_of
from gitops.errors import Problem
from gitops.existing.controllers import controllers
from gitops.existing.identity import VARIABLES, strange
from gitops.existing.look import Existing
from gitops.existing.state import unrecorded
from gitops.inventory import inventory
from gitops.objects import Manifest, ObjectKey, object_key
from gitops.platform import Platform
from gitops.prerequisite import Prerequisite

__all__ = ["VARIABLES", "Existing", "asked_kinds", "asked_objects", "findings", "is_anothers", "strange", "unrecorded"]

_GROUPS: Final = (".toolkit.fluxcd.io", "fluxcd.controlplane.io")
_PULUMI: Final = "pulumi-kubernetes"
_ANOTHERS: Final = frozenset({"existing/cluster", "existing/owner", "existing/sync"})


def asked_kinds(platform: Platform) -> tuple[tuple[str, str], ...]:
    """API version and kind of everything of Flux's that a platform declares, sorted."""
    kinds = {(entry.manifest["apiVersion"], entry.manifest["kind"]) for entry in inventory(platform).values()}
    return tuple(sorted(item for item in kinds if item[0].partition("/")[0].endswith(_GROUPS)))


def asked_objects(platform: Platform) -> tuple[Prerequisite, ...]:
    """What must be there because nobody brings it; the charts of a sandbox are stand-ins, which read no secret."""
    if not _expects_flux(platform) or platform.cluster.sandbox:
        return ()
    return possible(platform)


def findings(platform: Platform, found: Existing) -> Iterator[Problem]:
    """Everything that speaks against bringing a platform into a cluster, but for its state; warnings do not."""
    yield from strange(platform.cluster.name, found.variables)
    if not _expects_flux(platform):
        yield from _of_owners(found)
        return
    yield from _of_kinds(platform, found)
    yield from _of_instances(platform, found)
    # A sandbox runs them as processes.
    if not platform.cluster.sandbox:
        yield from controllers(platform, found.deployments)
    yield from _of_objects(platform, found)


def is_anothers(problems: Iterable[Problem]) -> bool:
    """Whether these say that the cluster is not the stack's, so that nothing in it is to be taken over."""
    return not _ANOTHERS.isdisjoint(problem.rule for problem in problems)


def _expects_flux(platform: Platform) -> bool:
    return platform.cluster.bootstrap.use == "existing"


def _of_owners(found: Existing) -> Iterator[Problem]:
    for item in found.instances:
        managed = item["metadata"].get("managedFields") or ()
        if not any(entry["manager"].startswith(_PULUMI) for entry in managed):
            what = "Pulumi would install a Flux that is there already, and somebody else's"
            yield _problem("owner", str(object_key(item)), what, "set homelab:bootstrap: existing")


def _of_kinds(platform: Platform, found: Existing) -> Iterator[Problem]:
    for version, kind in asked_kinds(platform):
        if (version, kind) not in found.served:
            what = f"the cluster serves no {kind} of {version}"
            operator = version.startswith(_GROUPS[1])
            fix = "install the Flux Operator" if operator else "install Flux in a version that has it"
            yield _problem("flux", "the cluster", what, f"{fix}, or let Pulumi do it: homelab:bootstrap: install")


def _of_instances(platform: Platform, found: Existing) -> Iterator[Problem]:
    wanted = platform.cluster.bootstrap.flux_version
    registered = {item.key for item in delivery_of(platform).registrations(platform)}
    for item in found.instances:
        where, revision = str(object_key(item)), (item.get("status") or {}).get("lastAppliedRevision") or ""
        version = revision.partition("@")[0].removeprefix("v")
        if version and not _fits(version, wanted):
            what = f"it has installed Flux {version}, and the stack is for {wanted}"
            fix = f"change its spec.distribution.version, or set homelab:bootstrap.flux_version: {version}"
            yield _problem("version", where, what, fix)
        if (sync := item["spec"].get("sync")) and _source(item["metadata"]["namespace"], sync) in registered:
            what = f"it syncs {sync.get('path') or 'a source'}, and owns what Pulumi is to own"
            yield _problem("sync", where, what, "adopt the cluster first: homelab adopt STACK prints the steps")


def _fits(version: str, wanted: str) -> bool:
    """Whether a version is one of a range like 2.x, 2.9.x or 2.9.4."""
    return all(part in {"x", number} for part, number in zip(wanted.split("."), version.split("."), strict=False))


def _source(namespace: str, sync: Manifest) -> ObjectKey:
    """The source that the Flux Operator makes for a sync."""
    name = sync.get("name") or namespace
    return ObjectKey("source.toolkit.fluxcd.io", sync.get("kind") or "GitRepository", namespace, name)


def _of_objects(platform: Platform, found: Existing) -> Iterator[Problem]:
    for item in asked_objects(platform):
        have = found.keys.get(item.key)
        missing = [key for key in item.keys if key not in (have or ())]
        if have is None:
            yield _missing(item, "it is not there")
        elif missing or not have:
            yield _missing(item, f"it has no {', '.join(missing) or 'key at all'}, or an empty one")


def _missing(item: Prerequisite, what: str) -> Problem:
    keys = f" with {', '.join(item.keys)}" if item.keys else ""
    fix = f"create it{keys}, or let Pulumi do it: homelab:bootstrap.secrets"
    return _problem("secrets", str(item.key), f"{what}; it is for {item.purpose}", fix)


def _problem(name: str, where: str, what: str, fix: str) -> Problem:
    return Problem(rule=f"existing/{name}", where=where, what=what, fix=fix)
