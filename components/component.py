"""The one idiom of every component: children registered from data, outputs registered last."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from gitops.delivery.registration import Registration


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentArgs:
    """What a component registers.

    The values decide which resources exist, so they are plain and never an `Output`.

    Attributes:
        registrations: The registrations of all components.
        registered: Every resource registered so far by name; shared, so that edges can cross components.
    """

    registrations: tuple[Registration, ...]
    registered: dict[str, pulumi.Resource] = field(default_factory=dict)

    @property
    def components(self) -> tuple[str, ...]:
        """The components that have something to register, in order."""
        return tuple(dict.fromkeys(item.component for item in self.registrations))


class Component(pulumi.ComponentResource):
    """A component of the platform, called like the registrations that are its children."""

    def __init__(self, name: str, args: ComponentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"homelab:index:{type(self).__name__}", name, None, opts)
        own = [item for item in args.registrations if item.component == name]
        for item in own:
            args.registered[item.name] = self._register(item, args.registered)
        self.register_outputs({"objects": [str(item.key) for item in own]})

    def _register(self, item: Registration, registered: Mapping[str, pulumi.Resource]) -> pulumi.Resource:
        timeout = str(item.timeout) if item.timeout else None
        opts = pulumi.ResourceOptions(
            parent=self,
            depends_on=[registered[name] for name in item.depends_on],
            custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout) if timeout else None,
            retain_on_delete=item.retain_on_delete or None,
        )
        return pulumi.CustomResource(_token(item), item.name, item.manifest, opts)


def _token(item: Registration) -> str:
    """Pulumi's type of an object, under which its provider takes the manifest as it stands.

    The typed classes would send the same, after 0.3 s of imports and a renaming of every key.
    """
    version = item.manifest["apiVersion"]
    return f"kubernetes:{version if '/' in version else f'core/{version}'}:{item.manifest['kind']}"
