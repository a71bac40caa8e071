"""The programs of a sandbox: which Go package each is, and from which version another copy will do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sandbox.modules import Module, pinned

_KUBERNETES: Final = "k8s.io/kubernetes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One program.

    Attributes:
        name: File name.
        module: Folder below `sandbox/tools` that it is built in.
        pinned_by: Folder that pins it, where that is another one.
        package: Go package of its main function.
        source: Path of the Go module whose version is the program's.
        minimum: Version from which a copy on PATH will do, below the next major; none will where not given.
        version_arguments: How to ask a copy for its version.
        variables: Go variables that hold its version, set at build time; `{version}` is the pin, `{minor}` a part.
        generated: Files that its release generates and its Go module lacks, by path in the module.
        script: Path in the module, for a program that needs no build.
        beside: The program that it belongs to: where that one is found on PATH, so is this one.
        seconds: How long its first build takes on two cores.
    """

    name: str
    module: str = "platform"
    pinned_by: str = ""
    package: str = ""
    source: str
    minimum: tuple[int, int] | None = None
    version_arguments: tuple[str, ...] = ("--version",)
    variables: Mapping[str, str] = field(default_factory=dict)
    generated: Mapping[str, str] = field(default_factory=dict)
    script: str = ""
    beside: str = ""
    seconds: int = 1

    @property
    def pin(self) -> Module:
        """The Go module that holds it."""
        return pinned(self.source, self.pinned_by or self.module)

    @property
    def linker_flags(self) -> str:
        """No debug information, and the version where the program looks for it."""
        version = self.pin.version
        parts = {"version": version, "bare": version.lstrip("v"), "minor": version.split(".")[1]}
        return " ".join(["-s -w", *(f"-X {name}={value.format(**parts)}" for name, value in self.variables.items())])


def _kubernetes(name: str, *, seconds: int, version_arguments: tuple[str, ...] = ("--version",)) -> Program:
    component = "k8s.io/component-base/version"
    return Program(
        name=name,
        package=f"{_KUBERNETES}/cmd/{name}",
        source=_KUBERNETES,
        minimum=(1, 34),
        version_arguments=version_arguments,
        # Without them charts that ask for a Kubernetes version are refused.
        variables={
            f"{component}.gitVersion": "{version}",
            f"{component}.gitMajor": "1",
            f"{component}.gitMinor": "{minor}",
        },
        seconds=seconds,
    )


def _kwok(name: str, *, seconds: int) -> Program:
    return Program(
        name=name,
        package=f"sigs.k8s.io/kwok/cmd/{name}",
        source="sigs.k8s.io/kwok",
        minimum=(0, 7),
        variables={"sigs.k8s.io/kwok/pkg/consts.Version": "{version}"},
        seconds=seconds,
    )


def _controller(name: str, *, seconds: int) -> Program:
    package = f"github.com/fluxcd/{name}"
    return Program(name=name, package=package, source=package, seconds=seconds)


def _own(name: str, *, source: str, seconds: int = 1) -> Program:
    return Program(name=name, package=f"./{name}", source=source, seconds=seconds)


PROGRAMS: Final = (
    Program(
        name="pulumi",
        module="pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        source="github.com/pulumi/pulumi/pkg/v3",
        minimum=(3, 187),
        version_arguments=("version",),
        variables={"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "{version}"},
        seconds=225,
    ),
    Program(
        name="pulumi-language-python",
        module="language",
        package="github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
        source="github.com/pulumi/pulumi/sdk/v3",
        beside="pulumi",
        seconds=15,
    ),
    Program(
        name="pulumi-language-python-exec",
        # The host looks for it beside itself, but that of the host's own release is older than the SDK.
        module="language",
        pinned_by="pulumi",
        source="github.com/pulumi/pulumi/sdk/v3",
        script="python/cmd/pulumi-language-python-exec",
        beside="pulumi",
    ),
    _own("etcd", source="go.etcd.io/etcd/server/v3", seconds=23),
    _own("depot", source="github.com/distribution/distribution/v3", seconds=36),
    _kwok("kwok", seconds=56),
    _kwok("kwokctl", seconds=9),
    _kubernetes("kube-apiserver", seconds=150),
    _kubernetes("kube-controller-manager", seconds=44),
    _kubernetes("kube-scheduler", seconds=4),
    _kubernetes("kubectl", seconds=16, version_arguments=("version", "--client")),
    _controller("source-controller", seconds=68),
    _controller("kustomize-controller", seconds=23),
    _controller("helm-controller", seconds=10),
    Program(
        name="flux",
        package="github.com/fluxcd/flux2/v2/cmd/flux",
        source="github.com/fluxcd/flux2/v2",
        minimum=(2, 9),
        variables={"main.VERSION": "{bare}"},
        generated={"cmd/flux/manifests/none.yaml": "# This build cannot install Flux.\n"},
        seconds=13,
    ),
    Program(
        name="helm",
        package="helm.sh/helm/v4/cmd/helm",
        source="helm.sh/helm/v4",
        minimum=(4, 0),
        version_arguments=("version",),
        seconds=8,
    ),
    Program(
        name="flux-operator",
        package="github.com/controlplaneio-fluxcd/flux-operator/cmd/operator",
        source="github.com/controlplaneio-fluxcd/flux-operator",
        generated={"web/dist/index.html": "This build has no pages.\n"},
        seconds=11,
    ),
    _own("envsubst", source="github.com/fluxcd/pkg/envsubst"),
)
