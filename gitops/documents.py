"""YAML text of manifests, the same bytes whatever the hash seed, locale or folder."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from gitops.flux_yaml import is_text


class _Dumper(yaml.CSafeDumper):
    """Writes text of several lines as a block, as a person would, and quotes what Flux would not read as text."""


class _Loader(yaml.CSafeLoader):
    """Reads scalars as Kubernetes' JSON does: a date stays text, and so does a lone `=`."""


_TEXT = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value"})
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag not in _TEXT]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None if is_text(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(manifests: Iterable[Mapping[str, Any]]) -> str:
    """The manifests as YAML documents, keys in the order they have."""
    text: str = yaml.dump_all(
        manifests,
        Dumper=_Dumper,
        explicit_start=True,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=2**31 - 1,
    )
    return text


def from_yaml(text: str) -> Iterator[dict[str, Any]]:
    """The documents of a YAML text, empty ones left out; ValueError when it is no YAML."""
    try:
        yield from (document for document in yaml.load_all(text, Loader=_Loader) if document is not None)
    except yaml.YAMLError as error:
        raise ValueError(str(getattr(error, "problem", error))) from None
