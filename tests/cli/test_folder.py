"""A rendered folder holds what was wanted, and nothing of its owner's is touched."""

import json
from pathlib import Path

import pytest

from cli.folder import MARKER, Folder, FolderError, Written


def files(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != MARKER)
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def test_a_new_folder_is_made_and_filled(tmp_path: Path) -> None:
    done = Folder(tmp_path / "a/b").write({"x.yaml": "1\n", "c/y.yaml": "2\n"})
    assert done == Written(written=2, unchanged=0, removed=0)
    assert files(tmp_path / "a/b") == {"x.yaml": "1\n", "c/y.yaml": "2\n"}


def test_a_second_render_replaces_adds_and_removes(tmp_path: Path) -> None:
    Folder(tmp_path / "a").write({"same": "1", "old/deep/er": "2", "changed": "3"})
    done = Folder(tmp_path / "a").write({"same": "1", "changed": "4", "new": "5"})
    assert done == Written(written=2, unchanged=1, removed=1)
    assert files(tmp_path / "a") == {"same": "1", "changed": "4", "new": "5"}
    assert not (tmp_path / "a/old").exists()


def test_files_of_others_stay_where_they_are(tmp_path: Path) -> None:
    Folder(tmp_path / "a").write({"d/x": "1"})
    (tmp_path / "a/d/mine").write_text("keep", encoding="utf-8")
    Folder(tmp_path / "a").write({"y": "2"})
    assert files(tmp_path / "a") == {"d/mine": "keep", "y": "2"}


def test_a_file_of_others_is_never_replaced(tmp_path: Path) -> None:
    Folder(tmp_path / "a").write({"x": "1"})
    (tmp_path / "a/y").write_text("keep", encoding="utf-8")
    with pytest.raises(FolderError, match="homelab did not write this file"):
        Folder(tmp_path / "a").write({"x": "2", "y": "2"})
    assert files(tmp_path / "a") == {"x": "1", "y": "keep"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert Folder(tmp_path).write({"x": "1"}).written == 1


def test_an_empty_checkout_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere", encoding="utf-8")
    assert Folder(tmp_path).write({"x": "1"}).written == 1
    assert files(tmp_path) == {".git": "gitdir: elsewhere", "x": "1"}


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("", encoding="utf-8")
    with pytest.raises(FolderError, match="it is a file"):
        Folder(tmp_path / "a").write({"x": "1"})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 1}', "nonsense"])
def test_a_damaged_marker_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text(text, encoding="utf-8")
    with pytest.raises(FolderError, match="it is damaged"):
        Folder(tmp_path).write({"x": "1"})


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b"])
def test_a_marker_cannot_name_files_outside(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / MARKER).write_text(json.dumps({"files": [name]}), encoding="utf-8")
    with pytest.raises(FolderError, match="outside the folder"):
        Folder(folder).write({"x": "1"})


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    Folder(tmp_path / "a").write({"x": "1"})
    (tmp_path / "a/common").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match="common is a link out of the folder"):
        Folder(tmp_path / "a").write({"common/x": "1"})
    assert files(tmp_path / "elsewhere") == {}


def test_an_interrupted_render_is_repaired_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Folder(tmp_path / "a").write({"x": "1", "y": "1"})
    replace, calls = Path.replace, list[Path]()

    def interrupted(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 3:
            raise OSError("disk is gone")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        with pytest.raises(OSError, match="disk is gone"):
            Folder(tmp_path / "a").write({"x": "2", "z": "2"})
    Folder(tmp_path / "a").write({"x": "2", "z": "2"})
    assert files(tmp_path / "a") == {"x": "2", "z": "2"}
    assert [path.name for path in (tmp_path / "a").iterdir() if path.is_dir()] == []
