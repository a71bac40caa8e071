"""The folder that a command reads: whole, nothing old in it, the same modes everywhere."""

import os
import stat
from pathlib import Path

import pytest

from components.command import write_folder


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


def test_a_folder_holds_just_what_was_written_last(tmp_path: Path) -> None:
    write_folder(tmp_path / "a" / "b", {"old/x.yaml": "1\n", "kept.yaml": "1\n"})
    write_folder(tmp_path / "a" / "b", {"kept.yaml": "2\n"})
    assert {path.name for path in (tmp_path / "a").rglob("*")} == {"b", "kept.yaml"}
    assert (tmp_path / "a" / "b" / "kept.yaml").read_bytes() == b"2\n"


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_modes_do_not_depend_on_the_umask(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_folder(tmp_path / "x", {"common/a.yaml": ""})
    finally:
        os.umask(before)
    assert modes(tmp_path) == {"x": 0o755, "x/common": 0o755, "x/common/a.yaml": 0o644}
