"""What a cluster shows before anything in it is changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gitops.objects import Manifest, ObjectKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Existing:
    """One look at a cluster.

    Attributes:
        served: API version and kind of what was asked for, as far as the API server serves it.
        variables: What holds the variables of the cluster that is live.
        instances: The FluxInstances.
        deployments: The Deployments in Flux's namespace.
        keys: The keys that are not empty, of each Secret and ConfigMap that was asked for and is there.
        present: What Pulumi registers and is there.
    """

    served: frozenset[tuple[str, str]] = frozenset()
    variables: tuple[Manifest, ...] = ()
    instances: tuple[Manifest, ...] = ()
    deployments: tuple[Manifest, ...] = ()
    keys: Mapping[ObjectKey, frozenset[str]] = field(default_factory=dict)
    present: frozenset[ObjectKey] = frozenset()
