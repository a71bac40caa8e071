"""Flux's substitution of variables in one text, as `fluxcd/pkg/envsubst` does it.

Only braces count: `${name}`, with the operators of `_OPERATORS`. `$name` is text, and `$$` is a dollar sign.
Upstream reads `:+`, `:?` and `?` as defaults too, and knows no `${name-default}`; so does this.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gitops.glob import trimmed

_EXCERPT: Final = 40
_DEFAULTS: Final = ("=", ":=", ":-", ":?", ":+")
_NAME: Final = re.compile(r"\w+")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")


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
    return "".join(_value(part, variables, strict=strict) for part in _Parser(text).parts())


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

    def parts(self) -> Iterator[_Part]:
        """Text and expansions in turn, to the end."""
        while self.position < len(self.text):
            if self._take("${"):
                yield self._expansion()
            elif self._take("$$"):
                # The second dollar is text, and a brace behind it is no expansion.
                yield "$" + ("{" if self._take("{") else "")
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
            return self._closed(_Expansion(self._name(start), "#length"), start)
        name = self._name(start)
        for operator, read in self._readers():
            if self._take(operator):
                return self._closed(_Expansion(name, operator, read(start)), start)
        return self._closed(_Expansion(name), start)

    def _readers(self) -> tuple[tuple[str, Callable[[int], tuple[_Part, ...]]], ...]:
        return (
            *((operator, self._default) for operator in (":=", ":-", ":?", ":+", "=")),
            (":", self._substring),
            *((operator, self._nothing) for operator in (",,", "^^", ",", "^")),
            *((operator, self._pattern) for operator in ("##", "#", "%%", "%")),
            *((operator, self._replacement) for operator in ("//", "/#", "/%", "/")),
        )

    def _name(self, start: int) -> str:
        match = _NAME.match(self.text, self.position)
        if match is None:
            raise self._error("unable to parse variable name", start)
        self.position = match.end()
        return match.group()

    def _closed(self, expansion: _Expansion, start: int) -> _Expansion:
        if not self._take("}"):
            raise self._error("missing closing brace", start)
        return expansion

    def _nothing(self, _start: int) -> tuple[_Part, ...]:
        return ()

    def _default(self, start: int) -> tuple[_Part, ...]:
        parts = []
        while not self._sees("}"):
            parts.append(self._argument("}", start))
        return tuple(parts)

    def _substring(self, start: int) -> tuple[_Part, ...]:
        offset = self._argument(":}", start)
        if not self._take(":"):
            return (offset,)
        self._skip(":")
        return (offset, self._argument("}", start))

    def _pattern(self, start: int) -> tuple[_Part, ...]:
        return (self._argument("}", start),)

    def _replacement(self, start: int) -> tuple[_Part, ...]:
        pattern = "" if self._sees("/") else self._argument("/", start, escapes=True)
        if not self._take("/"):
            raise self._error("bad substitution", start)
        self._skip("/")
        return (pattern,) if self._sees("}") else (pattern, self._argument("}", start, escapes=True))

    def _argument(self, stops: str, start: int, *, escapes: bool = False) -> _Part:
        """One argument: an expansion, or text up to one of `stops` or the next expansion."""
        if self._take("${"):
            return self._expansion()
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

    def _sees(self, *tokens: str) -> bool:
        return self.text.startswith(tokens, self.position)

    def _take(self, token: str) -> bool:
        found = self._sees(token)
        self.position += len(token) if found else 0
        return found

    def _skip(self, character: str) -> None:
        while self._take(character):
            pass

    def _error(self, what: str, start: int) -> TemplateError:
        return TemplateError(f"{what} at {self.text[start : start + _EXCERPT]!r}")


def _default(value: str, arguments: Sequence[str]) -> str:
    return value or "".join(arguments)


def _substring(value: str, arguments: Sequence[str]) -> str:
    """Bytes, as upstream counts them; a bound that is no number leaves the value alone."""
    if not all(_INTEGER.fullmatch(argument) for argument in arguments):
        return value
    data, numbers = value.encode(), [int(argument) for argument in arguments]
    start = numbers[0] if numbers[0] >= 0 else max(0, len(data) + numbers[0])
    end = len(data)
    if len(numbers) > 1:
        end = start + numbers[1] if numbers[1] >= 0 else len(data) + numbers[1]
    return data[start : max(start, end)].decode(errors="replace")


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
        return trimmed(value[::-1], arguments[0][::-1], longest=longest)[::-1]

    return trim


_Operator: TypeAlias = Callable[[str, Sequence[str]], str]
_OPERATORS: Final[Mapping[str, _Operator]] = {
    "": _default,
    **dict.fromkeys(_DEFAULTS, _default),
    ":": _substring,
    "#length": lambda value, _: str(len(value.encode())),
    ",": lambda value, _: value[:1].lower() + value[1:],
    ",,": lambda value, _: value.lower(),
    "^": lambda value, _: value[:1].upper() + value[1:],
    "^^": lambda value, _: value.upper(),
    "#": _trim(longest=False, end=False),
    "##": _trim(longest=True, end=False),
    "%": _trim(longest=False, end=True),
    "%%": _trim(longest=True, end=True),
    "/": _replaced(1),
    "//": _replaced(-1),
    "/#": _prefix,
    "/%": _suffix,
}
