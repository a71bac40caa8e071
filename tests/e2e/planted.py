"""Secret values that are easily found again, and every form in which one may show up."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gitops.objects import Manifest
from tests.support.bootstrap import VALUES

_CLUSTER_CA: Final = ("cert-manager", "cluster-ca")
_CREDENTIALS: Final = ("1password", "op-credentials")
_TOKEN: Final = ("external-secrets", "onepassword-connect-token")
_MARKS: Final = tuple(f"planted-{number:02}-zq{number * 7919:06}wx" for number in range(19))
# Quotes, line breaks and letters that JSON and YAML write in another way.
_AWKWARD: Final = "\"{}\"\nßecond 'line' of\t{}\n"
FROM_CONFIG: Final[Mapping[str, str]] = {
    **{key: VALUES[key] for key in ("cluster-ca/tls.crt", "cluster-ca/tls.key")},
    "op-credentials/1password-credentials.json": json.dumps(
        {"key": _MARKS[0], "nested": [{"verifier": mark} for mark in _MARKS[1:6]]}
    ),
    **{f"onepassword-connect-token/token-{number}": mark for number, mark in enumerate(_MARKS[6:12])},
}
"""Secrets of the stack's config, without their namespace."""
FROM_OP: Final[Mapping[str, str]] = {
    "op://Homelab/connect/token": _MARKS[12],
    **{f"op://Homelab/connect/{number}": _AWKWARD.format(mark, mark) for number, mark in enumerate(_MARKS[13:19])},
}
"""What the stand-in for the 1Password CLI prints."""
_OP_KEYS: Final = {f"op-{number}": f"op://Homelab/connect/{number}" for number in range(6)}
CHOICE: Final[Mapping[str, Any]] = {
    "use": "install",
    "secrets": {
        "cluster-ca": {"tls.crt": "from_config", "tls.key": "from_config"},
        "op-credentials": {"1password-credentials.json": "from_config"},
        "onepassword-connect-token": {
            "token": "op://Homelab/connect/token",
            **{f"token-{number}": "from_config" for number in range(6)},
            **_OP_KEYS,
        },
    },
}
HOLDERS: Final = (_CLUSTER_CA, _CREDENTIALS, _TOKEN)
"""Namespace and name of the Secrets that hold the values."""


@dataclass(frozen=True, slots=True)
class Value:
    """One planted value, by a part of it that is nowhere else."""

    name: str
    mark: str

    def forms(self) -> Iterator[bytes]:
        """The mark in clear, and in base64 wherever it stands in what was encoded."""
        clear = self.mark.encode()
        yield clear
        for before in range(3):
            coded = base64.b64encode(b"x" * before + clear)
            # The first and the last characters also depend on what stands around.
            yield coded[4 if before else 0 : -4]


def values() -> tuple[Value, ...]:
    """All planted values: the key of the CA by a line of its PEM, the others by their marks."""
    key_line = max(VALUES["cluster-ca/tls.key"].splitlines(), key=len)
    return (Value("tls.key", key_line), *(Value(mark[:10], mark) for mark in _MARKS))


def found(content: bytes) -> set[str]:
    """The names of the planted values that are in some bytes, packed or not."""
    texts = tuple(_unpacked(content))
    return {value.name for value in values() if any(form in text for form in value.forms() for text in texts)}


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes, and what is in them as Git and gzip pack it."""
    yield content
    for unpack in (zlib.decompress, gzip.decompress):
        yield from _tried(unpack, content)


def _tried(unpack: Callable[[bytes], bytes], content: bytes) -> Iterator[bytes]:
    try:
        yield unpack(content)
    except (OSError, EOFError, zlib.error):
        return


def in_files(folder: Path, *, but: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """Files below a folder that hold planted values, but for those whose path contains one of some words."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    named = {str(path): path for path in files if not any(word in str(path) for word in but)}
    seen = {name: found(path.read_bytes()) for name, path in named.items()}
    return {name: names for name, names in seen.items() if names}


def in_objects(manifests: Iterable[Manifest]) -> dict[str, set[str]]:
    """Objects that hold planted values: all of one, but for the data of the Secrets that they are for."""
    seen = {f"{item['kind']} {key(item)}": found(_searched(item)) for item in manifests}
    return {name: names for name, names in seen.items() if names}


def _searched(item: Manifest) -> bytes:
    if item["kind"] == "Secret" and key(item) in HOLDERS:
        return json.dumps({key: value for key, value in item.items() if key != "data"}).encode()
    return b"\n".join((json.dumps(item, ensure_ascii=False).encode(), *_releases(item)))


def _releases(item: Manifest) -> Iterator[bytes]:
    """What Helm remembers of a release, which it packs twice."""
    if item["kind"] == "Secret" and item.get("type", "").startswith("helm.sh/release"):
        yield gzip.decompress(base64.b64decode(base64.b64decode(item["data"]["release"])))


def key(item: Manifest) -> tuple[str, str]:
    """Its namespace and name."""
    return (item["metadata"].get("namespace", ""), item["metadata"]["name"])
