"""What must exist before Flux starts, because nothing in the cluster can make it."""

from dataclasses import dataclass
from typing import Literal

from gitops.objects import ObjectKey

Kind = Literal["Secret", "ConfigMap"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prerequisite:
    """An object that the bootstrap brings; its values are known to nobody here.

    Attributes:
        kind: Secret, or ConfigMap where the values are public.
        namespace: Where it must be.
        name: Its name.
        keys: The keys of its data; empty where the reader takes several shapes.
        purpose: What it is for, in a few words.
    """

    kind: Kind = "Secret"
    namespace: str
    name: str
    keys: tuple[str, ...] = ()
    purpose: str

    @property
    def key(self) -> ObjectKey:
        """Group, kind, namespace and name."""
        return ObjectKey("", self.kind, self.namespace, self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueReference:
    """A chart value that names a Secret or ConfigMap, as `<name>` or `<namespace>/<name>`.

    Attributes:
        value: Dotted path in the chart's values.
        kind: What it names.
        keys: The keys of its data that the chart's pods read.
        key_values: Dotted paths of chart values that name such keys.
    """

    value: str
    kind: Kind = "Secret"
    keys: tuple[str, ...] = ()
    key_values: tuple[str, ...] = ()
