"""The platform of one cluster: everything that is decided before an engine or a cluster is asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gitops.addon import Addon, Bundle
from gitops.cluster import Cluster
from gitops.layer import Layer
from gitops.objects import ConfigMap, KubernetesObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """What a cluster runs.

    Attributes:
        cluster: The config it was made from.
        variables: The ConfigMaps whose keys are variables; later ones win.
        layers: In the order of their registration.
        website: The objects of the website, which Pulumi applies; none without one.
    """

    cluster: Cluster
    variables: tuple[ConfigMap, ...]
    layers: tuple[Layer, ...]
    website: tuple[KubernetesObject, ...] = ()

    @property
    def addons(self) -> tuple[Addon, ...]:
        """All add-ons, layer by layer."""
        return tuple(addon for layer in self.layers for addon in layer.addons)

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        """All bundles, layer by layer."""
        return tuple(bundle for layer in self.layers for bundle in layer.bundles)

    @property
    def values(self) -> dict[str, str]:
        """The value of every variable, as Flux would look it up."""
        return {name: value for item in self.variables for name, value in item.data.items()}

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
        return self.map_bundles(lambda bundle: replace(bundle, objects=tuple(change(item) for item in bundle.objects)))
