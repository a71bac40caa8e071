"""`homelab destroy`, with a Pulumi that is a shell script and an API server that gives prepared answers."""

import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typing_extensions import override

from tests.support.api_server import ApiServer, Document, api_server, refusal
from tests.support.cli import Homelab, spoil
from tests.support.programs import Programs

HELM = "/apis/helm.toolkit.fluxcd.io/v2"
ALLOY = f"{HELM}/namespaces/alloy/helmreleases/alloy"
SETS = "/apis/fluxcd.controlplane.io/v1"
ALLOY_SET = f"{SETS}/namespaces/flux-system/resourcesets/alloy-controllers"
VARIABLES = "/api/v1/namespaces/flux-system/configmaps/cluster-vars"
CRDS = "/apis/apiextensions.k8s.io/v1"
GONE = refusal(404, "NotFound")
REFRESH = "refresh --yes --skip-preview --stack odyssey"
DESTROY = "destroy --yes --stack odyssey"


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


def served(api: ApiServer, path: str, **kinds: str) -> None:
    """Kinds of one API version by their plurals; all but those of the whole cluster are of namespaces."""
    cluster = {"Namespace", "CustomResourceDefinition"}
    resources = [{"name": name, "kind": kind, "namespaced": kind not in cluster} for name, kind in kinds.items()]
    api.answer("GET", path, {"resources": resources})


def manifest(api_version: str, kind: str, name: str, **metadata: Any) -> Document:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "uid": name} | metadata}


def release(**metadata: Any) -> Document:
    finalizers = ["finalizers.fluxcd.io"]
    return manifest(
        "helm.toolkit.fluxcd.io/v2", "HelmRelease", "alloy", namespace="alloy", finalizers=finalizers, **metadata
    )


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs.on_path(tmp_path / "programs", monkeypatch)
    made.says("pulumi", "Destroying (odyssey)")
    return made


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pulumi: Programs, project: Path) -> Iterator[ApiServer]:
    """Odyssey's API server, on which nothing is left; the stack is delivered inline."""
    assert pulumi.folder.exists()
    spoil(project, "homelab:delivery: git", "homelab:delivery: inline")
    with api_server() as server:
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(server.kubeconfig()), encoding="utf-8")
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        yield server


def asked(api: ApiServer, *methods: str) -> list[str]:
    return [f"{item.method} {item.path}" for item in api.asked if item.method in methods]


@pytest.mark.usefixtures("api")
def test_where_nothing_is_left_destroy_ends_well(homelab: Homelab, pulumi: Programs) -> None:
    done = homelab("destroy", "odyssey", "--delete-data", "--yes")
    assert (done.status, done.stderr) == (0, "")
    assert re.search(r"^delete  cilium-controllers  gone after \d+ s$", done.stdout, re.MULTILINE)
    assert done.stdout.splitlines()[-1] == "Nothing of the platform is left."
    assert pulumi.calls("pulumi") == [REFRESH, DESTROY]


@pytest.mark.usefixtures("api")
def test_flags_are_pulumis_own(homelab: Homelab, pulumi: Programs) -> None:
    assert homelab("destroy", "odyssey", "--yes", "-m", "message").status == 0
    assert pulumi.calls("pulumi") == [REFRESH, "destroy --yes -m message --stack odyssey"]


def test_what_is_deleted_is_suspended_first_and_gone_before_pulumi_goes_on(homelab: Homelab, api: ApiServer) -> None:
    served(api, SETS, resourcesets="ResourceSet")
    served(api, HELM, helmreleases="HelmRelease")
    api.answer("GET", ALLOY_SET, manifest("fluxcd.controlplane.io/v1", "ResourceSet", "alloy-controllers"))
    api.answer("PATCH", ALLOY_SET, {})
    api.answer("PATCH", ALLOY, {})
    api.answer("GET", ALLOY, release(), release(), release(deletionTimestamp="now"), GONE)
    api.answer("DELETE", ALLOY, release(deletionTimestamp="now"))
    done = homelab("destroy", "odyssey", "--yes")
    assert done.status == 0
    assert asked(api, "PATCH", "DELETE") == [f"PATCH {ALLOY_SET}", f"PATCH {ALLOY}", f"DELETE {ALLOY}"]
    patch = next(item.body for item in api.asked if item.method == "PATCH")
    assert patch["metadata"]["annotations"]["fluxcd.controlplane.io/reconcile"] == "disabled"
    gone = re.search(r"^delete  alloy-controllers  gone after \d+ s$", done.stdout, re.MULTILINE)
    assert gone
    # Once for the refresh before, and once at the end.
    assert done.stdout.index("Destroying (odyssey)") < gone.start() < done.stdout.rindex("Destroying (odyssey)")
    lines = done.stdout.splitlines()
    assert "Kept; --delete-data deletes it too:" in lines
    assert "   1password-connect-controllers  for external-secrets-configs" in lines


def test_what_hangs_is_named_with_its_finalizer_and_pulumi_destroys_nothing(
    homelab: Homelab, api: ApiServer, pulumi: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = itertools.count(step=300)
    monkeypatch.setattr("cli.removal.time.monotonic", lambda: float(next(seconds)))
    served(api, HELM, helmreleases="HelmRelease")
    api.answer("PATCH", ALLOY, {})
    api.answer("GET", ALLOY, release(deletionTimestamp="now"))
    done = homelab("destroy", "odyssey", "--yes")
    assert done.status == 1
    assert "error: HelmRelease alloy/alloy" in done.stderr
    assert "after its deletion: it waits for finalizers.fluxcd.io" in done.stderr
    assert "nothing was written" not in done.stderr
    assert pulumi.calls("pulumi") == [REFRESH]


@pytest.mark.parametrize("deletes", [True, False])
def test_volumes_keep_their_namespace_until_data_may_go(deletes: bool, homelab: Homelab, api: ApiServer) -> None:  # noqa: FBT001 — pytest passes parameters by name
    served(api, "/api/v1", namespaces="Namespace", persistentvolumeclaims="PersistentVolumeClaim")
    space = "/api/v1/namespaces/victoria-metrics"
    claim = manifest("v1", "PersistentVolumeClaim", "server-volume", namespace="victoria-metrics")
    api.answer("GET", "/api/v1/persistentvolumeclaims", {"items": [claim]})
    namespace = manifest("v1", "Namespace", "victoria-metrics")
    api.answer("GET", space, namespace, GONE)
    api.answer("DELETE", space, namespace)
    done = homelab("destroy", "odyssey", "--yes", *(["--delete-data"] if deletes else []))
    assert done.status == 0
    assert (f"DELETE {space}" in asked(api, "DELETE")) is deletes
    assert ("   namespace victoria-metrics  it holds the volumes of server-volume" in done.stdout) is not deletes


def test_objects_that_go_with_their_crd_go_before_its_controllers(homelab: Homelab, api: ApiServer) -> None:
    served(api, CRDS, customresourcedefinitions="CustomResourceDefinition")
    served(api, "/apis/monitoring.coreos.com/v1", probes="Probe")
    served(api, HELM, helmreleases="HelmRelease")
    name = "probes.monitoring.coreos.com"
    definition = manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
    names = {"group": "monitoring.coreos.com", "names": {"kind": "Probe"}, "versions": [{"name": "v1", "served": True}]}
    api.answer("GET", f"{CRDS}/customresourcedefinitions", {"items": [definition | {"spec": names}]}, {"items": []})
    api.answer("GET", f"{CRDS}/customresourcedefinitions", {"items": [definition | {"spec": names}]})
    api.answer("GET", f"{CRDS}/customresourcedefinitions/{name}", definition, GONE)
    api.answer("DELETE", f"{CRDS}/customresourcedefinitions/{name}", definition)
    probe = manifest("monitoring.coreos.com/v1", "Probe", "mine", namespace="web", finalizers=["x/y"])
    mine = "/apis/monitoring.coreos.com/v1/namespaces/web/probes/mine"
    api.answer("GET", "/apis/monitoring.coreos.com/v1/probes", {"items": [probe]}, {"items": [probe]}, {"items": []})
    api.answer("DELETE", mine, probe)
    stack = f"{HELM}/namespaces/monitoring/helmreleases/kube-prometheus-stack"
    api.answer("PATCH", stack, {})
    api.answer("GET", stack, release(), release(), GONE)
    api.answer("DELETE", stack, release())
    assert homelab("destroy", "odyssey", "--yes", "--delete-data").status == 0
    assert asked(api, "DELETE") == [
        f"DELETE {mine}",
        f"DELETE {stack}",
        f"DELETE {CRDS}/customresourcedefinitions/{name}",
    ]


def test_another_cluster_is_refused_before_anything_changes(homelab: Homelab, api: ApiServer, pulumi: Programs) -> None:
    config_map = manifest("v1", "ConfigMap", "cluster-vars", namespace="flux-system")
    api.answer("GET", VARIABLES, config_map | {"data": {"cluster_name": "ithaca"}})
    done = homelab("destroy", "odyssey", "--yes")
    assert done.status == 1
    assert "this is the cluster ithaca, and the stack's is odyssey" in done.stderr
    assert {item.method for item in api.asked} == {"GET"}
    assert pulumi.calls("pulumi") == []


def test_a_locked_stack_is_refused_before_anything_changes(homelab: Homelab, api: ApiServer, pulumi: Programs) -> None:
    pulumi.says("pulumi", "error: the stack is currently locked by 1 lock(s)", status=255)
    served(api, HELM, helmreleases="HelmRelease")
    api.answer("GET", ALLOY, release())
    done = homelab("destroy", "odyssey", "--yes")
    assert done.status == 255
    assert "currently locked" in done.stdout
    assert {item.method for item in api.asked} == {"GET"}


def test_a_refusal_on_the_way_does_not_say_that_nothing_has_happened(homelab: Homelab, api: ApiServer) -> None:
    served(api, HELM, helmreleases="HelmRelease")
    api.answer("GET", ALLOY, release())
    api.answer("PATCH", ALLOY, {})
    api.answer("DELETE", ALLOY, refusal(403, "Forbidden", "helmreleases is forbidden"))
    done = homelab("destroy", "odyssey", "--yes")
    assert done.status == 1
    assert "helmreleases is forbidden" in done.stderr
    assert "nothing was written" not in done.stderr


@pytest.mark.usefixtures("api")
def test_where_nobody_can_be_asked_destroy_asks_for_yes(homelab: Homelab, pulumi: Programs) -> None:
    done = homelab("destroy", "odyssey")
    assert done.status == 2
    assert "needed where nobody can be asked" in done.stderr
    assert pulumi.calls("pulumi") == []


def test_what_shall_be_deleted_is_shown_and_a_no_changes_nothing(
    homelab: Homelab, api: ApiServer, pulumi: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    done = homelab("destroy", "odyssey")
    assert done.status == 1
    assert "To take it down, delete bundle by bundle:" in done.stdout
    assert {item.method for item in api.asked} == {"GET"}
    assert pulumi.calls("pulumi") == []
