"""Shell patterns as Flux's `#` and `%` operators read them: `*` matches slashes too."""

import re
from functools import lru_cache
from typing import Final

# In a class a dash only stands between two characters, or behind a backslash.
_IN_CLASS: Final = r"(?:\\.|[^\]\\-])"
_PART: Final = re.compile(rf"\*+|\?|\[\^?(?:{_IN_CLASS}(?:-{_IN_CLASS})?)+\]|\\.|[^*?\[\\]", re.DOTALL)


def trimmed(value: str, pattern: str, *, longest: bool) -> str:
    """`value` without its longest or shortest beginning that matches; a malformed pattern matches nothing.

    Upstream tries byte by byte, so `?` may match the first byte of a character; the bytes behind it are surrogates.
    """
    regex = _regex(pattern)
    if regex is None:
        return value
    data = value.encode(errors="surrogateescape")
    lengths = range(len(data), 0, -1) if longest else range(1, len(data) + 1)
    for length in lengths:
        if regex.fullmatch(data[:length].decode(errors="surrogateescape")):
            return data[length:].decode(errors="surrogateescape")
    return value


@lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str] | None:
    parts = _PART.findall(pattern)
    if "".join(parts) != pattern:
        return None
    try:
        return re.compile("".join(map(_translated, parts)), re.DOTALL)
    except re.error:
        return None


def _translated(part: str) -> str:
    if part.startswith("*"):
        return ".*"
    if part == "?":
        return "."
    if part.startswith("["):
        # Inside a class only Python's own set operators need escaping.
        inner = re.sub(r"([\[&~|])", r"\\\1", part[1:-1])
        return f"[{inner}]"
    return re.escape(part[-1])
