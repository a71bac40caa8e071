"""Which tests reach which lines, and how long each takes."""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from coverage import CoverageData

_TESTS: Final = ("tests/gitops", "tests/addons", "tests/test_article.py")
"""Those of the core, and those that need nothing but the core."""


@dataclass(frozen=True)
class Reach:
    """What one run of all tests has told."""

    data: CoverageData
    seconds: dict[str, float]

    @classmethod
    def of_a_run(cls, folder: Path) -> "Reach":
        """Run the tests once, with what they tell in a folder."""
        data, times = folder / "coverage", folder / "times.xml"
        flags = ["-q", "-p", "no:xdist", "--cov", "--cov-context=test", "--cov-report=", "--cov-fail-under=0"]
        command = [sys.executable, "-m", "pytest", *flags, f"--junitxml={times}", *_TESTS]
        environment = os.environ | {"COVERAGE_FILE": str(data)}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        found = CoverageData(str(data))
        found.read()
        cases = ET.parse(times).iter("testcase")  # noqa: S314 — pytest wrote it
        return cls(found, {_node(case.attrib): float(case.attrib["time"]) for case in cases})

    def tests(self, path: Path, lines: Iterable[int]) -> tuple[str, ...]:
        """The tests that reach one of a file's lines: those of its own module first, the quick before the slow."""
        contexts = self.data.contexts_by_lineno(str(path.absolute()))
        found = {context.rpartition("|")[0] for line in lines for context in contexts.get(line, ()) if context}
        return tuple(sorted(found, key=lambda test: (path.stem not in test.partition("::")[0], self._took(test), test)))

    def _took(self, test: str) -> float:
        return self.seconds.get(test, 1.0)


def _node(case: dict[str, str]) -> str:
    return f"{case['classname'].replace('.', '/')}.py::{case['name']}"
