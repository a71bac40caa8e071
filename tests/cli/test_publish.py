"""Publishing, against a real repository and the real Git."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from addons.catalogue import platform
from gitops.rendering import tree
from tests.support.cli import Done, run_cli
from tests.support.stacks import ROOT, shipped, stack_text

Homelab = Callable[..., Done]


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare repository that the stacks' URL leads to, and a user whom Git knows."""
    path = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
    settings = {
        f"url.{path.as_uri()}.insteadOf": "ssh://git@github.com/cicci8ino/homelab",
        "user.name": "Somebody",
        "user.email": "somebody@example.org",
    }
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for index, (key, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{index}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{index}", value)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.odyssey.yaml", "Pulumi.ithaca.yaml"):
        (folder / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@pytest.fixture
def homelab(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Homelab:
    monkeypatch.chdir(project)
    return lambda *arguments: run_cli(arguments, capsys)


def git(remote: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(remote), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.rstrip("\n")


def change(remote: Path, branch: str, name: str, text: str) -> None:
    """Somebody's own commit on a branch."""
    work = remote.parent / f"work-{name}"
    subprocess.run(["git", "clone", "--quiet", "--branch", branch, str(remote), str(work)], check=True)
    (work / name).write_text(text, encoding="utf-8")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "By hand")
    git(work, "push", "--quiet", "origin", "HEAD")


def test_the_first_time_the_branch_is_made_with_exactly_the_tree(homelab: Homelab, remote: Path) -> None:
    done = homelab("publish", "odyssey")
    commit = git(remote, "rev-parse", "refs/heads/rendered/odyssey")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == f"rendered/odyssey: {commit} pushed\nPin it: homelab:git.commit: {commit}\n"
    files = git(remote, "ls-tree", "-r", "--name-only", commit).splitlines()
    expected = tree(platform(shipped("odyssey")))
    assert sorted(files) == sorted([*expected, ".homelab.json"])
    name = "common/network/metallb/metallb.yaml"
    assert git(remote, "show", f"{commit}:{name}") + "\n" == expected[name]


def test_the_commit_says_whose_it_is(homelab: Homelab, remote: Path) -> None:
    homelab("publish", "odyssey")
    message = git(remote, "log", "-1", "--format=%an%n%B", "rendered/odyssey").splitlines()
    assert message[:2] == ["Somebody", "Render odyssey"]
    assert message[3] == "Homelab-Stack: odyssey"
    assert message[4].startswith("Homelab-Revision: ")


def test_a_second_time_nothing_is_committed(homelab: Homelab, remote: Path) -> None:
    first = json.loads(homelab("publish", "odyssey", "--output", "json").stdout)
    second = json.loads(homelab("publish", "odyssey", "--output", "json").stdout)
    assert first == {"branch": "rendered/odyssey", "commit": first["commit"], "pushed": True}
    assert second == first | {"pushed": False}
    assert git(remote, "rev-list", "--count", "rendered/odyssey") == "1"


def test_a_change_is_a_commit_on_top(homelab: Homelab, remote: Path, project: Path) -> None:
    homelab("publish", "odyssey")
    text = stack_text("odyssey").replace("homelab:shards: [infra]", "homelab:addons: {alloy: {enabled: false}}")
    (project / "Pulumi.odyssey.yaml").write_text(text, encoding="utf-8")
    assert homelab("publish", "odyssey").status == 0
    assert git(remote, "rev-list", "--count", "rendered/odyssey") == "2"
    names = git(remote, "diff", "--name-only", "rendered/odyssey~1", "rendered/odyssey").splitlines()
    assert "common/infra/alloy/alloy.yaml" in names
    assert "common/network/metallb/metallb.yaml" not in names


def test_what_was_changed_by_hand_is_put_right(homelab: Homelab, remote: Path) -> None:
    homelab("publish", "odyssey")
    change(remote, "rendered/odyssey", ".homelab.json", git(remote, "show", "rendered/odyssey:.homelab.json") + "\n\n")
    assert json.loads(homelab("publish", "odyssey", "--output", "json").stdout)["pushed"] is True


def test_files_of_others_are_refused(homelab: Homelab, remote: Path) -> None:
    homelab("publish", "odyssey")
    change(remote, "rendered/odyssey", "notes.txt", "keep")
    before = git(remote, "rev-parse", "rendered/odyssey")
    done = homelab("publish", "odyssey")
    assert done.status == 1
    assert "homelab did not write notes.txt" in done.stderr
    assert git(remote, "rev-parse", "rendered/odyssey") == before


def test_a_branch_of_another_stack_is_refused(homelab: Homelab, remote: Path, project: Path) -> None:
    homelab("publish", "odyssey")
    text = stack_text("ithaca").replace("rendered/ithaca", "rendered/odyssey")
    (project / "Pulumi.ithaca.yaml").write_text(text, encoding="utf-8")
    done = homelab("publish", "ithaca")
    assert done.status == 1
    assert "it belongs to the stack odyssey" in done.stderr
    assert git(remote, "rev-list", "--count", "rendered/odyssey") == "1"


def test_a_branch_that_homelab_did_not_write_is_refused(homelab: Homelab, remote: Path, tmp_path: Path) -> None:
    work = tmp_path / "mine"
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "rendered/odyssey", str(work)], check=True)
    (work / "README").write_text("mine", encoding="utf-8")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "Mine")
    git(work, "push", "--quiet", str(remote), "HEAD")
    done = homelab("publish", "odyssey")
    assert done.status == 1
    assert "homelab did not write this branch" in done.stderr


def test_a_push_that_comes_too_late_is_never_forced(
    homelab: Homelab, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homelab("publish", "odyssey")
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho somebody was faster >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    monkeypatch.setattr("cli.publish.revision_of", lambda _: "another")
    monkeypatch.setattr("cli.publish.tree", lambda _: {"common/x.yaml": "a: 1\n"})
    done = homelab("publish", "odyssey")
    assert done.status == 1
    assert "git push failed" in done.stderr
    assert "run it again" in done.stderr


def test_a_remote_that_does_not_answer_is_named(homelab: Homelab, remote: Path) -> None:
    remote.rename(remote.with_suffix(".gone"))
    done = homelab("publish", "odyssey")
    assert done.status == 1
    assert "git ls-remote failed" in done.stderr
    assert "ssh://git@github.com/cicci8ino/homelab rendered/odyssey" in done.stderr


@pytest.mark.usefixtures("remote")
def test_a_machine_without_git_is_told(homelab: Homelab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = homelab("publish", "odyssey")
    assert done.status == 1
    assert "git is not installed" in done.stderr


def test_a_tree_that_names_another_source_is_not_published(project: Path, remote: Path, homelab: Homelab) -> None:
    file = project / "Pulumi.odyssey.yaml"
    oci = "homelab:delivery: oci\n  homelab:oci: {url: oci://registry.example.org/homelab}"
    file.write_text(stack_text("odyssey").replace("homelab:delivery: git", oci), encoding="utf-8")
    done = homelab("publish", "odyssey")
    assert (done.status, "rule: publish/delivery" in done.stderr) == (1, True)
    assert list((remote / "refs" / "heads").iterdir()) == []
