"""Values that only Pulumi knows, and what is wrong with those of a secret."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

import pulumi
from pulumi_command import local

from components.config import secret_value
from gitops.delivery.registration import Command, CommandOutput, Registration, SecretConfig
from gitops.errors import ConfigError, Problem


def values(item: Registration, ran: Mapping[str, local.Command]) -> list[pulumi.Output[str]]:
    """The values that a registration lacks, in their order; wrong ones of a secret fail before it is made."""
    known = [_value(value.source, ran) for value in item.values_from]
    if not holds_secret(item):
        return known
    checked = pulumi.Output.all(*known).apply(lambda texts: _sound(item, texts))
    return [checked.apply(_at(index)) for index in range(len(known))]


def holds_secret(item: Registration) -> bool:
    """Whether its values are those of a secret, or of what a secret is trusted by."""
    return bool(item.values_from) and item.key.kind in {"Secret", "ConfigMap"}


def refuse_unusable(items: Iterable[Registration], commands: Iterable[Command]) -> None:
    """ConfigError for all that is known to fail before anything is registered: values of the config, and programs."""
    problems = tuple(problem for item in items for problem in _problems_of_config(item))
    missing = dict(pair for command in commands for pair in command.missing.items())
    absent = tuple(_absent(program, fix) for program, fix in missing.items() if shutil.which(program) is None)
    if problems or absent:
        raise ConfigError((*absent, *problems))


def _absent(program: str, fix: str) -> Problem:
    return Problem(rule="bootstrap/program", where=program, what="it is not on PATH", fix=fix)


def _value(source: CommandOutput | SecretConfig, ran: Mapping[str, local.Command]) -> pulumi.Output[str]:
    if isinstance(source, SecretConfig):
        return pulumi.Output.secret(secret_value(source.key) or "")
    stdout: pulumi.Output[str] = ran[source.command].stdout
    return stdout.apply(lambda text: str(json.loads(text)[source.key]) if source.key else text)


def _at(index: int) -> Callable[[list[str]], str]:
    return lambda texts: texts[index]


def _sound(item: Registration, texts: list[str]) -> list[str]:
    data = {value.path[-1]: text for value, text in zip(item.values_from, texts, strict=True)}
    problems = tuple(_problems(item, data))
    if problems:
        raise pulumi.RunError(f"{item.key} was not made\n{ConfigError(problems)}")
    return texts


def _problems_of_config(item: Registration) -> Iterator[Problem]:
    sources = {value.path[-1]: value.source for value in item.values_from}
    from_config = {key: source for key, source in sources.items() if isinstance(source, SecretConfig)}
    known = {key: secret_value(source.key) for key, source in from_config.items()}
    for key, text in known.items():
        if text is None:
            name = f"bootstrap:{from_config[key].key}"
            fix = f"set it: pulumi config set --secret {name} < FILE"
            yield Problem(rule="bootstrap/value", where=name, what="it is not set", fix=fix)
    yield from _problems(item, {key: text for key, text in known.items() if text is not None})


def _problems(item: Registration, data: Mapping[str, str]) -> Iterator[Problem]:
    if not data:
        return
    from gitops.secret_values import faults  # noqa: PLC0415 — cryptography takes 0.3 s, and few runs hold a secret

    sources = {value.path[-1]: value.source for value in item.values_from}
    for fault in faults(data, datetime.now(UTC)):
        where, fix = f"{item.key}: {fault.key}", fault.fix + _again(sources[fault.key])
        yield Problem(rule="bootstrap/value", where=where, what=fault.what, fix=fix)


def _again(source: CommandOutput | SecretConfig) -> str:
    """Pulumi keeps what a command printed until it is told otherwise."""
    return f"; then have it read anew: --replace '**{source.command}'" if isinstance(source, CommandOutput) else ""
