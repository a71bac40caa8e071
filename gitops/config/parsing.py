"""From a stack's config to its `Cluster`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from gitops.cluster import Cluster
from gitops.config.document import Document, Path, read_document
from gitops.config.mistakes import mistake, unknown
from gitops.config.relations import relations
from gitops.errors import ConfigError
from gitops.secrets.credentials import suspicions

_PREFIX: Final = "homelab:"
_TOP_LEVEL: Final = ("config", "secretsprovider", "encryptionsalt", "encryptedkey", "environment")


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownNames:
    """Names that a config may use; an empty tuple stands for any."""

    addons: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def parse_stack(text: str, *, file: str, known: KnownNames) -> Cluster:
    """The cluster of a stack file's text; ConfigError with every mistake in it."""
    document = read_document(text, file)
    for key in document.data:
        if key not in _TOP_LEVEL:
            document.add("unknown-key", (key,), *unknown(key, _TOP_LEVEL))
    config = document.data.get("config")
    if not isinstance(config, dict):
        document.add("missing", ("config",), "there is no config", "add config:, and homelab:cluster_vars under it")
        raise ConfigError(document.sorted())
    _add_credentials(config, document)
    return _parse(config, document, ("config",), known)


def parse_config(config: Mapping[str, object], *, source: str, known: KnownNames) -> Cluster:
    """The cluster of an engine's config, whose values may be JSON text; ConfigError with every mistake."""
    decoded = {key: _decoded(value) for key, value in config.items()}
    return _parse(decoded, Document(file=source), (), known)


def with_overrides(cluster: Cluster, *, profile: str | None = None, delivery: str | None = None) -> Cluster:
    """The cluster under another profile or delivery, where one is given; ConfigError when it does not fit."""
    chosen = {"profile": profile, "delivery": delivery}
    changes = {name: value for name, value in chosen.items() if value is not None}
    if not changes:
        return cluster
    config = cluster.model_dump(exclude_unset=True) | changes
    named = {f"{_PREFIX}{name}": value for name, value in config.items()}
    return _parse(named, Document(file="with the options given"), (), KnownNames())


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _parse(config: Mapping[str, Any], document: Document, root: Path, known: KnownNames) -> Cluster:
    own = {key.removeprefix(_PREFIX): value for key, value in config.items() if key.startswith(_PREFIX)}
    bad: set[Path] = set()
    for path in (found for key, value in own.items() for found in _secrets(value, (key,))):
        bad.add(path)
        what, fix = (
            "it is encrypted, and read without a passphrase",
            "write it in clear; name secrets, never hold them",
        )
        document.add("secret", _placed(root, path), what, fix)
    cluster = _validated(own, bad, document, root)
    _add_relations(own, bad, document, root)
    _add_unknown_names(own, document, root, known)
    if cluster is None or document.problems:
        raise ConfigError(document.sorted())
    return cluster


def _validated(own: Mapping[str, Any], bad: set[Path], document: Document, root: Path) -> Cluster | None:
    """The model, or nothing and every mistake noted, but for what is known to be bad already."""
    try:
        return Cluster.model_validate(own)
    except ValidationError as error:
        details = error.errors(include_url=False)
    known = frozenset(bad)
    for detail in details:
        path = detail["loc"]
        bad.add(path)
        if not any(path[:end] in known for end in range(1, len(path) + 1)):
            document.add(*mistake(detail, path, _placed(root, path)))
    return None


def _placed(root: Path, path: Path) -> Path:
    """A path of the model as it stands in the file."""
    return (*root, f"{_PREFIX}{path[0]}", *path[1:])


def _add_credentials(config: Mapping[str, Any], document: Document) -> None:
    """What other programs' keys hold in clear; the own ones are the business of the rule secrets/literal."""
    for key in (key for key, value in config.items() if not key.startswith(_PREFIX) and not _is_encrypted(value)):
        for found in suspicions(config[key], key, key.rpartition(":")[2]):
            what = f"{found.field} looks like {found.kind}, in clear ({len(found.text)} characters, not shown)"
            fix = f"encrypt it: pulumi config set --secret {key}; and change it, because it has been written down"
            document.add("credential", ("config", key), what, fix, confidential=True)


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}


def _secrets(value: Any, path: Path) -> Iterator[Path]:
    if _is_encrypted(value):
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets(item, (*path, key))


def _add_relations(own: Mapping[str, Any], bad: set[Path], document: Document, root: Path) -> None:
    def lookup(*path: str) -> str | None:
        value: Any = own
        for end, part in enumerate(path, 1):
            if path[:end] in bad or not isinstance(value, Mapping):
                return None
            value = value.get(part)
        # A section that says nothing is there all the same, and stands for its defaults.
        return str(value) if value or isinstance(value, Mapping) else None

    for rule, path, what, fix in relations(lookup):
        document.add(rule, _placed(root, path), what, fix)


def _add_unknown_names(own: Mapping[str, Any], document: Document, root: Path, known: KnownNames) -> None:
    addons, profile = own.get("addons"), own.get("profile")
    for name in addons if isinstance(addons, Mapping) and known.addons else ():
        if name not in known.addons:
            document.add("unknown-addon", _placed(root, ("addons", name)), *unknown(name, known.addons))
    _add_unknown_rules(own.get("waivers"), document, root, known)
    without = profile.get("without") if isinstance(profile, Mapping) else None
    for index, name in enumerate(without if isinstance(without, list) and known.policies else ()):
        if name not in known.policies:
            path = ("profile", "without", index)
            document.add("unknown-policy", _placed(root, path), *unknown(str(name), known.policies))


def _add_unknown_rules(waivers: Any, document: Document, root: Path, known: KnownNames) -> None:
    listed = waivers if isinstance(waivers, list) and known.rules else ()
    for index, rule in ((index, item.get("rule")) for index, item in enumerate(listed) if isinstance(item, Mapping)):
        if isinstance(rule, str) and rule not in known.rules:
            document.add("unknown-rule", _placed(root, ("waivers", index, "rule")), *unknown(rule, known.rules))
