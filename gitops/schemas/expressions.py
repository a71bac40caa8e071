"""CEL rules of CRDs, evaluated by cel-cpp as an API server evaluates them with cel-go.

Not evaluated: transition rules (they compare with the object before, `oldSelf`), rules that use functions of
Kubernetes' own library other than `isIP`, and all of them on Macs with Intel processors, for which there is no build.
"""

import ipaddress
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cel_expr_python import cel


def holds(rule: str, value: Any) -> bool:
    """Whether a rule holds for the value that it stands at; one that cannot be evaluated is taken to hold.

    A rule that fails to evaluate for this value does not hold, as in an API server.
    """
    program = _program(rule)
    return program is None or program.eval(data={"self": value}).value() is True


def is_evaluated(rule: str) -> bool:
    """Whether there is any value for which the rule could fail."""
    return _program(rule) is not None


@cache
def _program(rule: str) -> "cel.Expression | None":
    environment = _environment()
    try:
        # A transition rule does not compile, as nothing is called `oldSelf` here.
        return environment.compile(rule) if environment else None
    except RuntimeError:
        return None


@cache
def _environment() -> "cel.Env | None":
    try:
        from cel_expr_python import cel  # noqa: PLC0415 — is not built for every machine
        from cel_expr_python.ext import ext_strings  # noqa: PLC0415 — as above
    except ImportError:
        return None
    overload = cel.Overload("is_ip", cel.Type.BOOL, [cel.Type.STRING], impl=_is_ip)
    return cel.NewEnv(
        variables={"self": cel.Type.DYN},
        extensions=[ext_strings.ExtStrings()],
        functions=[cel.FunctionDecl("isIP", [overload])],
    )


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
