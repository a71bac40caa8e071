"""The chart mirror: stand-ins of the platform's charts, of the same names and versions, without the internet.

Each understands two values beside the real chart's, so that a stack can try failure and slowness, as in
`homelab:addons: {grafana: {values: {sandbox: {fail: true}}}}`:

- `sandbox.fail`: its pods never become ready. A Deployment says so after five seconds, and Helm gives up then; other
  workloads keep Helm waiting for as long as the release may take.
- `sandbox.slow`: how long each pod takes to become ready, as `20s`.
"""

from collections.abc import Iterable
from pathlib import Path

from gitops.chart import OCI, Chart
from gitops.objects import Manifest
from sandbox.crds import FOLDERS, crds
from sandbox.mirror import index
from sandbox.mirror.archive import packaged
from sandbox.mirror.catalogue import CATALOGUE, OTHER
from sandbox.mirror.registry import Repository


def fill(folder: Path, mirror: str, charts: Iterable[Chart]) -> None:
    """Make a mirror hold stand-ins of `charts`, each where its kind of source looks for it.

    Args:
        folder: What the server at `mirror` shows, for the charts of Helm repositories.
        mirror: The base URL, as in a stack's `charts.mirror`; charts of registries are pushed below it.
        charts: As the add-ons pin them.

    Raises:
        ModuleError: Go cannot bring the CRDs.
        RegistryError: The registry is not there, or refuses.
    """
    wanted = tuple(dict.fromkeys(charts))
    found = crds(dict.fromkeys(chart.name for chart in wanted if chart.name in FOLDERS))
    archives = {chart: _archive(chart, found.get(chart.name, ())) for chart in wanted}
    index.write(folder, {chart: archive for chart, archive in archives.items() if not _is_oci(chart)})
    scheme, _, base = mirror.rstrip("/").partition("://")
    host, _, path = base.partition("/")
    for chart, archive in archives.items():
        if _is_oci(chart):
            Repository(f"{scheme}://{host}", f"{path}/{chart.name}".lstrip("/")).push(chart, archive)


def _archive(chart: Chart, crds_of_chart: tuple[Manifest, ...]) -> bytes:
    stand_in = CATALOGUE.get(chart.name, OTHER)
    return packaged(chart.name, stand_in.files(chart, crds_of_chart))


def _is_oci(chart: Chart) -> bool:
    return chart.repository.startswith(OCI)
