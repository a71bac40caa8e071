"""The syntax of `fluxcd/pkg/envsubst`: a text as plain parts and expansions.

Only braces count: `${name}`, with an operator or without. `$name` is text, and `$$` is a dollar sign.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, TypeAlias

DEFAULTS: Final = ("=", ":=", ":-", ":?", ":+")
"""The operators that are followed by a default value."""

_DEPTH: Final = 100
_EXCERPT: Final = 40
_WORD: Final = re.compile(r"\w*")
_OPERATOR: Final = re.compile(r":[-=?+]|=|:|[,^]{1,2}|##?|%%?|/[/#%]?")
_COLONS: Final = re.compile(":+")
_SLASHES: Final = re.compile("/+")


class TemplateError(ValueError):
    """The text is no template that Flux can evaluate."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """One `${…}`; without an operator it stands for the variable's value."""

    name: str
    operator: str = ""
    arguments: tuple["Part", ...] = ()


Part: TypeAlias = str | Expansion


def parse(text: str) -> tuple[Part, ...]:
    """Text, with `$$` resolved, and expansions in turn; TemplateError when it is malformed."""
    return tuple(_Parser(text).parts())


@dataclass(slots=True)
class _Parser:
    """A cursor over a text: each method reads one construct of the syntax and moves behind it."""

    text: str
    position: int = field(default=0)
    depth: int = field(default=0)

    def parts(self) -> Iterator[Part]:
        """Text and expansions in turn, to the end."""
        while self.position < len(self.text):
            if self._take("${"):
                yield self._expansion()
            elif self._take("$$"):
                yield "$"
            else:
                yield self._plain()

    def _plain(self) -> str:
        start = self.position
        end = self.text.find("$", start + 1)
        self.position = len(self.text) if end < 0 else end
        return self.text[start : self.position]

    def _expansion(self) -> Expansion:
        start = self.position - 2
        if self._take("#"):
            return self._closed(Expansion(self._name("bad substitution", start), "#length"), start)
        name = self._name("unable to parse variable name", start)
        operator = self._match(_OPERATOR)
        return self._closed(Expansion(name, operator, self._arguments(operator, start)), start)

    def _name(self, otherwise: str, start: int) -> str:
        word = self._match(_WORD)
        name = "".join(takewhile(_in_names, word))
        self.position -= len(word) - len(name)
        if not name:
            raise self._error(otherwise, start)
        return name

    def _arguments(self, operator: str, start: int) -> tuple[Part, ...]:
        if operator in DEFAULTS:
            return self._default(start)
        if operator == ":":
            return self._substring(start)
        if operator in {"#", "##", "%", "%%"}:
            return (self._argument("}", start),)
        return self._replacement(start) if operator.startswith("/") else ()

    def _closed(self, expansion: Expansion, start: int) -> Expansion:
        if not self._take("}"):
            raise self._error("bad substitution" if expansion.operator else "missing closing brace", start)
        return expansion

    def _default(self, start: int) -> tuple[Part, ...]:
        parts = []
        while not self._sees("}"):
            parts.append(self._argument("}", start))
        return tuple(parts)

    def _substring(self, start: int) -> tuple[Part, ...]:
        # Upstream loses its place before a character of several bytes, and at the end.
        ahead = self.text[self.position : self.position + 1]
        if not ahead or not ahead.isascii():
            raise self._error("bad substitution", start)
        offset = self._argument(":}", start)
        return (offset, self._argument("}", start)) if self._match(_COLONS) else (offset,)

    def _replacement(self, start: int) -> tuple[Part, ...]:
        pattern = self._argument("/", start, escapes=True)
        if not self._match(_SLASHES):
            raise self._error("bad substitution", start)
        return (pattern,) if self._sees("}") else (pattern, self._argument("}", start, escapes=True))

    def _argument(self, stops: str, start: int, *, escapes: bool = False) -> Part:
        """One argument: an expansion, or text up to one of `stops` or the next expansion."""
        if self._take("${"):
            return self._nested(start)
        text = ""
        while self.position < len(self.text) and not self._sees("${"):
            if escapes and self._sees("$$", "\\/", "\\\\"):
                self.position += 1
            elif self._sees(*stops):
                break
            text += self.text[self.position]
            self.position += 1
        if not text:
            raise self._error("unable to parse substitution within function", start)
        return text

    def _nested(self, start: int) -> Expansion:
        self.depth += 1
        if self.depth > _DEPTH:
            raise self._error(f"expansions deeper than {_DEPTH}", start)
        expansion = self._expansion()
        self.depth -= 1
        return expansion

    def _sees(self, *tokens: str) -> bool:
        return self.text.startswith(tokens, self.position)

    def _take(self, token: str) -> bool:
        found = self._sees(token)
        self.position += len(token) if found else 0
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position)
        found = match.group() if match else ""
        self.position += len(found)
        return found

    def _error(self, what: str, start: int) -> TemplateError:
        return TemplateError(f"{what} at {self.text[start : start + _EXCERPT]!r}")


def _in_names(character: str) -> bool:
    """Letters and decimal digits of any script; `²` and `Ⅷ`, which a regular expression's words hold, are neither."""
    return character == "_" or character.isalpha() or character.isdecimal()
