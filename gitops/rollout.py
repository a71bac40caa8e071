"""How far Flux is with a platform, told from the objects on its API server: a phase for each bundle, or a failure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from gitops.addon import Bundle
from gitops.conditions import condition, failure_words, is_given_up, is_observed, is_stalled, is_waiting, says_yes
from gitops.delivery import delivery_of
from gitops.flux import HELM_RELEASE, KUSTOMIZATION, NAMESPACE, RESOURCE_SET_API
from gitops.objects import KubernetesObject, Manifest, ObjectKey, object_key
from gitops.platform import Platform
from gitops.policies.health_gates import CONDITIONS
from gitops.policies.revision import revision_of
from gitops.source_revision import Source, source_of

_RESOURCE_SET: Final = (RESOURCE_SET_API, "ResourceSet")
_CARRIERS: Final = {"git": KUSTOMIZATION, "oci": KUSTOMIZATION, "inline": _RESOURCE_SET}
"""What tells a bundle's health, by delivery; in delivery direct its own objects do."""

_SOURCES: Final = tuple(
    ("source.toolkit.fluxcd.io/v1", kind) for kind in ("GitRepository", "HelmRepository", "OCIRepository", "HelmChart")
)
_TELLING: Final = (KUSTOMIZATION, _RESOURCE_SET, HELM_RELEASE, *_SOURCES, *CONDITIONS)
"""API version and kind of every object whose status tells something."""

CONFIRMED_AFTER: Final = 20.0
"""Seconds after which the same failure again is taken for one that does not heal by itself."""


class Phase(StrEnum):
    """Where a bundle is."""

    ABSENT = "not applied yet"
    WAITING = "waiting"
    RECONCILING = "reconciling"
    READY = "Ready"
    FAILING = "failing"


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleState:
    """One bundle: its phase, the object that tells it, and what Flux says there."""

    bundle: str
    phase: Phase
    told_by: ObjectKey
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """What will not heal by itself.

    Attributes:
        key: The first object that fails.
        bundle: The bundle or layer that it belongs to.
        reason: Flux's word for it.
        message: Flux's sentence.
        declared_at: Python file and line that declared the add-on; nothing for a layer.
    """

    key: ObjectKey
    bundle: str
    reason: str
    message: str
    declared_at: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """When a failure was first seen, and in which version of the object."""

    words: tuple[str, str]
    at: float
    version: str


@dataclass(slots=True)
class Rollout:
    """What is seen of a platform while Flux reconciles it."""

    platform: Platform
    objects: dict[ObjectKey, Manifest] = field(default_factory=dict)
    _failing: dict[ObjectKey, _Seen] = field(default_factory=dict)
    _confirmed: set[ObjectKey] = field(default_factory=set)
    _has_judged: bool = False
    _homes: dict[ObjectKey, "_Home"] = field(init=False)
    _asked: dict[ObjectKey, Manifest] = field(init=False)
    _source: Source = field(init=False)
    _revision: str = field(init=False)

    def __post_init__(self) -> None:
        homes = (*_homes(self.platform), *_layer_homes(self.platform))
        self._homes = {key: home for home in homes for key in (*home.objects, *home.carriers)}
        delivery = delivery_of(self.platform)
        registered = {item.key: item.manifest for item in delivery.registrations(self.platform)}
        self._asked = delivery.expand(self.platform) | registered
        self._source = source_of(self.platform)
        self._revision = revision_of(self.platform)

    @property
    def watched(self) -> tuple[tuple[str, str], ...]:
        """API version and kind of every object to look at: those that tell something, or whose being there does."""
        carriers = (item for bundle in self.platform.bundles for item in bundle.objects if item.key in self._homes)
        return tuple(dict.fromkeys((*_TELLING, *((item.api_version, item.kind) for item in carriers))))

    def see(self, manifest: Manifest) -> None:
        """An object as it is."""
        self.objects[object_key(manifest)] = manifest

    def judge(self, at: float) -> None:
        """Tell failures that last from others, once all is seen that there is at this second of any clock."""
        for key in self._homes.keys() & self.objects.keys():
            self._judge(key, at)
        self._has_judged = True

    def forget(self, key: ObjectKey) -> None:
        """An object that is gone."""
        self.objects.pop(key, None)
        self._failing.pop(key, None)
        self._confirmed.discard(key)

    def states(self) -> tuple[BundleState, ...]:
        """The state of each bundle, in the order in which they become ready."""
        return tuple(self._state(home) for home in dict.fromkeys(self._homes.values()) if home.bundle)

    @property
    def done(self) -> bool:
        """Whether every bundle is Ready with what was asked for."""
        return all(state.phase is Phase.READY for state in self.states())

    def failure(self) -> Failure | None:
        """The first failure that will not heal by itself."""
        found = ((key, home) for key, home in self._homes.items() if key in self._confirmed)
        return next((self._named(home, key) for key, home in found), None)

    def _judge(self, key: ObjectKey, at: float) -> None:
        manifest, is_attempted = self.objects[key], self._is_attempted(key)
        words = failure_words(manifest)
        # While it is tried again it says neither yes nor no, and that heals nothing.
        if not is_attempted or says_yes(manifest):
            self._failing.pop(key, None)
            self._confirmed.discard(key)
        elif words and (is_stalled(manifest) or self._lasts(key, words, at)):
            self._confirmed.add(key)

    def _lasts(self, key: ObjectKey, words: tuple[str, str], at: float) -> bool:
        version, seen = self.objects[key]["metadata"]["resourceVersion"], self._failing.get(key)
        if seen is None or seen.words != words:
            self._failing[key] = _Seen(words, at, version)
            # At the first look it may be what an earlier run left, and about to be tried again.
            return self._has_judged and is_given_up(self.objects[key])
        return seen.version != version and (is_given_up(self.objects[key]) or at - seen.at >= CONFIRMED_AFTER)

    def _is_attempted(self, key: ObjectKey) -> bool:
        """Whether what an object says is about what was asked for, and not about what was there before."""
        told = (self._is_told(carrier, "lastAttemptedRevision") for carrier in self._homes[key].carriers)
        return self._is_asked(key) and all(told)

    def _is_asked(self, key: ObjectKey) -> bool:
        """Whether an object is as it will be, and speaks of itself as it is."""
        manifest, asked = self.objects[key], self._asked.get(key, {})
        told = condition(manifest).get("observedGeneration")
        is_current = told is None or told == manifest["metadata"].get("generation")
        return is_current and _holds(manifest.get("spec"), asked.get("spec"))

    def _state(self, home: "_Home") -> BundleState:
        state = self._worst(home.name, home.carriers)
        return self._worst(home.name, home.judged) if state.phase is Phase.READY and home.judged else state

    def _worst(self, bundle: str, keys: Iterable[ObjectKey]) -> BundleState:
        phases = ((key, *self._phase(key)) for key in keys)
        states = (BundleState(bundle=bundle, phase=phase, told_by=key, detail=said) for key, phase, said in phases)
        return min(states, key=lambda state: _ORDER.index(state.phase))

    def _phase(self, key: ObjectKey) -> tuple[Phase, str]:
        manifest = self.objects.get(key)
        if manifest is None:
            return Phase.ABSENT, ""
        ready = condition(manifest)
        said: str = ready.get("message", "")
        if ready.get("status") == "False":
            return (Phase.WAITING if is_waiting(ready) else Phase.FAILING), said
        if (manifest["apiVersion"], manifest["kind"]) not in _TELLING:
            return Phase.READY, said
        is_current = is_observed(manifest) and self._is_asked(key) and self._is_told(key, "lastAppliedRevision")
        return (Phase.READY if is_current and says_yes(manifest) else Phase.RECONCILING), said

    def _is_told(self, key: ObjectKey, revision: str) -> bool:
        """Whether it has today's variables and source, where it has any; a ResourceSet is at today's templates."""
        manifest = self.objects.get(key)
        if manifest is None:
            return False
        if key.kind == _RESOURCE_SET[1]:
            return self._is_asked(key) and not is_waiting(condition(manifest))
        told = manifest.get("spec", {}).get("postBuild", {}).get("substitute", {}).get("revision")
        has_source = self._source.is_revision(manifest.get("status", {}).get(revision), self.objects)
        return has_source and told in {None, self._revision}

    def _named(self, home: "_Home", key: ObjectKey) -> Failure:
        """The failure of an object; a Kustomization's by the first object in it that is unhealthy."""
        unhealthy = (item for item in home.objects if item in self.objects and not says_yes(self.objects[item]))
        culprit = next(unhealthy, key) if key in home.carriers else key
        said = condition(self.objects[culprit])
        return Failure(
            key=culprit,
            bundle=home.name,
            reason=said.get("reason", ""),
            message=said.get("message", ""),
            declared_at=home.declared_at,
        )


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class _Home:
    """A bundle, or a layer, with the objects that tell something about it.

    Attributes:
        name: The bundle's or the layer's Kustomization's.
        declared_at: Where its add-on is declared.
        objects: Its own, a source before the release that reads it.
        carriers: What tells its health: its Kustomization, or its own objects where Pulumi applies them.
        judged: Those of its objects whose health nothing that carries them tells.
        bundle: Whether it is a bundle.
    """

    name: str
    declared_at: str = ""
    objects: tuple[ObjectKey, ...] = ()
    carriers: tuple[ObjectKey, ...]
    judged: tuple[ObjectKey, ...] = ()
    bundle: bool = True


def _homes(platform: Platform) -> Iterator[_Home]:
    """Every bundle, in the order in which they become ready."""
    named = {bundle.name: (addon, bundle) for addon in platform.addons for bundle in addon.bundles}
    for name in delivery_of(platform).graph(platform.bundles).order():
        addon, bundle = named[name]
        watched = sorted(_watched(bundle), key=lambda item: (item.api_version, item.kind) not in _SOURCES)
        objects = _keys(watched)
        carriers = _carriers(platform, name) or objects or _keys(bundle.objects)
        judged = _keys(_judged(platform, bundle))
        yield _Home(name=name, declared_at=addon.declared_at, objects=objects, carriers=carriers, judged=judged)


def _layer_homes(platform: Platform) -> Iterator[_Home]:
    """The layers, whose own failures, as a path that is not in the tree, leave their bundles unapplied."""
    for layer in platform.layers:
        yield _Home(name=layer.kustomization, carriers=_carriers(platform, layer.kustomization), bundle=False)


def _carriers(platform: Platform, name: str) -> tuple[ObjectKey, ...]:
    carrier = _CARRIERS.get(platform.cluster.delivery)
    return (ObjectKey(carrier[0].partition("/")[0], carrier[1], NAMESPACE, name),) if carrier else ()


def _keys(objects: Iterable[KubernetesObject]) -> tuple[ObjectKey, ...]:
    return tuple(item.key for item in objects)


def _watched(bundle: Bundle) -> Iterator[KubernetesObject]:
    return (item for item in bundle.objects if (item.api_version, item.kind) in _TELLING)


def _judged(platform: Platform, bundle: Bundle) -> Iterator[KubernetesObject]:
    """A ResourceSet is Ready as soon as such objects are there; a Kustomization has expressions for them."""
    kinds = CONDITIONS if platform.cluster.delivery == "inline" else ()
    return (item for item in bundle.objects if (item.api_version, item.kind) in kinds)


_ORDER: Final = (Phase.FAILING, Phase.ABSENT, Phase.WAITING, Phase.RECONCILING, Phase.READY)


def _holds(found: Any, asked: Any) -> bool:
    """Whether everything that was asked for is there; the API server adds defaults, and drops nulls."""
    if asked is None:
        return True
    if isinstance(asked, Mapping):
        return isinstance(found, Mapping) and all(_holds(found.get(key), value) for key, value in asked.items())
    if isinstance(asked, list):
        return isinstance(found, list) and len(found) == len(asked) and all(map(_holds, found, asked))
    return bool(found == asked)
