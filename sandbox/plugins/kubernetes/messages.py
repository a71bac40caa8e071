"""What the real provider says, word for word, so that users and tests meet the same sentences."""

from typing import Final

ALREADY_EXISTS: Final = """

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use `pulumi import`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create."""
_STATE: Final = (
    "you can remove this resource from Pulumi state by rerunning the operation with the "
    'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
)
CANNOT_READ: Final = f"failed to read resource state due to unreachable cluster. If the cluster was deleted, {_STATE}"
CANNOT_DELETE: Final = f"configured Kubernetes cluster is unreachable. If the cluster was deleted, {_STATE}"


def unreachable(why: str) -> str:
    """The API server did not answer when the provider was configured."""
    return f"configured Kubernetes cluster is unreachable: {why}"


def not_created(urn: str, why: str) -> str:
    """The API server refused an object."""
    return f'resource "{urn}" was not successfully created by the Kubernetes API server: {why}'


def no_kind(urn: str, kind: str, why: str) -> str:
    """The API server does not know a kind."""
    return (
        f'creation of resource "{urn}" with kind {kind} failed because the Kubernetes API server reported that the '
        f"apiVersion for this resource does not exist. Verify that any required CRDs have been created: {why}"
    )


def not_live(urn: str, why: str) -> str:
    """An object was created, but what it was waited for did not come."""
    return (
        f'resource "{urn}" was successfully created, but the Kubernetes API server reported that it failed to fully '
        f"initialize or become live: {why}"
    )


def not_updated(identity: str, why: str) -> str:
    """An object is there, but not as it was asked for."""
    return f'the Kubernetes API server reported that "{identity}" failed to fully initialize or become live: {why}'


def gone(urn: str, identity: str) -> str:
    """An object that was to be changed is not there any more."""
    return f'update of resource "{urn}" failed: "{identity}" not found; run `pulumi refresh`'
