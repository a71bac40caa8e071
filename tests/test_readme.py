"""The README's promises, kept by doing what it says."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from addons.catalogue import platform
from cli import sandbox
from cli.main import app
from gitops.secrets.plan import secrets_plan
from tests.support.stacks import ROOT, shipped

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(after: str) -> str:
    """The first code block behind a sentence."""
    found = re.search(r"\n( *)```python\n(.*?)\n *```", README[README.index(after) :], re.DOTALL)
    assert found
    return textwrap.dedent(f"{found[1]}{found[2].removeprefix(found[1])}")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("gitops", "addons", "cli", "cluster", "sandbox"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Pulumi.yaml", "Pulumi.odyssey.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_an_addon_is_added_by_the_steps_of_the_readme(checkout: Path) -> None:
    (checkout / "addons/infra/metrics_server.py").write_text(f"{block('1. Write')}\n", encoding="utf-8")
    catalogue = checkout / "addons/catalogue.py"
    text = catalogue.read_text(encoding="utf-8")
    line = block("2. Give it a line")
    (import_line,) = re.findall(r"and import it: `(.*?)`", README)
    text = text.replace("from addons.infra.promtail", f"{import_line}\nfrom addons.infra.promtail")
    text = text.replace('    "promtail": promtail,\n', f'    "promtail": promtail,\n    {line}\n')
    catalogue.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", "plan", "odyssey"],
        cwd=checkout,
        env={"PYTHONPATH": str(checkout)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "metrics-server 3.13.0" in done.stdout


def test_every_command_is_in_the_readme() -> None:
    names = {command.callback.__name__ for command in app.registered_commands if command.callback}
    groups = {group.name for group in app.registered_groups}
    assert names | groups == set(re.findall(r"^\| `homelab (\w+)", README, re.MULTILINE))


def test_every_command_of_the_sandbox_is_in_the_readme() -> None:
    (line,) = [line for line in README.splitlines() if line.startswith("| `homelab sandbox")]
    names = {command.callback.__name__ for command in sandbox.app.registered_commands if command.callback}
    assert {word.split()[-1] for word in re.findall(r"`(?:homelab sandbox )?([a-z]+)(?: COMMAND)?`", line)} >= names


def test_the_table_of_the_bootstrap_is_the_inventory() -> None:
    planned = secrets_plan(platform(shipped("odyssey")))
    table = README.partition("| object | in namespace | for |\n|---|---|---|\n")[2].partition("\n\n")[0]
    rows = {tuple(re.findall(r"`([^`]+)`", line)) for line in table.splitlines()}
    expected = {
        (item.name, *item.keys, item.namespace)
        for item in planned.secrets
        if item.creator == "bootstrap" and item.namespace != "flux-system"
    }
    expected |= {(item.item, *item.fields, *item.vaults) for item in planned.items}
    assert rows == expected | {("homelab:git.secret", "flux-system")}
    purposes = [item.purpose for item in planned.secrets if item.creator == "bootstrap"]
    assert [purpose for purpose in purposes if f"| {purpose} |" not in table] == []


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:`|\$ )make ([a-z0-9]+)", README))
    assert {"plan", "up", "down", "e2e", "test", "check", "golden", "bench"} <= targets
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


def test_the_excerpt_of_the_plan_is_what_is_printed() -> None:
    plan = (ROOT / "tests/golden/plans/odyssey.txt").read_text(encoding="utf-8").splitlines()
    excerpt = README.partition("```\nodyssey")[2].partition("```")[0].splitlines()[1:]
    assert [line for line in excerpt if line != "…" and line not in plan] == []
