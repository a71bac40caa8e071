"""Every YAML document of the article is what `render odyssey --profile seed --all` writes, field by field."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from addons.catalogue import platform
from gitops.delivery.files import registered_files
from gitops.rendering import tree
from tests.support.stacks import shipped

ARTICLE = Path(__file__).parent / "data" / "article"
DOCUMENTS = sorted(str(path.relative_to(ARTICLE)) for path in ARTICLE.rglob("*.yaml"))
METALLB = {
    "common/network/metallb/configs/ipaddresspool.yaml",
    "common/network/metallb/configs/l2advertisement.yaml",
    "common/network/metallb/controllers/helmrelease.yaml",
    "common/network/metallb/controllers/helmrepository.yaml",
    "common/network/metallb/controllers/namespace.yaml",
    "common/network/metallb/metallb.yaml",
}


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    odyssey = platform(shipped("odyssey", profile="seed"))
    return {**tree(odyssey), **registered_files(odyssey, "pulumi")}


def _documents(text: str) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(text) if document]


def _without_pulumi(document: dict[str, Any]) -> dict[str, Any]:
    """The one addition that is allowed: annotations that tell Pulumi what to wait for."""
    metadata = document.get("metadata", {})
    annotations = metadata.get("annotations", {})
    kept = {key: value for key, value in annotations.items() if not key.startswith("pulumi.com/")}
    if annotations and not kept:
        del metadata["annotations"]
    return document


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_of_the_article_are_rendered_field_by_field(name: str, rendered: dict[str, str]) -> None:
    expected = (ARTICLE / name).read_text(encoding="utf-8").replace("wedding.${domain}", "wedding.k8s.cicci8ino.it")
    assert [_without_pulumi(document) for document in _documents(rendered[name])] == _documents(expected)


def test_the_article_has_nine_documents() -> None:
    count = sum(len(_documents((ARTICLE / name).read_text(encoding="utf-8"))) for name in DOCUMENTS)
    assert count == 9


def test_metallb_has_the_files_of_the_article(rendered: dict[str, str]) -> None:
    assert {path for path in rendered if path.startswith("common/network/metallb/")} == METALLB


def test_the_layers_have_the_folders_of_the_article(rendered: dict[str, str]) -> None:
    folders = {path.split("/")[1] for path in rendered if path.startswith("common/")}
    assert folders == {"configs", "network", "secret", "infra", "log"}
    network = {path.split("/")[2] for path in rendered if path.startswith("common/network/")}
    assert network == {
        "cert-manager",
        "cilium",
        "k8s-gateway",
        "kustomization.yaml",
        "metallb",
        "nginx",
        "trust-manager",
    }
