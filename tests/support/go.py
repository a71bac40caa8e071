"""A `go` on PATH that answers `go mod download -json` from what a test puts there."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_SCRIPT = """\
#!/bin/sh
echo "$PWD $*" >> "{folder}/calls"
cat "{folder}/answers"
exit {status}
"""


@dataclass(frozen=True, slots=True)
class FakeGo:
    folder: Path

    def answers(self, *answers: dict[str, Any], status: int = 0) -> None:
        self.says("\n".join(json.dumps(answer, indent="\t") for answer in answers), status=status)

    def says(self, text: str, *, status: int = 0) -> None:
        (self.folder / "answers").write_text(text, encoding="utf-8")
        script = self.folder / "go"
        script.write_text(_SCRIPT.format(folder=self.folder, status=status), encoding="utf-8")
        script.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        calls = self.folder / "calls"
        return calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []


def fake_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGo:
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return FakeGo(folder)
