"""Runs `homelab` in this process as its entry point would."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from cli.main import main
from tests.support.stacks import ROOT, stack_text

SCHEMAS: Final = ROOT / "docs" / "schemas"


@dataclass(frozen=True)
class Done:
    status: int
    stdout: str
    stderr: str


Homelab: TypeAlias = Callable[..., Done]
"""Runs `homelab` with arguments in the folder of a project."""


def spoil(project: Path, old: str, new: str, stack: str = "odyssey") -> None:
    """Replace text in a stack file of the project."""
    text = stack_text(stack)
    assert old in text
    (project / f"Pulumi.{stack}.yaml").write_text(text.replace(old, new), encoding="utf-8")


def run_cli(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> Done:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["homelab", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
    captured = capsys.readouterr()
    return Done(int(caught.value.code or 0), captured.out, captured.err)
