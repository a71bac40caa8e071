"""Semantics that others own, against the real thing: Flux's substitution, kustomize's build, Flux's build."""

import json
import random
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from addons.catalogue import platform
from cli.building import programs
from gitops.addon import Bundle
from gitops.documents import from_yaml, to_yaml
from gitops.envsubst import UnknownVariableError, evaluate
from gitops.envsubst_syntax import TemplateError
from gitops.objects import Manifest, object_key
from gitops.platform import Platform
from gitops.rendering import bundle_kustomization, bundle_manifests, is_substituted, tree
from gitops.substitution import substitute
from tests.support.stacks import shipped

pytestmark = pytest.mark.e2e

MARKS: Final = tuple(f"kustomize.toolkit.fluxcd.io/{mark}" for mark in ("name", "namespace"))
COUNT: Final = 2000
VALUES: Final = {"a": "hello/world", "n": "1", "e": "", "u": "größe ß"}
OPERATORS: Final = [
    "",
    ":-",
    ":=",
    "=",
    ":?",
    ":+",
    ":",
    "#",
    "##",
    "%",
    "%%",
    "/",
    "//",
    "/#",
    "/%",
    "^",
    "^^",
    ",",
    ",,",
]
TOKENS: Final = [*"${}an:#%/^,=\\* 1x?[]-+ßé\n", "$$", "${", "${a}", "${n}", "${u}", "//", "-1", "0"]


@pytest.fixture(scope="module")
def tools() -> Mapping[str, Path]:
    return programs()


def generated(seed: int) -> Iterator[tuple[str, bool]]:
    """Texts that are mostly templates, and whether unknown names are an error."""
    choice = random.Random(seed)
    for _ in range(COUNT):
        inner = "".join(choice.choice(TOKENS) for _ in range(choice.randint(1, 12)))
        name = choice.choice([*VALUES, "unknown"])
        wrapped = f"${{{name}{choice.choice(OPERATORS)}{inner}}}"
        yield (wrapped if choice.random() < 0.6 else inner), choice.random() < 0.7


def ours(text: str, *, strict: bool) -> str | None:
    try:
        return evaluate(text, VALUES, strict=strict)
    except (TemplateError, UnknownVariableError):
        return None


@pytest.mark.parametrize("seed", range(4))
def test_a_text_gets_the_same_text_or_the_same_refusal_from_flux(tools: Mapping[str, Path], seed: int) -> None:
    asked = list(generated(seed))
    lines = (json.dumps({"text": text, "variables": VALUES, "strict": strict}) for text, strict in asked)
    done = subprocess.run([tools["envsubst"]], input="\n".join(lines), check=True, capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    theirs = [None if "error" in answer else answer["text"] for answer in answers]
    mine = [ours(text, strict=strict) for text, strict in asked]
    # Bytes that are no UTF-8 are an error of ours, and in their JSON a replacement character.
    differ = [
        (text, mine, his)
        for (text, _), mine, his in zip(asked, mine, theirs, strict=True)
        if mine != his and not (mine is None and his is not None and "�" in his)
    ]
    assert differ == []
    assert sum(his is not None for his in theirs) > COUNT / 4


@pytest.mark.parametrize("profile", ["seed", "strict"])
@pytest.mark.parametrize("stack", ["odyssey", "ithaca", "sandbox"])
def test_kustomize_builds_the_layers_as_the_model_says(
    tools: Mapping[str, Path], tmp_path: Path, stack: str, profile: str
) -> None:
    built = platform(shipped(stack, profile=profile))
    write(tmp_path, built)
    for layer in built.layers:
        if not layer.addons:
            continue
        done = run(tools["kubectl"], "kustomize", str(tmp_path / layer.path))
        wanted = [
            kustomization(built, layer.path, addon.name, bundle) for addon in layer.addons for bundle in addon.bundles
        ]
        assert by_key(from_yaml(done)) == by_key(wanted)


@pytest.mark.parametrize("stack", ["odyssey", "ithaca", "sandbox"])
def test_flux_builds_the_bundles_as_the_model_says(tools: Mapping[str, Path], tmp_path: Path, stack: str) -> None:
    built = platform(shipped(stack))
    write(tmp_path / "tree", built)
    for layer in built.layers:
        for addon in layer.addons:
            for bundle in addon.bundles:
                manifest = kustomization(built, layer.path, addon.name, bundle)
                # Without a cluster Flux's CLI reads no ConfigMap, so the variables stand in the object itself.
                manifest["spec"]["postBuild"] = {"substitute": values(built)}
                file = tmp_path / "kustomization.yaml"
                file.write_text(to_yaml([manifest]), encoding="utf-8")
                path = f"{layer.path}/{addon.name}/{bundle.stage}"
                arguments = ("--path", path, "--kustomization-file", str(file), "--dry-run", "--strict-substitute")
                command = ("build", "kustomization", bundle.name, "--in-memory-build", *arguments)
                done = run(tools["flux"], *command, folder=tmp_path / "tree")
                assert by_key(map(unmarked, from_yaml(done))) == by_key(expected(built, bundle))


def write(folder: Path, built: Platform) -> None:
    for name, text in tree(built).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def kustomization(built: Platform, path: str, addon: str, bundle: Bundle) -> Manifest:
    return bundle_kustomization(built, bundle, f"{path}/{addon}/{bundle.stage}").manifest()


def expected(built: Platform, bundle: Bundle) -> list[Manifest]:
    manifests = bundle_manifests(bundle)
    return [substitute(item, values(built)) for item in manifests] if is_substituted(bundle) else manifests


def values(built: Platform) -> dict[str, str]:
    return built.values | {"revision": "0"}


def unmarked(manifest: Manifest) -> Manifest:
    """Without the labels by which Flux knows its own."""
    metadata = dict(manifest["metadata"])
    labels = {key: value for key, value in metadata.pop("labels", {}).items() if key not in MARKS}
    return {**manifest, "metadata": {**metadata, **({"labels": labels} if labels else {})}}


def by_key(manifests: Iterable[Manifest]) -> dict[str, Manifest]:
    return {str(object_key(item)): item for item in manifests}


def run(program: Path, *arguments: str, folder: Path | None = None) -> str:
    done = subprocess.run([program, *arguments], cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
