"""`homelab adopt`, with a cluster that is a few dictionaries, and a Pulumi that only tells that it was asked."""

from collections.abc import Mapping
from typing import Any

import pytest

from addons.catalogue import platform
from cli import adopt as command
from cli.target import Target
from cluster.client import ObjectReference, Write
from cluster.errors import ApiError, NoKindMatchError, Status
from gitops.adoption import Live, adoption
from gitops.adoption.actions import MANAGER
from gitops.cluster import Cluster
from gitops.objects import Manifest, object_key
from tests.support.cli import Homelab
from tests.support.live import applied, article, performed
from tests.support.stacks import COMMIT, shipped

STACK = platform(shipped("odyssey"))
ROOT = "Kustomization flux-system/flux-system"
INSTANCE = "FluxInstance flux-system/flux"


class Store:
    """An API server's objects, by kind and name; only what an adoption asks for works."""

    def __init__(self, live: Live) -> None:
        items = (*live.instances, *live.kustomizations, *live.releases, *live.objects.values())
        self.objects: dict[str, Manifest] = {}
        for item in items:
            # A layer is a Kustomization with an inventory, and an object that Pulumi registers.
            self.objects[str(object_key(item))] = self.objects.get(str(object_key(item)), {}) | item
        self.serves = {"FluxInstance", "HelmRelease", *(item["kind"] for item in items)}
        self.done: list[str] = []
        self.refuses = ""

    def list(self, api_version: str, kind: str) -> tuple[Manifest, ...]:
        if kind not in self.serves:
            raise NoKindMatchError("https://cluster", api_version, kind)
        return tuple(item for item in self.objects.values() if item["kind"] == kind)

    def get(self, reference: ObjectReference) -> Manifest | None:
        if reference.kind == "IPAddressPool":
            raise NoKindMatchError("https://cluster", reference.api_version, reference.kind)
        return self.objects.get(name_of(reference))

    def merge_patch(self, reference: ObjectReference, patch: Mapping[str, Any], write: Write) -> None:
        name = name_of(reference)
        self.done.append(f"patch {name}")
        if name not in self.objects:
            raise refusal(404, "NotFound")
        assert write.field_manager == MANAGER
        self.objects[name] = merged(self.objects[name], patch)

    def apply(self, manifest: Manifest, write: Write) -> None:
        name = str(object_key(manifest))
        if write.dry_run:
            if self.refuses == name:
                raise refusal(422, "Invalid")
            return
        given = "take" if write.force else f"relinquish as {write.field_manager}"
        self.done.append(f"{given} {name}")
        if write.force:
            self.objects[name] = applied(manifest, write.field_manager)

    def delete(self, reference: ObjectReference) -> None:
        self.done.append(f"delete {name_of(reference)}")
        del self.objects[name_of(reference)]


def refusal(code: int, reason: str) -> ApiError:
    return ApiError(Status(code=code, reason=reason, message="no"), "here")


def name_of(reference: ObjectReference) -> str:
    return f"{reference.kind} {f'{reference.namespace}/' if reference.namespace else ''}{reference.name}"


def merged(item: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    return {**(item or {}), **{key: merged((item or {}).get(key), value) for key, value in patch.items()}}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    """The article's odyssey; publishing and Pulumi tell the store that they were asked."""
    made = Store(article(STACK))

    def published(target: Target) -> Cluster:
        made.done.append("publish")
        return target.cluster.pinned(COMMIT)

    def ran(target: Target, client: object, cluster: Cluster, arguments: tuple[str, ...]) -> None:
        assert client is made
        assert cluster.git is not None
        assert (cluster.git.commit, arguments) == (COMMIT, ("--yes",))
        upsert = target.environment.get("PULUMI_K8S_UPSERT_EXISTING_OBJECTS")
        made.done.append(f"up {upsert}")

    monkeypatch.setattr(Target, "client", lambda _target: made)
    monkeypatch.setattr(command, "publish_and_pin", published)
    monkeypatch.setattr(command, "apply", ran)
    return made


def test_the_steps_are_performed_in_the_order_in_which_they_are_printed(homelab: Homelab, store: Store) -> None:
    done = homelab("adopt", "odyssey", "--yes")
    assert (done.status, done.stderr) == (0, "")
    assert store.done[:3] == ["publish", f"patch {INSTANCE}", f"patch {ROOT}"]
    took, upped = store.done.index("take ConfigMap flux-system/cluster-vars"), store.done.index("up true")
    assert store.done[took + 1] == "relinquish as kustomize-controller ConfigMap flux-system/cluster-vars"
    assert took < upped < store.done.index(f"delete {ROOT}") < store.done.index("up None")
    assert store.done[-2].startswith(f"relinquish as {MANAGER} ")
    assert store.done[-1] == "up None"
    assert ROOT not in store.objects


def test_a_dry_run_prints_the_steps_and_changes_nothing(homelab: Homelab, store: Store) -> None:
    done = homelab("adopt", "odyssey", "--dry-run")
    assert (done.status, store.done) == (0, [])
    assert done.stdout.splitlines()[0] == "1. Stop what would prune"
    assert f"   {ROOT}: suspended, and told to prune nothing" in done.stdout
    assert "Stays, and nobody reconciles it any more:\n" in done.stdout
    assert "   HelmRelease promtail/promtail\n" in done.stdout


def test_where_nobody_can_be_asked_adopt_asks_for_yes(homelab: Homelab, store: Store) -> None:
    done = homelab("adopt", "odyssey")
    assert (done.status, store.done) == (2, [])
    assert "needed where nobody can be asked" in done.stderr


def test_somebody_is_asked_before_anything_is_done(
    homelab: Homelab, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", refuse)
    assert homelab("adopt", "odyssey").status != 0
    assert store.done == []


def refuse(_question: str, *, abort: bool) -> None:
    assert abort
    raise SystemExit(1)


def test_another_cluster_is_refused_with_nothing_written(homelab: Homelab, store: Store) -> None:
    variables = store.objects["ConfigMap flux-system/cluster-vars"]
    variables["data"] = {**variables["data"], "cluster_name": "ithaca"}
    done = homelab("adopt", "odyssey", "--yes")
    assert (done.status, store.done) == (1, [])
    assert "this is the cluster ithaca, and the stack's is odyssey" in done.stderr
    assert "nothing was written" in done.stderr


def test_a_cluster_without_flux_is_refused(homelab: Homelab, store: Store) -> None:
    store.serves.clear()
    done = homelab("adopt", "odyssey", "--yes")
    assert (done.status, store.done) == (1, [])
    assert "rule: adopt/flux" in done.stderr


def test_what_the_api_server_would_refuse_is_found_before_anything_is_stopped(homelab: Homelab, store: Store) -> None:
    store.refuses = "Deployment wedding-website/wedding-website"
    done = homelab("adopt", "odyssey", "--yes")
    assert (done.status, store.done) == (1, [])
    assert "rule: cluster/refused" in done.stderr


def test_a_root_that_runs_again_ends_it(homelab: Homelab, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def resumed(*_: object) -> None:
        store.objects[ROOT] = merged(store.objects[ROOT], {"spec": {"suspend": False}})

    monkeypatch.setattr(command, "apply", resumed)
    done = homelab("adopt", "odyssey", "--yes")
    assert done.status == 1
    assert "rule: adopt/changed" in done.stderr
    assert "nothing was written" not in done.stderr
    assert ROOT in store.objects


def test_a_controller_that_does_not_stop_ends_it(
    homelab: Homelab, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_PATIENCE", 0)
    monkeypatch.setattr(command, "_PAUSE", 0)
    store.objects[ROOT]["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]
    done = homelab("adopt", "odyssey", "--yes")
    assert done.status == 1
    assert "rule: adopt/time" in done.stderr


def test_strays_that_are_gone_need_no_protection(homelab: Homelab, store: Store) -> None:
    assert homelab("adopt", "odyssey", "--yes").status == 0
    assert "patch Kustomization flux-system/promtail-controllers" in store.done


def test_other_refusals_end_it(homelab: Homelab, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise refusal(403, "Forbidden")

    monkeypatch.setattr(store, "merge_patch", forbidden)
    done = homelab("adopt", "odyssey", "--yes")
    assert done.status == 1
    assert "nothing was written" not in done.stderr


def test_nothing_is_left_once_all_of_it_is_done(homelab: Homelab, store: Store) -> None:
    live = article(STACK)
    for step in adoption(STACK, live).steps:
        live = performed(live, step.actions, STACK)
    store.objects = Store(live).objects
    done = homelab("adopt", "odyssey", "--yes")
    assert (done.status, store.done) == (0, [])
    assert done.stdout == "Nothing is left to adopt: homelab up odyssey does the rest.\n"
