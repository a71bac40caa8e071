"""The real CRDs of Flux and of the add-ons, from the Go modules that hold them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gitops.documents import from_yaml
from gitops.objects import Manifest
from sandbox.modules import Module, downloaded, pinned

KIND: Final = "CustomResourceDefinition"


@dataclass(frozen=True, kw_only=True, slots=True)
class CrdFolder:
    """A folder of CRDs in a Go module, other files among them."""

    module: Module
    folder: str

    def manifests(self, root: Path) -> Iterator[Manifest]:
        """The CRDs of the folder and those below it, in the order of their paths."""
        for file in sorted((root / self.folder).rglob("*.yaml")):
            yield from (item for item in from_yaml(file.read_text(encoding="utf-8")) if item["kind"] == KIND)


def _flux(name: str) -> CrdFolder:
    return CrdFolder(module=pinned(f"github.com/{name}"), folder="config/crd/bases")


# The versions that the add-ons pin, but for one: releases of External Secrets after 1.3.2 are no valid Go modules,
# because their paths lack the major; this one serves the same API version.
ADDONS: Final[Mapping[str, CrdFolder]] = {
    "metallb": CrdFolder(
        module=Module(
            path="go.universe.tf/metallb",
            version="v0.16.1",
            sum="h1:iVtjCslcUFMOEvuNeAyW2ygZxyW+6YjnNcEuCTOZezc=",
        ),
        folder="config/crd/bases",
    ),
    "cert-manager": CrdFolder(
        module=Module(
            path="github.com/cert-manager/cert-manager",
            version="v1.21.2",
            sum="h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=",
        ),
        folder="deploy/crds",
    ),
    "trust-manager": CrdFolder(
        module=Module(
            path="github.com/cert-manager/trust-manager",
            version="v0.24.0",
            sum="h1:OxNSRRHXbRrU5nGMvbZDzu/Ppm479wyB64ov2tvp07o=",
        ),
        folder="deploy/crds",
    ),
    "external-secrets": CrdFolder(
        module=Module(
            path="github.com/external-secrets/external-secrets",
            version="v1.3.2",
            sum="h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
        ),
        folder="config/crds/bases",
    ),
    "kube-prometheus-stack": CrdFolder(
        module=Module(
            path="github.com/prometheus-operator/prometheus-operator",
            version="v0.93.1",
            sum="h1:4Juk8v93RdG1DSGD/mGp+SeQKPmnlLIj2iq3blLZgFY=",
        ),
        folder="example/prometheus-operator-crd",
    ),
    "cilium": CrdFolder(
        module=Module(
            path="github.com/cilium/cilium",
            version="v1.20.0",
            sum="h1:ChjrRtiDjtLKe0FkygGTMxEIUtqQh5lEXZL+bLfeb1I=",
        ),
        folder="pkg/k8s/apis/cilium.io/client/crds",
    ),
}
FLUX: Final[Mapping[str, tuple[CrdFolder, ...]]] = {
    "flux": tuple(_flux(f"fluxcd/{name}-controller") for name in ("source", "kustomize", "helm")),
    "flux-operator": (_flux("controlplaneio-fluxcd/flux-operator"),),
}
FOLDERS: Final[Mapping[str, tuple[CrdFolder, ...]]] = {
    **{name: (folder,) for name, folder in ADDONS.items()},
    **FLUX,
}
"""By the name of the add-on, and `flux` and `flux-operator`."""


def crds(names: Iterable[str] = tuple(FOLDERS)) -> Mapping[str, tuple[Manifest, ...]]:
    """The CRDs of each name; ModuleError with every module that cannot be had.

    Go downloads what it has not got yet: 65 MB for all add-ons.
    """
    wanted = {name: FOLDERS[name] for name in names}
    roots = downloaded(folder.module for folders in wanted.values() for folder in folders)
    return {
        name: tuple(item for folder in folders for item in folder.manifests(roots[folder.module]))
        for name, folders in wanted.items()
    }
