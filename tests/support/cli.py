"""Runs `homelab` in this process as its entry point would."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from cli.main import main


@dataclass(frozen=True)
class Done:
    status: int
    stdout: str
    stderr: str


def run_cli(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> Done:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["homelab", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
    captured = capsys.readouterr()
    return Done(int(caught.value.code or 0), captured.out, captured.err)
