"""The inventory as plain data, for people and programs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gitops.declared import DeclaredObject
from gitops.delivery import delivery_of
from gitops.lookup import mapping_at, mappings_at, text_at
from gitops.objects import ObjectKey
from gitops.plan import positions
from gitops.platform import Platform
from gitops.secrets.creations import Creation
from gitops.secrets.inventory import Needed, secret_inventory


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedPlan:
    """What needs an object; `waits` says that it does not work before."""

    object: str
    field: str
    bundle: str | None
    waits: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretPlan:
    """One Secret or ConfigMap that is needed.

    Attributes:
        kind: Secret or ConfigMap.
        namespace: Where it is.
        name: Its name.
        keys: The keys of its data, as far as they are known.
        creator: What makes it; null where nothing does.
        made_by: The object that asks for it.
        bundle: The bundle with which it comes.
        step: The step of the platform's order at which it can be there first; 0 is before Flux.
        purpose: What the bootstrap brings it for.
        needed_by: What needs it.
    """

    kind: str
    namespace: str
    name: str
    keys: tuple[str, ...]
    creator: str | None
    made_by: str | None
    bundle: str | None
    step: int
    purpose: str | None
    needed_by: tuple[NeedPlan, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemPlan:
    """An item that the vault must hold, with the fields that are read."""

    item: str
    fields: tuple[str, ...]
    store: str
    vaults: tuple[str, ...]
    external_secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretsPlan:
    """Every Secret that a platform needs, in the order in which they are there, and what the vault must hold."""

    cluster: str
    secrets: tuple[SecretPlan, ...]
    items: tuple[ItemPlan, ...]


def secrets_plan(platform: Platform) -> SecretsPlan:
    """The inventory of a platform."""
    declared = {item.key: item for item in platform.declared}
    position = positions(platform, delivery_of(platform).graph(platform.bundles))
    entries = (_secret(entry, declared, position) for entry in secret_inventory(platform))
    return SecretsPlan(
        cluster=platform.cluster.name,
        secrets=tuple(sorted(entries, key=lambda entry: (entry.step, entry.namespace, entry.name))),
        items=tuple(_items(declared)),
    )


def _secret(entry: Needed, declared: Mapping[ObjectKey, DeclaredObject], position: Mapping[str, int]) -> SecretPlan:
    creation = entry.creation
    return SecretPlan(
        kind=entry.key.kind,
        namespace=entry.key.namespace,
        name=entry.key.name,
        keys=entry.keys,
        creator=creation.creator.value if creation else None,
        made_by=str(creation.declared.key) if creation and creation.declared else None,
        bundle=creation.home.bundle.name if creation and creation.home else None,
        step=_step(creation, declared, position) if creation else 0,
        purpose=(creation.purpose or None) if creation else None,
        needed_by=tuple(
            NeedPlan(object=str(use.user), field=use.reference.field, bundle=use.bundle, waits=use.reference.waits)
            for use in entry.uses
        ),
    )


def _step(creation: Creation, declared: Mapping[ObjectKey, DeclaredObject], position: Mapping[str, int]) -> int:
    """The step of what asks for it, and of the issuer or store that makes it."""
    makers = (declared[key].home for key in declared.keys() & {creation.through})
    return max((position[home.bundle.name] for home in (creation.home, *makers) if home), default=0)


def _items(declared: Mapping[ObjectKey, DeclaredObject]) -> Iterator[ItemPlan]:
    for key, item in declared.items():
        if key.kind == "ExternalSecret":
            yield from _items_of(item, declared)


def _items_of(item: DeclaredObject, declared: Mapping[ObjectKey, DeclaredObject]) -> Iterator[ItemPlan]:
    fields: dict[str, list[str]] = {}
    for entry in mappings_at(item.substituted, "spec.data"):
        fields.setdefault(text_at(entry, "remoteRef.key"), []).append(text_at(entry, "remoteRef.property"))
    for entry in mappings_at(item.substituted, "spec.dataFrom"):
        fields.setdefault(text_at(entry, "extract.key"), [])
    store = text_at(item.substituted, "spec.secretStoreRef.name")
    for name in filter(None, fields):
        yield ItemPlan(
            item=name,
            fields=tuple(filter(None, fields[name])),
            store=store,
            vaults=_vaults(store, declared),
            external_secret=str(item.key),
        )


def _vaults(store: str, declared: Mapping[ObjectKey, DeclaredObject]) -> tuple[str, ...]:
    """The vaults of a store of 1Password."""
    stores = (item for key, item in declared.items() if key.name == store and key.kind.endswith("SecretStore"))
    return tuple(
        str(vault) for item in stores for vault in mapping_at(item.substituted, "spec.provider.onepassword.vaults")
    )
