"""Whose cluster a command asks: the one that Pulumi would change."""

import json
from pathlib import Path

import pytest
import yaml

from cli.access import client_of
from cli.pulumi import Pulumi, PulumiError
from cluster.errors import KubeconfigError
from tests.cluster.test_kubeconfig import kubeconfig
from tests.support.programs import SYSTEM, Programs
from tests.support.stacks import stack_text

CONFIG = "config:\n  kubernetes:kubeconfig:\n    secure: v1:x\n"


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs.on_path(tmp_path / "programs", monkeypatch)
    made.fails("pulumi", "error: incorrect passphrase")
    shell = tmp_path / "kubeconfig"
    shell.write_text(yaml.safe_dump(merged("of-the-shell", "of-the-context")), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(shell))
    return made


def test_a_stack_that_names_no_cluster_is_the_shells_and_pulumi_is_not_asked(pulumi: Programs, tmp_path: Path) -> None:
    assert server(pulumi, tmp_path, stack_text("odyssey")) == "https://of-the-shell.example.org:6443"
    assert pulumi.calls("pulumi") == []


@pytest.mark.parametrize("text", [yaml.safe_dump, lambda document: yaml.safe_dump(document, default_flow_style=True)])
def test_a_stacks_own_kubeconfig_comes_before_the_shells(pulumi: Programs, tmp_path: Path, text: object) -> None:
    assert callable(text)
    says(pulumi, **{"kubernetes:kubeconfig": text(merged("of-the-stack"))})
    assert server(pulumi, tmp_path, CONFIG) == "https://of-the-stack.example.org:6443"
    assert pulumi.calls("pulumi") == ["config --show-secrets --json --non-interactive --stack odyssey"]


def test_it_may_be_the_path_of_one(pulumi: Programs, tmp_path: Path) -> None:
    (tmp_path / "own").write_text(yaml.safe_dump(merged("of-the-stack")), encoding="utf-8")
    says(pulumi, **{"kubernetes:kubeconfig": "own\n"})
    assert server(pulumi, tmp_path, CONFIG) == "https://of-the-stack.example.org:6443"


def test_a_stacks_context_is_one_of_the_shells_kubeconfig(pulumi: Programs, tmp_path: Path) -> None:
    says(pulumi, **{"kubernetes:context": "of-the-context"})
    text = "config:\n  kubernetes:context: of-the-context\n"
    assert server(pulumi, tmp_path, text) == "https://of-the-context.example.org:6443"


def test_a_context_that_is_not_there_is_a_mistake(pulumi: Programs, tmp_path: Path) -> None:
    says(pulumi, **{"kubernetes:context": "absent"})
    with pytest.raises(KubeconfigError, match="absent"):
        server(pulumi, tmp_path, "config:\n  kubernetes:context: absent\n")


def test_an_environment_of_pulumis_may_name_the_cluster(pulumi: Programs, tmp_path: Path) -> None:
    says(pulumi, **{"kubernetes:kubeconfig": yaml.safe_dump(merged("of-the-stack")), "homelab:other": "x"})
    assert server(pulumi, tmp_path, "environment: [home]\n") == "https://of-the-stack.example.org:6443"


def test_a_config_that_cannot_be_read_is_no_reason_to_take_the_shells(pulumi: Programs, tmp_path: Path) -> None:
    with pytest.raises(PulumiError, match="pulumi config --show-secrets failed: error: incorrect passphrase"):
        server(pulumi, tmp_path, CONFIG)


def server(pulumi: Programs, folder: Path, text: str) -> str:
    client = client_of(Pulumi("odyssey", folder, {"PATH": f"{pulumi.folder}:{SYSTEM}"}), text)
    client.close()
    return client.server


def says(pulumi: Programs, **settings: str) -> None:
    pulumi.says("pulumi", json.dumps({key: {"value": value, "secret": True} for key, value in settings.items()}))


def merged(*names: str) -> dict[str, object]:
    """A kubeconfig of these clusters, the first of which is the current one."""
    first, *others = (kubeconfig(name) for name in names)
    lists = {
        key: [item for other in (first, *others) for item in other[key]] for key in ("clusters", "users", "contexts")
    }
    return first | lists
