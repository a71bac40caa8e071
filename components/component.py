"""The one idiom of every component: children registered from data, outputs registered last."""

from dataclasses import dataclass, field
from typing import ClassVar, Self

import pulumi
from pulumi_command import local

from components.command import run
from components.values import holds_secret, values
from gitops.delivery import delivery_of
from gitops.delivery.registration import Command, CommandOutput, Registration, with_field
from gitops.platform import Platform


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentArgs:
    """What a component registers.

    The values decide which resources exist, so they are plain and never an `Output`.

    Attributes:
        registrations: The registrations of all components.
        commands: The commands of all components, which come before their other children.
        registered: Every object registered so far by name; shared, so that edges can cross components.
        ran: Every command so far by name; shared too.
        sound: The same where it prints values of secrets, once all of them are known to be usable; shared too.
    """

    registrations: tuple[Registration, ...]
    commands: tuple[Command, ...] = ()
    registered: dict[str, pulumi.Resource] = field(default_factory=dict)
    ran: dict[str, local.Command] = field(default_factory=dict)
    sound: dict[str, pulumi.Output[pulumi.Resource]] = field(default_factory=dict)

    @classmethod
    def of(cls, platform: Platform) -> Self:
        """What the delivery of a platform registers."""
        delivery = delivery_of(platform)
        return cls(registrations=delivery.registrations(platform), commands=delivery.commands(platform))

    def named(self, name: str) -> pulumi.Input[pulumi.Resource]:
        """The object or command of a name; RunError where no component has registered it yet."""
        known: dict[str, pulumi.Input[pulumi.Resource]] = {**self.registered, **self.ran, **self.sound}
        if name not in known:
            component = next(item.component for item in self.registrations if item.name == name)
            raise pulumi.RunError(
                f"{name} must be there first\n  fix: create the component of {component!r} before this"
            )
        return known[name]

    @property
    def components(self) -> tuple[str, ...]:
        """The components that have something to register, in order."""
        return tuple(dict.fromkeys(item.component for item in self.registrations))


class Component(pulumi.ComponentResource):
    """A component of the platform.

    Its children are called as the platform calls them, with its own name before where that is another than the
    component's: so a program can hold several platforms.
    """

    component: ClassVar[str]
    """Name that its registrations give it."""

    def __init__(self, name: str, args: ComponentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"homelab:index:{type(self).__name__}", name, None, opts)
        prefix = "" if name == self.component else f"{name}-"
        for command in (item for item in args.commands if item.component == self.component):
            args.ran[command.name] = run(command, name=f"{prefix}{command.name}", parent=self)
        own = [item for item in args.registrations if item.component == self.component]
        known = {item.name: values(item, args.ran) for item in own}
        args.sound.update(_sound([(item, known[item.name]) for item in own if holds_secret(item)], args.ran))
        for item in own:
            args.registered[item.name] = self._register(f"{prefix}{item.name}", item, args, known[item.name])
        self.register_outputs({"objects": [str(item.key) for item in own]})

    def _register(
        self, name: str, item: Registration, args: ComponentArgs, known: list[pulumi.Output[str]]
    ) -> pulumi.Resource:
        timeout = str(item.timeout) if item.timeout else None
        opts = pulumi.ResourceOptions(
            parent=self,
            depends_on=[args.named(name) for name in item.depends_on],
            custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout) if timeout else None,
            retain_on_delete=item.retain_on_delete or None,
            ignore_changes=list(item.ignore_changes) or None,
        )
        inputs = item.inputs
        for value, text in zip(item.values_from, known, strict=True):
            inputs = with_field(inputs, value.path, text)
        return pulumi.CustomResource(_token(item), name, inputs, opts)


def _sound(
    secrets: list[tuple[Registration, list[pulumi.Output[str]]]], ran: dict[str, local.Command]
) -> dict[str, pulumi.Output[pulumi.Resource]]:
    """The commands behind secrets, each once the values of all of these are checked."""
    sources = [value.source for item, _ in secrets for value in item.values_from]
    checked = pulumi.Output.all(*(text for _, texts in secrets for text in texts))

    def after(command: local.Command) -> pulumi.Output[pulumi.Resource]:
        return checked.apply(lambda _: command)

    return {item.command: after(ran[item.command]) for item in sources if isinstance(item, CommandOutput)}


def _token(item: Registration) -> str:
    """Pulumi's type of an object, under which its provider takes the manifest as it stands.

    The typed classes would send the same, after 0.3 s of imports and a renaming of every key.
    """
    version = item.manifest["apiVersion"]
    return f"kubernetes:{version if '/' in version else f'core/{version}'}:{item.manifest['kind']}"
