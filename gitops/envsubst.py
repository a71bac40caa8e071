"""Flux's substitution of variables in one text, as `fluxcd/pkg/envsubst` does it.

Only braces count: `${name}`, with the operators of `_OPERATORS`. `$name` is text, and `$$` is a dollar sign.
Upstream, here v1.9.0, reads `:+` and `:?` as defaults too, and knows no `${name-default}`; so does this. It differs
in three rare things: a NUL is text (upstream stops there; YAML holds none), expansions nest at most `_DEPTH` deep, and
a result that is no UTF-8 is an error (upstream leaves that to the YAML parser).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, TypeAlias

from gitops.glob import trimmed

_DEPTH: Final = 100
_EXCERPT: Final = 40
_DEFAULTS: Final = ("=", ":=", ":-", ":?", ":+")
_WORD: Final = re.compile(r"\w*")
_OPERATOR: Final = re.compile(r":[-=?+]|=|:|[,^]{1,2}|##?|%%?|/[/#%]?")
_COLONS: Final = re.compile(":+")
_SLASHES: Final = re.compile("/+")
_HALF: Final = re.compile("[\udc80-\udcff]")
_INTEGER: Final = re.compile(r"([+-]?)0*([0-9]{1,19})")


class TemplateError(ValueError):
    """The text is no template that Flux can evaluate."""


class UnknownVariableError(TemplateError):
    """A variable that is not declared, in strict mode."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no variable is called {name!r}")


@dataclass(frozen=True, slots=True)
class _Expansion:
    name: str
    operator: str = ""
    arguments: tuple["_Part", ...] = ()


_Part: TypeAlias = str | _Expansion


def evaluate(text: str, variables: Mapping[str, str], *, strict: bool = True) -> str:
    """The text with every `${…}` replaced.

    Raises:
        TemplateError: The text is malformed.
        UnknownVariableError: It uses a name that is not declared, and `strict` is on.
    """
    # The whole text is parsed first, so a mistake behind an unknown variable is the one that is reported.
    parts = tuple(_Parser(text).parts())
    result = "".join(_value(part, variables, strict=strict) for part in parts)
    try:
        return result.encode(errors="surrogateescape").decode()
    except UnicodeError:
        raise TemplateError("the result is no UTF-8: a character is cut in two") from None


def references(text: str) -> frozenset[str]:
    """The name of every variable in the text, those in arguments too."""
    return frozenset(name for part in _Parser(text).parts() for name in _names(part))


def escape(text: str) -> str:
    """A template that evaluates to `text`."""
    return re.sub(r"\$+(?=\{)|\$\$+", lambda match: match.group() * 2, text)


def _names(part: _Part) -> Iterator[str]:
    if isinstance(part, _Expansion):
        yield part.name
        for argument in part.arguments:
            yield from _names(argument)


def _value(part: _Part, variables: Mapping[str, str], *, strict: bool) -> str:
    if isinstance(part, str):
        return part
    arguments = [_value(argument, variables, strict=strict) for argument in part.arguments]
    if strict and part.name not in variables and part.operator not in _DEFAULTS:
        raise UnknownVariableError(part.name)
    return _OPERATORS[part.operator](variables.get(part.name, ""), arguments)


@dataclass(slots=True)
class _Parser:
    """A cursor over a text: each method reads one construct of the syntax and moves behind it."""

    text: str
    position: int = field(default=0)
    depth: int = field(default=0)

    def parts(self) -> Iterator[_Part]:
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

    def _expansion(self) -> _Expansion:
        start = self.position - 2
        if self._take("#"):
            return self._closed(_Expansion(self._name("bad substitution", start), "#length"), start)
        name = self._name("unable to parse variable name", start)
        operator = self._match(_OPERATOR)
        return self._closed(_Expansion(name, operator, self._arguments(operator, start)), start)

    def _name(self, otherwise: str, start: int) -> str:
        word = self._match(_WORD)
        name = "".join(takewhile(_in_names, word))
        self.position -= len(word) - len(name)
        if not name:
            raise self._error(otherwise, start)
        return name

    def _arguments(self, operator: str, start: int) -> tuple[_Part, ...]:
        if operator in _DEFAULTS:
            return self._default(start)
        if operator == ":":
            return self._substring(start)
        if operator in {"#", "##", "%", "%%"}:
            return (self._argument("}", start),)
        return self._replacement(start) if operator.startswith("/") else ()

    def _closed(self, expansion: _Expansion, start: int) -> _Expansion:
        if not self._take("}"):
            raise self._error("bad substitution" if expansion.operator else "missing closing brace", start)
        return expansion

    def _default(self, start: int) -> tuple[_Part, ...]:
        parts = []
        while not self._sees("}"):
            parts.append(self._argument("}", start))
        return tuple(parts)

    def _substring(self, start: int) -> tuple[_Part, ...]:
        # Upstream loses its place before a character of several bytes, and at the end.
        ahead = self.text[self.position : self.position + 1]
        if not ahead or not ahead.isascii():
            raise self._error("bad substitution", start)
        offset = self._argument(":}", start)
        return (offset, self._argument("}", start)) if self._match(_COLONS) else (offset,)

    def _replacement(self, start: int) -> tuple[_Part, ...]:
        pattern = self._argument("/", start, escapes=True)
        if not self._match(_SLASHES):
            raise self._error("bad substitution", start)
        return (pattern,) if self._sees("}") else (pattern, self._argument("}", start, escapes=True))

    def _argument(self, stops: str, start: int, *, escapes: bool = False) -> _Part:
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

    def _nested(self, start: int) -> _Expansion:
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


def _default(value: str, arguments: Sequence[str]) -> str:
    return value or "".join(arguments)


def _substring(value: str, arguments: Sequence[str]) -> str:
    """Bytes, as upstream counts them; a bound that is no number leaves the value alone."""
    numbers = [number for number in map(_integer, arguments) if number is not None]
    if len(numbers) < len(arguments):
        return value
    data = value.encode()
    start = numbers[0] if numbers[0] >= 0 else max(0, len(data) + numbers[0])
    end = len(data)
    if len(numbers) > 1:
        end = numbers[1] + (start if numbers[1] >= 0 else len(data))
    # Two halves of a character make it whole again when they meet.
    return data[start : max(start, end)].decode(errors="surrogateescape")


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    number = int("".join(match.groups())) if match else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def _upper(text: str) -> str:
    """Upper case, one character for one, as Go has it: `ß` stays."""
    return "".join(next((up for up in (rune.upper(), rune.title()) if len(up) == 1), rune) for rune in text)


def _lower(text: str) -> str:
    """Lower case, one character for one, as Go has it: no final sigma."""
    return "".join(rune.lower()[0] for rune in text)


def _replaced(count: int) -> "_Operator":
    def replaced(value: str, arguments: Sequence[str]) -> str:
        return value.replace(arguments[0], "".join(arguments[1:]), count)

    return replaced


def _prefix(value: str, arguments: Sequence[str]) -> str:
    if len(arguments) == 1 or not value.startswith(arguments[0]):
        return value
    return arguments[1] + value.removeprefix(arguments[0])


def _suffix(value: str, arguments: Sequence[str]) -> str:
    if len(arguments) == 1 or not value.endswith(arguments[0]):
        return value
    return value.removesuffix(arguments[0]) + arguments[1]


def _trim(*, longest: bool, end: bool) -> "_Operator":
    def trim(value: str, arguments: Sequence[str]) -> str:
        if not end:
            return trimmed(value, arguments[0], longest=longest)
        return _reversed(trimmed(_reversed(value), _reversed(arguments[0]), longest=longest))

    return trim


def _reversed(text: str) -> str:
    """Backwards; upstream makes half a character the replacement character."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text[::-1])


_Operator: TypeAlias = Callable[[str, Sequence[str]], str]
_OPERATORS: Final[Mapping[str, _Operator]] = {
    "": _default,
    **dict.fromkeys(_DEFAULTS, _default),
    ":": _substring,
    "#length": lambda value, _: str(len(value.encode())),
    ",": lambda value, _: _lower(value[:1]) + value[1:],
    ",,": lambda value, _: _lower(value),
    "^": lambda value, _: _upper(value[:1]) + value[1:],
    "^^": lambda value, _: _upper(value),
    # Upstream reads these two and has no function for them.
    **dict.fromkeys((",^", "^,"), _default),
    "#": _trim(longest=False, end=False),
    "##": _trim(longest=True, end=False),
    "%": _trim(longest=False, end=True),
    "%%": _trim(longest=True, end=True),
    "/": _replaced(1),
    "//": _replaced(-1),
    "/#": _prefix,
    "/%": _suffix,
}
