"""A plugin and the engine that it works for."""

import subprocess
import sys

import pytest

from tests.bench.engine import engine
from tests.support.stacks import ROOT


@pytest.mark.parametrize("plugin", ["kubernetes", "command"])
def test_a_plugin_ends_with_the_engine_that_was_killed_and_could_not_end_it(plugin: str) -> None:
    with engine() as address:
        command = [sys.executable, "-m", "sandbox.plugins", plugin, address]
        started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert started.stdout
        assert started.stdout.readline().strip().isdigit()
        assert started.poll() is None
    output, _ = started.communicate(timeout=60)
    assert started.returncode == 0
    assert "Traceback" not in output
