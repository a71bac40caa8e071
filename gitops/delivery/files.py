"""What Pulumi registers, as files for review."""

from collections import Counter

from gitops.delivery import delivery_of
from gitops.delivery.registration import is_helm_release
from gitops.documents import to_yaml
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.rendering import Tree


def registered_files(platform: Platform, folder: str) -> Tree:
    """Every Kubernetes object that Pulumi registers, one a file, `<kind>-<name>.yaml`; sorted by path.

    Objects that share kind and name get their namespace too.
    """
    items = [item for item in delivery_of(platform).registrations(platform) if not is_helm_release(item.manifest)]
    counts = Counter(_name(item.key) for item in items)
    named = ((f"{_name(item.key)}{_suffix(item.key, counts)}", item.manifest) for item in items)
    return dict(sorted((f"{folder}/{name}.yaml", to_yaml([manifest])) for name, manifest in named))


def _suffix(key: ObjectKey, counts: Counter[str]) -> str:
    return f"-{key.namespace}" if counts[_name(key)] > 1 else ""


def _name(key: ObjectKey) -> str:
    return f"{key.kind.lower()}-{key.name}"
