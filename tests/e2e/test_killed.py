"""Pulumi ends without a word, at any moment: the way out that the documentation names leads out."""

import subprocess
from typing import Final

import psutil
import pytest

from gitops.taking_over import TAKE_OVER
from tests.e2e.world import NAME, PLAIN, TINY, World, eventually, read_until

pytestmark = pytest.mark.e2e

MOMENTS: Final = 10
LINES: Final = 3
"""Of output between two moments."""


def test_pulumi_killed_at_any_moment_loses_and_orphans_nothing(world: World) -> None:
    world.configure(addons=TINY, website=PLAIN)
    assert world.up().status == 0
    assert world.pulumi("destroy", "--yes").status == 0
    for moment in range(MOMENTS):
        # Of a revision that they know, what the layers left reconciles only after a minute.
        world.configure(addons=TINY, website=PLAIN, cluster_vars=world.variables(storage_replica=str(2 + moment % 2)))
        with world.running("up", NAME, "--yes") as child:
            read_until(child, lambda line: "Updating" in line)
            for _ in range(moment * LINES):
                assert child.stdout
                assert child.stdout.readline()
            kill_pulumi(child)
            child.communicate(timeout=120)
        world.pulumi("cancel", "--yes")
        repaired = world.pulumi("refresh", "--yes", "--clear-pending-creates")
        assert repaired.status == 0, repaired.output
        # What was created and not written down is taken over instead of refused.
        recovered = world.up(**TAKE_OVER)
        assert recovered.status == 0, recovered.output
        # Pulumi keeps the provider's switch in its state, until an ordinary update takes it out.
        looked = world.pulumi("preview", "--expect-no-changes", "--diff", **TAKE_OVER)
        assert looked.status == 0, looked.output
        assert [key for key, there in world.registered().items() if not there] == []
        assert world.pulumi("destroy", "--yes").status == 0
        assert [key for key, there in world.registered().items() if there] == []
        assert eventually(lambda: plugins(world) == [])


def kill_pulumi(child: subprocess.Popen[str]) -> None:
    found = [process for process in psutil.Process(child.pid).children(recursive=True) if process.name() == "pulumi"]
    assert found, "Pulumi had ended before"
    for process in found:
        process.kill()


def plugins(world: World) -> list[tuple[str, ...]]:
    """Processes that answer for Pulumi's plugins, each of which has been started for one command."""
    return [command for command in world.commands() if "sandbox.plugins" in command]
