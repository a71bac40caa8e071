"""The real charts: rendered with the platform's values, and dry-run on an API server. Nothing is applied."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cluster.client import Client, Write
from cluster.errors import ApiError, NoKindMatchError
from gitops.addon import Addon
from gitops.chart import OCI, Chart, chart_of
from gitops.documents import from_yaml
from gitops.errors import GitOpsError, Problem
from gitops.flux import HelmRelease
from gitops.installation import installation
from gitops.objects import Manifest, object_key
from gitops.platform import Platform
from gitops.substitution import substitute

_DRY_RUN: Final = Write(field_manager="homelab-real-charts", dry_run=True)
_PATIENCE: Final = 120
"""Seconds that one chart may take to arrive."""


class DownloadError(GitOpsError):
    """A chart cannot be had; nothing was rendered of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RealChart:
    """What became of one chart.

    Attributes:
        addon: The add-on that installs it.
        accepted: How many of its objects the API server would take.
        unserved: Objects of kinds that only the chart's own CRDs bring, so that nobody could judge them.
        problems: Values that the chart refuses, and objects that the API server refuses.
    """

    addon: str
    accepted: int
    unserved: tuple[str, ...]
    problems: tuple[Problem, ...]


def real_charts(platform: Platform, helm: Path, client: Client) -> Iterator[RealChart]:
    """Each chart of a platform whose sources are the original ones, one after another.

    The API server must hold the platform's namespaces: objects are judged where they would be.

    Raises:
        DownloadError: The first chart that does not arrive; the others would not either, where there is no internet.
    """
    for addon in platform.addons:
        if (chart := chart_of(addon.controllers.objects)) is None:
            continue
        with TemporaryDirectory(prefix="homelab-chart-") as folder:
            archive = download(helm, chart, Path(folder))
            yield examined(addon.name, archive, helm, client, release_of(addon, platform.values))


def release_of(addon: Addon, values: Mapping[str, str]) -> Manifest:
    """An add-on's HelmRelease as Flux would apply it."""
    (release,) = (item for item in addon.controllers.objects if isinstance(item, HelmRelease))
    return substitute(release.manifest(), values)


def download(helm: Path, chart: Chart, folder: Path) -> Path:
    """The chart's archive, as Helm brings it."""
    is_oci = chart.repository.startswith(OCI)
    origin = (f"{chart.repository}/{chart.name}",) if is_oci else (chart.name, "--repo", chart.repository)
    try:
        done = _helm(helm, "pull", *origin, "--version", chart.version, "--destination", str(folder))
    except subprocess.TimeoutExpired:
        raise _not_downloaded(chart, f"nothing arrived within {_PATIENCE} s") from None
    if done.returncode:
        raise _not_downloaded(chart, _last_line(done.stderr))
    (archive,) = folder.glob("*.tgz")
    return archive


def examined(addon: str, chart: Path, helm: Path, client: Client, release: Manifest) -> RealChart:
    """A chart, archive or folder, rendered for a release and judged object by object."""
    done = _template(helm, chart, release)
    if done.returncode:
        problem = _problem(
            f"{addon}: {chart.name}", _last_line(done.stderr), "correct the values of the add-on's release"
        )
        return RealChart(addon=addon, accepted=0, unserved=(), problems=(problem,))
    objects = tuple(from_yaml(done.stdout))
    refused = tuple(_refused(client, objects, installation(release).namespace))
    unserved = tuple(item for item, error in refused if _is_unserved(item, error, objects))
    return RealChart(
        addon=addon,
        accepted=len(objects) - len(refused),
        unserved=tuple(str(object_key(item)) for item in unserved),
        problems=tuple(
            _problem(f"{addon}: {object_key(item)}", error.problems[0].what, error.problems[0].fix)
            for item, error in refused
            if item not in unserved
        ),
    )


def _template(helm: Path, chart: Path, release: Manifest) -> subprocess.CompletedProcess[str]:
    """Helm's output as helm-controller would install it; CRDs are judged, too."""
    spec = release["spec"]
    namespace, name, _ = installation(release)
    unchecked = spec.get("install", {}).get("disableSchemaValidation", False)
    options = ("--include-crds", "--skip-tests", *(("--skip-schema-validation",) if unchecked else ()))
    arguments = ("template", name, str(chart), "--namespace", namespace, "--values", "-", *options)
    return _helm(helm, *arguments, text=json.dumps(spec.get("values", {})))


def _refused(client: Client, objects: Iterable[Manifest], namespace: str) -> Iterator[tuple[Manifest, GitOpsError]]:
    for item in objects:
        try:
            _dry_run(client, item, namespace)
        except (ApiError, NoKindMatchError) as error:
            yield item, error


def _dry_run(client: Client, item: Manifest, namespace: str) -> None:
    """Created and not applied: a stand-in of the same name has fields that nobody may change."""
    if client.discovery.resource(item["apiVersion"], item["kind"]).namespaced:
        item = {**item, "metadata": {"namespace": namespace, **item["metadata"]}}
    try:
        client.create(item, _DRY_RUN)
    except ApiError as error:
        # That is the last thing that the API server asks, so it had nothing against the object.
        if error.status.reason != "AlreadyExists":
            raise


def _is_unserved(item: Manifest, error: GitOpsError, objects: Iterable[Manifest]) -> bool:
    crds = (other["spec"] for other in objects if other["kind"] == "CustomResourceDefinition")
    own = {(spec["group"], spec["names"]["kind"]) for spec in crds}
    return isinstance(error, NoKindMatchError) and object_key(item)[:2] in own


def _helm(helm: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(helm), *arguments]
    return subprocess.run(  # noqa: S603 — the sandbox's Helm, with pins and the platform's own names
        command, input=text, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["Helm gave no reason"])[-1].removeprefix("Error: ")


def _not_downloaded(chart: Chart, what: str) -> DownloadError:
    fix = f"let this machine reach {chart.repository}; without the internet only the stand-ins can be tried"
    return DownloadError([_problem(f"{chart.name} {chart.version}", what, fix)])


def _problem(where: str, what: str, fix: str) -> Problem:
    return Problem(rule="sandbox/real-charts", where=where, what=what, fix=fix)
