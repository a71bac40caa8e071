"""A `helm` that prints what a test prepared, and keeps what it was told; its `pull` leaves a file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class FakeHelm:
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "helm"

    def says(self, stdout: str = "", *, stderr: str = "", status: int = 0) -> None:
        (self.folder / "stdout").write_text(stdout, encoding="utf-8")
        (self.folder / "stderr").write_text(stderr, encoding="utf-8")
        script = [
            "#!/bin/sh",
            f"cd {self.folder}",
            'echo "$@" >> calls',
            "cat > stdin",
            'if [ "$1" = pull ]; then for last; do :; done; touch "$last/chart-1.tgz"; fi',
            "cat stdout; cat stderr >&2",
            f"exit {status}",
        ]
        self.path.write_text("\n".join(script), encoding="utf-8")
        self.path.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()

    @property
    def values(self) -> Any:
        return json.loads((self.folder / "stdin").read_text(encoding="utf-8"))


def fake_helm(folder: Path) -> FakeHelm:
    folder.mkdir()
    helm = FakeHelm(folder)
    helm.says()
    return helm
