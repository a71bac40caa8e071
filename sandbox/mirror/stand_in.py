"""What a stand-in chart holds: the real one's name, version, CRDs and kinds of workload."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from gitops.chart import Chart
from gitops.objects import Manifest

_TEMPLATES: Final = Path(__file__).parent / "chart" / "templates"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """One workload; its name is the release's with a suffix.

    Attributes:
        kind: Of `apps/v1`.
        suffix: With its hyphen.
        host: Whether its pods use the host's network, so that only a privileged namespace admits them.
        image: Of its container.
        args: Of its container.
        admin: Whether its pods may do everything in the cluster.
    """

    kind: Literal["Deployment", "DaemonSet", "StatefulSet"]
    suffix: str = ""
    host: bool = False
    image: str = "registry.k8s.io/pause:3.10"
    args: tuple[str, ...] = ()
    admin: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Port:
    """A port of a Service."""

    name: str
    port: int
    protocol: Literal["TCP", "UDP"] = "TCP"


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A Service that chart values shape; its name is the release's with a suffix.

    Attributes:
        values: Keys that lead to the chart's values of the Service.
        ports: What it listens on.
        suffix: With its hyphen.
    """

    values: tuple[str, ...]
    ports: tuple[Port, ...]
    suffix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StandIn:
    """One chart's stand-in.

    Attributes:
        workloads: What it runs.
        services: Services of type LoadBalancer, for the addresses that the cluster reserves.
        hooks: Jobs that Helm runs after an installation, by the last part of their names.
        crds_in: Where the real chart keeps its CRDs: in the folder that Helm installs from before all else, or
            among its templates.
        keep: Whether CRDs among the templates survive an uninstallation.
        values: The real chart's defaults of values that decide whether there are CRDs.
    """

    workloads: tuple[Workload, ...]
    services: tuple[Service, ...] = ()
    hooks: tuple[str, ...] = ()
    crds_in: Literal["crds", "templates"] = "templates"
    keep: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    def files(self, chart: Chart, crds: Sequence[Manifest]) -> dict[str, str]:
        """The files of the chart by their paths below its folder."""
        sandbox = {
            "workloads": [asdict(item) for item in self.workloads],
            "services": [asdict(item) for item in self.services],
            "hooks": list(self.hooks),
        }
        return {
            "Chart.yaml": json.dumps(metadata(chart)),
            "values.yaml": json.dumps({**self.values, "sandbox": sandbox}),
            **{f"templates/{file.name}": file.read_text(encoding="utf-8") for file in sorted(_TEMPLATES.iterdir())},
            **dict(self._crds(crds)),
        }

    def _crds(self, crds: Sequence[Manifest]) -> Iterator[tuple[str, str]]:
        # Templates read them as files, because their descriptions hold braces that Helm would evaluate.
        folder = "crds" if self.crds_in == "crds" else "files/crds"
        for crd in crds:
            kept = _kept(crd) if self.keep else crd
            yield f"{folder}/{crd['metadata']['name']}.json", json.dumps(kept)


def metadata(chart: Chart) -> dict[str, str]:
    """What Chart.yaml says, which an index and a registry repeat."""
    description = "A stand-in for the sandbox: the real chart's CRDs, and pods that nothing runs"
    return {"apiVersion": "v2", "name": chart.name, "version": chart.version, "description": description}


def _kept(crd: Manifest) -> Manifest:
    annotations = {**crd["metadata"].get("annotations", {}), "helm.sh/resource-policy": "keep"}
    return {**crd, "metadata": {**crd["metadata"], "annotations": annotations}}
