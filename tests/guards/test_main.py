"""The guards that no test misses are listed, and only those."""

import subprocess
import sys


def tried(tests: str) -> tuple[int, set[str], str]:
    """Status, the changes that are listed, and the last line."""
    command = [sys.executable, "-m", "tests.guards", "gitops/duration.py", "--tests", tests]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    *listed, last = done.stdout.splitlines()
    return done.returncode, {line.split(": ")[1] for line in listed}, last


def test_a_guard_that_a_test_misses_is_not_listed() -> None:
    status, listed, last = tried("tests/gitops/test_duration.py")
    assert (status, listed) == (0, set())
    assert last.startswith("8 of 8 guards missed by a test; ")


def test_a_guard_that_no_test_misses_is_listed() -> None:
    # Objects have durations that are not zero, and parse none.
    status, listed, last = tried("tests/gitops/test_objects.py")
    assert status == 1
    assert {"without `'0s'`", "without `not parts`"} <= listed
    assert "never `count`" not in listed
    assert last.startswith(f"{8 - len(listed)} of 8 guards missed by a test; ")
