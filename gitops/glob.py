"""Shell patterns as Flux's `#` and `%` operators read them: `*` matches slashes too."""

import re
from functools import lru_cache


def trimmed(value: str, pattern: str, *, longest: bool) -> str:
    """`value` without its longest or shortest beginning that matches; a malformed pattern matches nothing."""
    regex = _regex(pattern)
    if regex is None:
        return value
    lengths = range(len(value), 0, -1) if longest else range(1, len(value) + 1)
    for length in lengths:
        if regex.fullmatch(value, 0, length):
            return value[length:]
    return value


@lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str] | None:
    parts = re.findall(r"\*+|\?|\[\^?(?:\\.|[^\]\\])+\]|\\.|[^*?\[\\]", pattern, re.DOTALL)
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
