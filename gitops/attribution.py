"""Which policy is behind a difference between two profiles of one cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

from gitops.comparison import Change, compare
from gitops.inventory import inventory
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform
from gitops.profile import steps


@dataclass(frozen=True, slots=True)
class Attribution:
    """What each policy of a profile touched, in the order of the policies."""

    touched: tuple[tuple[str, Change], ...]

    def of_object(self, key: ObjectKey) -> tuple[str, ...]:
        """The policies that added or removed an object."""
        names = (name for name, change in self.touched if change.key == key and change.kind != "changed")
        return tuple(dict.fromkeys(names))

    def of_field(self, key: ObjectKey, path: str) -> tuple[str, ...]:
        """The policies that changed a field, or something in it."""
        names = (
            name
            for name, change in self.touched
            if change.key == key
            for field in change.fields
            if _is_within(path, field.path) or _is_within(field.path, path)
        )
        return tuple(dict.fromkeys(names))


def attribution(seed: Platform) -> Attribution:
    """What the policies of a seed platform's profile change, one after the other."""
    before, touched = manifests(seed), list[tuple[str, Change]]()
    for policy, platform in steps(seed):
        after = manifests(platform)
        touched += [(policy.name, change) for change in compare(before, after)]
        before = after
    return Attribution(tuple(touched))


def manifests(platform: Platform) -> Mapping[ObjectKey, Manifest]:
    """Every declared object of a platform."""
    return {key: entry.manifest for key, entry in inventory(platform).items()}


def _is_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
