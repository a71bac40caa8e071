"""The kinds of text that a stack's config holds: each checks itself and says how to mend it."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gitops.addresses import AddressRange, parse_address, parse_network

_LABEL: Final = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_DOMAIN: Final = rf"{_LABEL}(?:\.{_LABEL})+"
_IMAGE: Final = r"[a-z0-9][^\s@]*@sha256:[0-9a-f]{64}"
_MAXIMUM: Final = 1024
_MAXIMUM_DOMAIN: Final = 253


def wrong(rule: str, what: str, fix: str) -> PydanticCustomError:
    """A mistake in a value; `what` and `fix` are shown as they are."""
    # A custom error's template would read braces in the text as its own.
    return PydanticCustomError(rule, "{what}", {"what": what, "fix": fix})


def plain(text: str) -> str:
    """Text that can stand in a ConfigMap and in a field: short, printable, and no template itself."""
    if not text:
        raise wrong("empty", "it is empty", "give it a value, or leave the key out")
    if len(text) > _MAXIMUM:
        raise wrong("size", f"it has {len(text)} characters", f"use at most {_MAXIMUM}")
    if not text.isprintable():
        raise wrong("control-characters", f"{shown(text)} holds control characters", "remove them")
    if "${" in text:
        raise wrong(
            "no-variables",
            f"{shown(text)} holds ${{, which Flux would substitute",
            "write the value itself; variables cannot refer to others",
        )
    return text


def shown(value: object) -> str:
    """A value as a message shows it: as YAML spells it, escaped and short."""
    if isinstance(value, str):
        text = f'"{value.encode("unicode_escape").decode()}"'
    else:
        text = str(value).lower() if isinstance(value, bool) else "null" if value is None else repr(value)
    limit = 60
    return text if len(text) <= limit else f"{text[:limit]}…"


def _matching(pattern: str, rule: str, kind: str, fix: str) -> Callable[[str], str]:
    regex = re.compile(pattern)

    def check(text: str) -> str:
        if not regex.fullmatch(text):
            raise wrong(rule, f"{shown(text)} is no {kind}", fix)
        return text

    return check


def _parsed(parse: Callable[[str], Any], rule: str, kind: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            parse(text)
        except ValueError as error:
            raise wrong(rule, f"{shown(text)} is no {kind}", str(error)) from None
        return text

    return check


def _domain(text: str) -> str:
    if len(text) > _MAXIMUM_DOMAIN or not re.fullmatch(_DOMAIN, text):
        fix = "write a domain in lower case with two labels or more, like k8s.example.org"
        raise wrong("domain", f"{shown(text)} is no domain", fix)
    return text


def _anchored(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise wrong("pattern", f"{shown(text)} is no regular expression", str(error)) from None
    if not text.startswith("^") or not text.endswith("$"):
        fix = "write it as ^…$ with dots escaped, so that nobody else's name can contain it"
        raise wrong("pattern", f"{shown(text)} is not anchored, and matches longer names too", fix)
    return text


def _url(*schemes: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            parts = urlsplit(text)
            usable = parts.scheme in schemes and bool(parts.hostname) and not parts.password
        except ValueError:
            usable = False
        if not usable or " " in text:
            fix = f"write a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}"
            raise wrong("url", f"{shown(text)} is no URL that can be used here", fix)
        return text

    return check


_PLAIN: Final = AfterValidator(plain)
Text: TypeAlias = Annotated[str, _PLAIN]
Label: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(_matching(_LABEL, "label", "DNS label", "use at most 63 lower-case letters, digits and '-'")),
    Field(json_schema_extra={"pattern": f"^{_LABEL}$"}),
]
Domain: TypeAlias = Annotated[
    str, _PLAIN, AfterValidator(_domain), Field(json_schema_extra={"pattern": f"^{_DOMAIN}$"})
]
AddressText: TypeAlias = Annotated[str, _PLAIN, AfterValidator(_parsed(parse_address, "address", "IP address"))]
RangeText: TypeAlias = Annotated[
    str, _PLAIN, AfterValidator(_parsed(AddressRange.parse, "range", "range of addresses"))
]
NetworkText: TypeAlias = Annotated[str, _PLAIN, AfterValidator(_parsed(parse_network, "cidr", "CIDR"))]
Replicas: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(_matching("[1-9]|1[0-9]|20", "replicas", "count from 1 to 20", 'write it quoted, like "2"')),
    Field(json_schema_extra={"pattern": "^([1-9]|1[0-9]|20)$"}),
]
Commit: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(_matching("[0-9a-f]{40}", "commit", "commit", "write all 40 hexadecimal digits")),
    Field(json_schema_extra={"pattern": "^[0-9a-f]{40}$"}),
]
Digest: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(_matching("sha256:[0-9a-f]{64}", "digest", "digest", "write sha256: and 64 hexadecimal digits")),
    Field(json_schema_extra={"pattern": "^sha256:[0-9a-f]{64}$"}),
]
Tag: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(
        _matching(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}", "tag", "tag", "use letters, digits, '.', '_' and '-'")
    ),
    Field(json_schema_extra={"pattern": "^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$"}),
]
Pattern: TypeAlias = Annotated[
    str, _PLAIN, AfterValidator(_anchored), Field(json_schema_extra={"pattern": r"^\^.*\$$"})
]
SecretFrom: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(
        _matching(
            r"from_config|op://[^/\s]+/[^/\s]+(/[^/\s]+){1,2}",
            "secret-from",
            "place of a secret value",
            "write from_config, or a 1Password reference like op://vault/item/field",
        )
    ),
    Field(json_schema_extra={"pattern": r"^(from_config|op://[^/\s]+/[^/\s]+(/[^/\s]+){1,2})$"}),
]
VersionRange: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(_matching(r"2\.(x|\d+\.(x|\d+))", "version", "version of Flux", "write one like 2.9.x or 2.9.4")),
    Field(json_schema_extra={"pattern": r"^2\.(x|\d+\.(x|\d+))$"}),
]
Branch: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(
        _matching(
            r"(?!.*(?:\.\.|//|@\{|\.lock$|/\.|/$))[A-Za-z0-9_][^\s~^:?*\[\\]*",
            "branch",
            "branch name",
            "see git help check-ref-format",
        )
    ),
]
Image: TypeAlias = Annotated[
    str,
    _PLAIN,
    AfterValidator(
        _matching(
            _IMAGE,
            "image",
            "image by digest",
            "write name:tag@sha256: and the digest, which a tag alone can change",
        )
    ),
    Field(json_schema_extra={"pattern": f"^{_IMAGE}$"}),
]
GitUrl: TypeAlias = Annotated[str, _PLAIN, AfterValidator(_url("https", "ssh", "http"))]
OciUrl: TypeAlias = Annotated[str, _PLAIN, AfterValidator(_url("oci"))]
MirrorUrl: TypeAlias = Annotated[str, _PLAIN, AfterValidator(_url("https", "http", "oci"))]
