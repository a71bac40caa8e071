"""Whether a stack's cluster has what `homelab up` needs, asked before anything is changed."""

from collections.abc import Iterator

from cli.live import listed, live
from cli.pulumi import Pulumi
from cli.terminal import show_problems
from cluster.client import Client, ObjectReference
from cluster.errors import NoKindMatchError
from gitops.adoption.live import INSTANCE
from gitops.delivery import delivery_of
from gitops.errors import GitOpsError, Problem, Severity
from gitops.existing import VARIABLES, Existing, asked_kinds, asked_objects, findings, is_anothers, strange, unrecorded
from gitops.flux import NAMESPACE
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform
from gitops.taking_over import UPSERT


class UnfitClusterError(GitOpsError):
    """The cluster is another one, or lacks what must be there."""


def refuse_unfit(client: Client, platform: Platform, pulumi: Pulumi) -> None:
    """Show warnings; UnfitClusterError with everything that is wrong."""
    found = _look(client, platform)
    problems = tuple(findings(platform, found))
    if not is_anothers(problems):
        problems += tuple(_of_state(found, pulumi))
    if errors := [problem for problem in problems if problem.severity is Severity.ERROR]:
        raise UnfitClusterError(errors)
    if problems:
        show_problems(problems, untouched=False)


def refuse_other_cluster(client: Client, name: str) -> None:
    """UnfitClusterError where the variables on the API server are another cluster's."""
    if problems := tuple(strange(name, _variables(client))):
        raise UnfitClusterError(problems)


def _look(client: Client, platform: Platform) -> Existing:
    return Existing(
        served=frozenset(kind for kind in asked_kinds(platform) if _is_served(client, kind)),
        variables=_variables(client),
        instances=listed(client, INSTANCE),
        deployments=client.list("apps/v1", "Deployment", namespace=NAMESPACE),
        keys=dict(_keys(client, platform)),
        present=frozenset(_present(client, platform)),
    )


def _of_state(found: Existing, pulumi: Pulumi) -> Iterator[Problem]:
    """Nothing is in the way of a Pulumi that takes over what exists."""
    if found.present and pulumi.environment.get(UPSERT) not in {"1", "true"}:
        yield from unrecorded(found.present, pulumi.state())


def _present(client: Client, platform: Platform) -> Iterator[ObjectKey]:
    for item in delivery_of(platform).registrations(platform):
        if live(client, ObjectReference.of(item.manifest)):
            yield item.key


def _variables(client: Client) -> tuple[Manifest, ...]:
    return tuple(filter(None, (live(client, ObjectReference.of(item)) for item in VARIABLES)))


def _is_served(client: Client, kind: tuple[str, str]) -> bool:
    try:
        client.discovery.resource(*kind)
    except NoKindMatchError:
        return False
    return True


def _keys(client: Client, platform: Platform) -> Iterator[tuple[ObjectKey, frozenset[str]]]:
    """Which keys have a value; the values themselves go no further than here."""
    for key in (item.key for item in asked_objects(platform)):
        reference = ObjectReference(api_version="v1", kind=key.kind, name=key.name, namespace=key.namespace)
        if item := client.get(reference):
            filled = {**(item.get("data") or {}), **(item.get("binaryData") or {})}
            yield key, frozenset(name for name, value in filled.items() if value)
