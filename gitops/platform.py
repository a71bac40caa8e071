"""The platform of one cluster: everything that is decided before an engine or a cluster is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from gitops.addon import Addon, Bundle
from gitops.cluster import Cluster
from gitops.declared import DeclaredBundle, DeclaredObject
from gitops.layer import Layer
from gitops.objects import ConfigMap, KubernetesObject


# Not slotted, and equal to itself alone: what is worked out from it is kept, because every check asks for it.
@dataclass(frozen=True, kw_only=True, eq=False)
class Platform:
    """What a cluster runs.

    Attributes:
        cluster: The config it was made from.
        variables: The ConfigMaps whose keys are variables; later ones win.
        layers: In the order of their registration.
        namespaces: Those that Pulumi makes before the layers, as secrets must be there first.
        website: The objects of the website, which Pulumi applies; none without one.
    """

    cluster: Cluster
    variables: tuple[ConfigMap, ...]
    layers: tuple[Layer, ...]
    namespaces: tuple[KubernetesObject, ...] = ()
    website: tuple[KubernetesObject, ...] = ()

    @cached_property
    def addons(self) -> tuple[Addon, ...]:
        """All add-ons, layer by layer."""
        return tuple(addon for layer in self.layers for addon in layer.addons)

    @cached_property
    def bundles(self) -> tuple[Bundle, ...]:
        """All bundles, layer by layer."""
        return tuple(bundle for layer in self.layers for bundle in layer.bundles)

    @cached_property
    def values(self) -> dict[str, str]:
        """The value of every variable, as Flux would look it up."""
        return {name: value for item in self.variables for name, value in item.data.items()}

    @cached_property
    def declared_bundles(self) -> tuple[DeclaredBundle, ...]:
        """All bundles with their places, layer by layer."""
        return tuple(
            DeclaredBundle(layer=layer, addon=addon, bundle=bundle)
            for layer in self.layers
            for addon in layer.addons
            for bundle in addon.bundles
        )

    @cached_property
    def declared(self) -> tuple[DeclaredObject, ...]:
        """All objects with their places: the variables, layers, add-ons and the website."""
        return tuple(self._declared())

    def _declared(self) -> Iterator[DeclaredObject]:
        values = self.values
        for item in self.variables:
            yield DeclaredObject(item=item, owner="the cluster's variables")
        for layer in self.layers:
            yield from (DeclaredObject(item=item, values=values, owner=f"layer {layer.name}") for item in layer.objects)
        for home in self.declared_bundles:
            owner = f"{home.addon.declared_at}: bundle {home.bundle.name}"
            yield from (
                DeclaredObject(item=item, values=values, home=home, owner=owner) for item in home.bundle.objects
            )
        yield from (DeclaredObject(item=item, values=values, owner="the website") for item in self.website)

    def map_layers(self, change: Callable[[Layer], Layer]) -> "Platform":
        """The same platform with every layer changed."""
        return replace(self, layers=tuple(change(layer) for layer in self.layers))

    def map_addons(self, change: Callable[[Addon], Addon]) -> "Platform":
        """The same platform with every add-on changed."""
        return self.map_layers(lambda layer: replace(layer, addons=tuple(change(addon) for addon in layer.addons)))

    def map_bundles(self, change: Callable[[Bundle], Bundle]) -> "Platform":
        """The same platform with every bundle changed."""

        def changed(addon: Addon) -> Addon:
            configs = addon.configs and change(addon.configs)
            return replace(addon, controllers=change(addon.controllers), configs=configs)

        return self.map_addons(changed)

    def map_objects(self, change: Callable[[KubernetesObject], KubernetesObject]) -> "Platform":
        """The same platform with every object of its bundles changed."""
        return self.map_bundles(lambda bundle: bundle.with_objects(change(item) for item in bundle.objects))
