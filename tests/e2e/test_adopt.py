"""The article's live cluster becomes a stack's own, and nothing in it is deleted on the way."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from cluster.client import ObjectReference
from gitops.delivery import delivery_of
from gitops.objects import Manifest
from gitops.platform import Platform
from tests.e2e.article import Uids, deletions, live_as_in_the_article, pushed, seed_of, uids
from tests.e2e.world import NAME, SMALL, Done, World, condition, eventually

pytestmark = pytest.mark.e2e

ADDONS: Final = SMALL | {"trust-manager": {"enabled": True}}
"""Promtail, which seed adds to them, needs its certificates; strict leaves Promtail out, so it is left over."""

KUSTOMIZATION: Final = partial(ObjectReference, api_version="kustomize.toolkit.fluxcd.io/v1", kind="Kustomization")
ROOT: Final = KUSTOMIZATION(name="flux-system", namespace="flux-system")
ENDS: Final = {
    f"Kustomization flux-system/{name}" for name in ("flux-system", "promtail-controllers", "infra-reconciliation")
}
"""What adopting takes away. Promtail, and so its layer, is not in the stack, and its release runs on."""


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """A cluster after its adoption.

    Attributes:
        world: Where it is.
        article: The platform that it ran before.
        before: The uid of every object of that platform, and of Helm's records of its releases.
        refused: What `homelab up` said to the cluster as it was.
        deleted: What was seen to go meanwhile.
        stopped: The root Kustomization when the first run was killed.
        output: What the second run printed.
    """

    world: World
    article: Platform
    before: Uids
    refused: Done
    deleted: list[str]
    stopped: Manifest
    output: str


@pytest.fixture(scope="module")
def adopted(world: World, tmp_path_factory: pytest.TempPathFactory) -> Adopted:
    """Adopted in two runs, the first of which is killed after its first step."""
    world.configure(addons=ADDONS)
    article = seed_of(world.platform)
    live_as_in_the_article(world, article, tmp_path_factory.mktemp("tree"))
    before = uids(world, article)
    refused = world.up()
    with deletions(world, article) as deleted:
        killed_after_the_first_step(world)
        stopped = world.get(**reference(ROOT))
        done = world.homelab("adopt", NAME, "--yes")
    assert done.status == 0, done.output
    assert stopped is not None
    return Adopted(
        world=world,
        article=article,
        before=before,
        refused=refused,
        deleted=deleted,
        stopped=stopped,
        output=done.output,
    )


def test_up_refuses_a_cluster_that_an_old_sync_reconciles(adopted: Adopted) -> None:
    assert adopted.refused.status == 1
    assert "rule: existing/sync" in adopted.refused.output
    assert "nothing was written" in adopted.refused.output


def test_a_run_that_is_killed_leaves_the_root_stopped(adopted: Adopted) -> None:
    spec = adopted.stopped["spec"]
    assert (spec["suspend"], spec["prune"], spec["deletionPolicy"]) == (True, False, "Orphan")


def test_nothing_is_deleted_but_the_old_kustomizations(adopted: Adopted) -> None:
    assert set(adopted.deleted) == ENDS
    after = uids(adopted.world, adopted.article)
    assert {str(key) for key, uid in adopted.before.items() if after.get(key) != uid} == ENDS - {str_of(ROOT)}


def test_every_bundle_is_ready(adopted: Adopted) -> None:
    shown = adopted.world.homelab("status", NAME)
    assert shown.status == 0, shown.output


def test_pulumi_owns_its_objects_and_has_nothing_left_to_do(adopted: Adopted) -> None:
    platform = adopted.world.platform
    for item in delivery_of(platform).registrations(platform):
        found = adopted.world.get(**reference(ObjectReference.of(item.manifest)))
        assert found is not None
        appliers = [entry["manager"] for entry in found["metadata"]["managedFields"] if entry["operation"] == "Apply"]
        assert [name.rpartition("-")[0] for name in appliers] == ["pulumi-kubernetes"], item.key
    done = adopted.world.pulumi("preview", "--expect-no-changes")
    assert done.status == 0, done.output


def test_the_old_sync_is_gone_and_flux_is_still_reconciled(adopted: Adopted) -> None:
    assert adopted.world.get(**reference(ROOT)) is None
    found = eventually(lambda: reconciled_instance(adopted.world))
    assert "sync" not in found["spec"]
    assert condition(found)["status"] == "True"


def test_what_is_left_over_is_listed_and_runs_on(adopted: Adopted) -> None:
    listed = adopted.output.partition("Stays, and nobody reconciles it any more:")[2]
    assert "HelmRelease promtail/promtail" in listed
    found = adopted.world.get("helm.toolkit.fluxcd.io/v2", "HelmRelease", "promtail", "promtail")
    assert found is not None
    assert condition(found)["status"] == "True"


def test_nothing_is_left_to_adopt(adopted: Adopted) -> None:
    again = adopted.world.homelab("adopt", NAME, "--yes")
    assert (again.status, again.output) == (0, f"Nothing is left to adopt: homelab up {NAME} does the rest.\n")


def test_the_old_files_can_leave_git(adopted: Adopted, tmp_path: Path) -> None:
    world = adopted.world
    pushed(world, tmp_path, f"git rm -r --quiet clusters common && git commit --quiet -m 'Leave it to {NAME}'")
    for name in ("cluster-vars-derived", "cluster-vars"):
        assert world.get("v1", "ConfigMap", name, "flux-system")
    layers = " ".join(f"kustomization/{layer.kustomization}" for layer in world.platform.layers)
    script = "flux reconcile source git flux-system && for each in $0; do flux reconcile ks ${each#*/}; done"
    done = world.inside("sh", "-c", script, layers)
    assert done.status == 0, done.output
    after = uids(world, adopted.article)
    assert {str(key) for key, uid in adopted.before.items() if after.get(key) != uid} == ENDS - {str_of(ROOT)}


@pytest.mark.parametrize("command", ["up", "adopt"])
def test_another_cluster_is_refused_before_anything_is_changed(adopted: Adopted, command: str) -> None:
    world = adopted.world
    shipped = world.stack_file.read_text(encoding="utf-8")
    variables = yaml.safe_load(shipped)["config"]["homelab:cluster_vars"] | {"cluster_name": "other"}
    world.configure(addons=ADDONS, cluster_vars=variables, git={"url": "http://depot.internal/git/homelab.git"})
    try:
        done = world.homelab(command, NAME, "--yes")
    finally:
        world.configure(addons=ADDONS)
    assert done.status == 1
    assert "this is the cluster sandbox, and the stack's is other" in done.output
    branches = world.inside("git", "ls-remote", "http://depot.internal/git/homelab.git")
    assert "rendered/other" not in branches.output


def killed_after_the_first_step(world: World) -> None:
    with world.running("adopt", NAME, "--yes") as child:
        assert child.stdout is not None
        assert next((line for line in child.stdout if line.startswith("Step 2 of ")), None)


def reconciled_instance(world: World) -> Manifest:
    """The FluxInstance, once the operator has looked at it as it is now."""
    found = world.get("fluxcd.controlplane.io/v1", "FluxInstance", "flux", "flux-system")
    assert found is not None
    seen = condition(found).get("observedGeneration") == found["metadata"]["generation"]
    return found if seen and condition(found)["status"] != "Unknown" else {}


def reference(item: ObjectReference) -> dict[str, Any]:
    return {"api_version": item.api_version, "kind": item.kind, "name": item.name, "namespace": item.namespace}


def str_of(item: ObjectReference) -> str:
    return f"{item.kind} {item.namespace}/{item.name}"
