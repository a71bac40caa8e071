"""Text that looks like a credential, told by its shape, its key, or its randomness.

detect-secrets would bring more patterns, but it has had no release since 2024, needs the network's libraries, and
reads files line by line, where a finding needs a field.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A text that looks like a credential.

    Attributes:
        field: Where it stands.
        kind: What it looks like.
        text: The whole text, which no message may show.
    """

    field: str
    kind: str
    text: str


_SHAPES: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"),
        ("an age key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{20,}"),
        ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})"),
        ("a GitLab token", r"\bgl(?:pat|dt|rt|oas)-[A-Za-z0-9_-]{20,}"),
        ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
        ("a Slack token", r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}"),
        ("a Grafana token", r"\bgl(?:sa|c)_[A-Za-z0-9_=+/]{30,}"),
        ("a Pulumi access token", r"\bpul-[0-9a-f]{40}\b"),
        ("a Docker Hub token", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
        ("a Tailscale key", r"\btskey-[a-z]+-[A-Za-z0-9-]{20,}"),
        ("a Vault token", r"\bhv[bs]\.[A-Za-z0-9_-]{20,}"),
        ("a Telegram bot's token", r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b"),
        ("a 1Password credentials file", r"\"encCredentials\"\s*:"),
        ("a token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}"),
        ("a 1Password token", r"\bops_eyJ[A-Za-z0-9_-]{20,}"),
        ("a URL with a password", r"[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@$]+@"),
        (
            "a password in a text",
            (
                r"(?i)\b[\w.-]*(?:password|passwd|passphrase|token|api[-_]?key|client[-_]?secret)\b[\"']?\s*[=:]\s*"
                r"(?:\"[^\"$]{6,}\"|'[^'$]{6,}'|[^\s\"'$<{(\[/]{6,}(?=\s|$))"
            ),
        ),
    )
)
_KEYWORDS: Final = (
    "accesskey",
    "apikey",
    "clientsecret",
    "credentials",
    "credentialsbase64",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "token",
)
# Expressions that something fills in later, files, and references into a vault or to a value that Pulumi keeps.
_REFERENCES: Final = ("$", "{{", "/", "op://", "from_config")
_PUBLIC: Final = re.compile(
    r"-----BEGIN (CERTIFICATE|PUBLIC KEY)-----.*?-----END \1-----|\bsha(?:256|384|512)-[A-Za-z0-9+/=]+", re.DOTALL
)
# SSH's public keys and certificates in base64 begin so.
_PUBLIC_BEGINNINGS: Final = ("AAAA", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS")
_RANDOM: Final = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
_CLASSES: Final = (re.compile(r"[0-9]"), re.compile(r"[A-Z]"), re.compile(r"[a-z]"))
_PER_CLASS: Final = 2
_BITS: Final = 4.0
"""Shannon entropy per character."""

_CHANGES: Final = 0.4
"""Share of neighbours that differ in class: names in camel case change at each word, random text at every other."""


def suspicions(value: Any, field: str = "", key: str = "") -> Iterator[Suspicion]:
    """What looks like a credential in plain data; `key` is the key that the value stands under."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            # A container's variable is a mapping of a name and a value.
            named = str(value.get("name", name)) if name == "value" else str(name)
            yield from suspicions(inner, f"{field}.{name}" if field else str(name), named)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from suspicions(inner, f"{field}[{index}]", key)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        kind = looks_like(str(value), key)
        if kind:
            yield Suspicion(field, kind, str(value))


def looks_like(text: str, key: str = "") -> str | None:
    """What kind of credential a text looks like, or nothing."""
    shape = next((kind for kind, pattern in _SHAPES if pattern.search(text)), None)
    if shape:
        return shape
    name = re.sub(r"[^a-z0-9]", "", key.lower())
    if text.strip() and name.endswith(_KEYWORDS) and not text.startswith(_REFERENCES):
        return f"a credential, by its key {key}"
    return "a random key" if any(_is_random(token) for token in _RANDOM.findall(_PUBLIC.sub("", text))) else None


def _is_random(token: str) -> bool:
    if token.startswith(_PUBLIC_BEGINNINGS) or any(len(item.findall(token)) < _PER_CLASS for item in _CLASSES):
        return False
    shares = [count / len(token) for count in Counter(token).values()]
    changes = sum(_class(one) != _class(other) for one, other in pairwise(token))
    return -sum(share * math.log2(share) for share in shares) >= _BITS and changes >= _CHANGES * len(token)


def _class(character: str) -> tuple[bool, bool]:
    return character.isupper(), character.islower()
