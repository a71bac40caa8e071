"""The engine finds the stand-ins on PATH, and starts them."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from sandbox.plugins.executables import PLUGINS, write_executables


def test_each_plugin_has_an_executable_of_two_lines(tmp_path: Path) -> None:
    write_executables(tmp_path / "bin")
    files = sorted((tmp_path / "bin").iterdir())
    assert [file.name for file in files] == sorted(f"pulumi-resource-{plugin}" for plugin in PLUGINS)
    assert [len(file.read_text(encoding="utf-8").splitlines()) for file in files] == [2, 2]
    assert all(os.access(file, os.X_OK) for file in files)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_says_its_port_and_ends_when_it_is_told_to(tmp_path: Path, plugin: str) -> None:
    write_executables(tmp_path)
    with subprocess.Popen(
        [tmp_path / f"pulumi-resource-{plugin}", "--logtostderr"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
