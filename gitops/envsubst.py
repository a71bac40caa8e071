"""Flux's substitution of variables in one text, as `fluxcd/pkg/envsubst` does it.

Only braces count: `${name}`, with the operators of `_OPERATORS`. `$name` is text, and `$$` is a dollar sign.
Upstream, here v1.9.0, reads `:+` and `:?` as defaults too, and knows no `${name-default}`; so does this. It differs
in three rare things: a NUL is text (upstream stops there; YAML holds none), expansions nest at most 100 deep, and
a result that is no UTF-8 is an error (upstream leaves that to the YAML parser).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from gitops.envsubst_syntax import DEFAULTS, Expansion, Part, TemplateError, parse
from gitops.glob import trimmed

_HALF: Final = re.compile("[\udc80-\udcff]")
_INTEGER: Final = re.compile(r"([+-]?)0*([0-9]{1,19})")


class UnknownVariableError(TemplateError):
    """A variable that is not declared, in strict mode."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no variable is called {name!r}")


def evaluate(text: str, variables: Mapping[str, str], *, strict: bool = True) -> str:
    """The text with every `${…}` replaced.

    Raises:
        TemplateError: The text is malformed.
        UnknownVariableError: It uses a name that is not declared, and `strict` is on.
    """
    # The whole text is parsed first, so a mistake behind an unknown variable is the one that is reported.
    result = "".join([_value(part, variables, strict=strict) for part in parse(text)])
    try:
        return result.encode(errors="surrogateescape").decode()
    except UnicodeError:
        raise TemplateError("the result is no UTF-8: a character is cut in two") from None


def references(text: str) -> frozenset[str]:
    """The name of every variable in the text, those in arguments too."""
    return frozenset(name for part in parse(text) for name in _names(part))


def escape(text: str) -> str:
    """A template that evaluates to `text`."""
    return re.sub(r"\$+(?=\{)|\$\$+", lambda match: match.group() * 2, text)


def _names(part: Part) -> Iterator[str]:
    if isinstance(part, Expansion):
        yield part.name
        for argument in part.arguments:
            yield from _names(argument)


def _value(part: Part, variables: Mapping[str, str], *, strict: bool) -> str:
    if isinstance(part, str):
        return part
    arguments = [_value(argument, variables, strict=strict) for argument in part.arguments]
    if strict and part.name not in variables and part.operator not in DEFAULTS:
        raise UnknownVariableError(part.name)
    return _OPERATORS[part.operator](variables.get(part.name, ""), arguments)


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
    **dict.fromkeys(DEFAULTS, _default),
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
