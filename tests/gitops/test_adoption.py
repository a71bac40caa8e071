"""From the article's cluster to the stack's: the steps, from wherever they were left, and what stays."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.adoption import Adoption, Live, Step, adoption, disturbed
from gitops.adoption.actions import Change, Delete, Register, Release, Settle, Take
from gitops.adoption.live import applied_by, appliers, head, managers, owner_of
from gitops.adoption.situation import LEFT_OVER, is_disabled, is_settled, is_stopped
from gitops.flux import KUSTOMIZATION
from gitops.objects import Manifest, ObjectKey, object_key
from tests.support.live import (
    ROOT_KEY,
    STOPPED,
    applied,
    article,
    entry,
    instance,
    kustomization,
    of_manifest,
    performed,
)
from tests.support.stacks import variant

STRICT = platform(variant("odyssey"))
SEED = platform(variant("odyssey", profile="seed"))
TITLES = ["Stop what would prune", "Move ownership to the stack", "Import into the stack", "End the old sync", "Resume"]


def titles(planned: Adoption) -> list[str]:
    assert planned.problems == ()
    return [step.title for step in planned.steps]


def step(planned: Adoption, title: str) -> Step:
    return next(item for item in planned.steps if item.title == title)


def texts(planned: Adoption, title: str) -> list[str]:
    return [action.text for action in step(planned, title).actions]


def test_the_articles_cluster_is_adopted_in_the_safe_order() -> None:
    assert titles(adoption(SEED, article(SEED))) == TITLES


def test_the_operator_is_stopped_before_its_kustomization() -> None:
    assert texts(adoption(SEED, article(SEED)), "Stop what would prune") == [
        "FluxInstance flux-system/flux: the Flux Operator leaves it alone",
        "Kustomization flux-system/flux-system: suspended, and told to prune nothing",
        "FluxInstance flux-system/flux: what it is doing now comes to its end",
        "Kustomization flux-system/flux-system: what it is doing now comes to its end",
    ]


def test_every_registered_object_is_taken_from_who_applies_it() -> None:
    taken = [action for action in step(adoption(SEED, article(SEED)), TITLES[1]).actions if isinstance(action, Take)]
    source = next(action for action in taken if action.object["kind"] == "GitRepository")
    assert source.others == ("flux-operator",)
    assert {action.others for action in taken if action is not source} == {("kustomize-controller",)}
    assert source.text == "GitRepository flux-system/flux-system: no longer flux-operator's; changes no value"


def test_what_taking_changes_is_told_by_field() -> None:
    texts_ = texts(adoption(STRICT, article(STRICT)), "Move ownership to the stack")
    told = next(text for text in texts_ if text.startswith("Kustomization flux-system/network-reconciliation"))
    assert "; changes spec.timeout, spec.prune, spec.postBuild.substitute, spec.deletionPolicy and 1 more" in told
    variables = next(text for text in texts_ if text.startswith("ConfigMap flux-system/cluster-vars:"))
    assert variables.endswith("; changes metadata.labels['reconcile.fluxcd.io/watch']")


def test_pulumi_takes_over_once_and_then_runs_as_always() -> None:
    actions = [action for item in adoption(SEED, article(SEED)).steps for action in item.actions]
    runs = [action for action in actions if isinstance(action, Register)]
    switches = ("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", "PULUMI_K8S_ENABLE_PATCH_FORCE")
    assert [dict(run.environment) for run in runs] == [dict.fromkeys(switches, "true"), {}]
    assert runs[0].text.startswith("publish the tree")


def test_the_root_goes_alone_and_the_sync_with_it() -> None:
    actions = step(adoption(SEED, article(SEED)), "End the old sync").actions
    assert [action.text for action in actions] == [
        "Kustomization flux-system/flux-system: deleted alone, without what it applied",
        "FluxInstance flux-system/flux: syncs no more, and is reconciled again",
    ]
    assert isinstance(actions[1], Change)
    assert actions[1].patch["spec"] == {"sync": None}


@pytest.mark.parametrize("stack", [SEED, STRICT], ids=["seed", "strict"])
def test_what_is_left_after_each_step_is_the_rest_of_the_steps(stack: Any) -> None:
    live = article(stack)
    planned = adoption(stack, live)
    for number, done in enumerate(planned.steps, 1):
        live = performed(live, done.actions, stack)
        assert set(titles(adoption(stack, live))) >= set(titles(planned)[number:])
        assert list(disturbed(planned, live)) == []
    assert adoption(stack, live).steps == ()


def test_an_interrupted_import_is_repeated() -> None:
    live = article(SEED)
    first, second, *_ = adoption(SEED, live).steps
    live = performed(performed(live, first.actions, SEED), second.actions, SEED)
    assert titles(adoption(SEED, live)) == TITLES[1:]


def test_a_registered_object_that_is_missing_is_left_to_pulumi() -> None:
    live = article(SEED)
    website = ObjectKey("apps", "Deployment", "wedding-website", "wedding-website")
    fewer = {key: item for key, item in live.objects.items() if key != website}
    planned = adoption(SEED, Live(instances=live.instances, kustomizations=live.kustomizations, objects=fewer))
    taken = [object_key(action.object) for action in step(planned, TITLES[1]).actions if isinstance(action, Take)]
    assert website not in taken
    assert [object_key(item.object) for item in planned.steps[-1].actions if isinstance(item, Release)] == taken


def test_what_the_tree_does_not_hold_is_set_aside_before_it_is_published() -> None:
    planned = adoption(STRICT, article(STRICT))
    assert titles(planned).index("Set aside what the stack does not declare") == 1
    assert texts(planned, "Set aside what the stack does not declare")[:2] == [
        "Kustomization flux-system/promtail-controllers: suspended, and told to prune nothing",
        "Kustomization flux-system/promtail-controllers: what it is doing now comes to its end",
    ]
    assert "Kustomization flux-system/promtail-controllers: Flux will not prune it" in texts(
        planned, "Set aside what the stack does not declare"
    )
    assert "Kustomization flux-system/promtail-controllers: deleted alone, without what it applied" in texts(
        planned, "End the old sync"
    )
    assert "HelmRelease promtail/promtail" in map(str, planned.unowned)
    assert not {"Kustomization flux-system/promtail-controllers", str(ROOT_KEY)} & set(map(str, planned.unowned))


def test_what_changes_its_kustomization_may_be_pruned_again_at_the_end() -> None:
    stray = next(item for key, item in article(SEED).objects.items() if key.kind == "Deployment")
    live = article(SEED, more={"metallb-configs": [stray]})
    planned = adoption(SEED, live)
    key = object_key(stray)
    assert f"{key}: Flux will not prune it" in texts(planned, "Set aside what the stack does not declare")
    assert f"{key}: Flux may prune it again" in texts(planned, "Resume")
    assert key not in planned.unowned


def test_what_the_stack_does_not_declare_stays_protected() -> None:
    stray = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "by-hand", "namespace": "metallb-system"}}
    planned = adoption(SEED, article(SEED, more={"metallb-configs": [stray]}))
    text = "ConfigMap metallb-system/by-hand: Flux will not prune it"
    assert text in texts(planned, "Set aside what the stack does not declare")
    assert "by-hand" not in str(texts(planned, "Resume"))
    assert object_key(stray) in planned.unowned


def test_what_was_protected_in_an_interrupted_run_is_found_again() -> None:
    live = performed(article(SEED), adoption(SEED, article(SEED)).steps[1].actions, SEED)
    key, item = next((key, item) for key, item in live.objects.items() if key.kind == "Deployment")
    metadata = item["metadata"] | {"annotations": {"kustomize.toolkit.fluxcd.io/prune": "disabled"}}
    marked = {**live.objects, key: item | {"metadata": metadata}}
    again = Live(instances=live.instances, kustomizations=live.kustomizations, objects=marked)
    assert f"{key}: Flux may prune it again" in texts(adoption(SEED, again), "Resume")
    others = {**again.objects, key: applied(item | {"metadata": metadata}, "kubectl-annotate")}
    assert "may prune" not in str(texts(adoption(SEED, replace(again, objects=others)), "Resume"))


def test_what_the_stack_itself_protects_stays_protected() -> None:
    namespace = next(key for key in article(STRICT, more={}).objects if key.kind == "Namespace")
    stray = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "metallb"}}
    planned = adoption(STRICT, article(STRICT, more={"metallb-configs": [stray]}))
    assert "Namespace metallb: Flux will not prune it" in texts(planned, "Set aside what the stack does not declare")
    assert "Namespace metallb: Flux may prune it again" not in texts(planned, "Resume")
    assert namespace.name == "wedding-website"


def test_kustomizations_of_others_that_read_the_source_are_left_over_with_all_below_them() -> None:
    below = kustomization("below", source="elsewhere")
    apps = kustomization("apps", [of_manifest(below)])
    apart = kustomization("apart", source="elsewhere")
    live = article(SEED)
    known = Live(
        instances=live.instances, objects=live.objects, kustomizations=(*live.kustomizations, apps, below, apart)
    )
    ended = [action for action in step(adoption(SEED, known), "End the old sync").actions if isinstance(action, Delete)]
    assert [action.object["metadata"]["name"] for action in ended] == ["apps", "below", "flux-system"]


def test_what_is_set_aside_already_is_not_again_but_not_forgotten_either() -> None:
    marked = kustomization("apps", source="elsewhere", **STOPPED)
    marked["metadata"]["annotations"] = {LEFT_OVER: "true"}
    live = article(SEED)
    planned = adoption(
        SEED, Live(instances=live.instances, objects=live.objects, kustomizations=(*live.kustomizations, marked))
    )
    assert titles(planned) == TITLES
    assert "Kustomization flux-system/apps: deleted alone, without what it applied" in texts(
        planned, "End the old sync"
    )


def test_what_would_bring_a_root_back_is_a_root_too() -> None:
    live = article(SEED)
    above = kustomization("above", [entry(ROOT_KEY, "v1")], source="elsewhere")
    known = Live(instances=live.instances, objects=live.objects, kustomizations=(above, *live.kustomizations))
    planned = adoption(SEED, known)
    assert "Kustomization flux-system/above: suspended, and told to prune nothing" in texts(planned, TITLES[0])
    assert len(planned.stopped) == 3


def test_without_an_operator_the_root_is_known_by_what_it_owns() -> None:
    live = article(SEED)
    bare = Live(kustomizations=live.kustomizations, objects=live.objects)
    assert texts(adoption(SEED, bare), TITLES[0])[0].startswith("Kustomization flux-system/flux-system: suspended")


def test_a_root_that_runs_again_is_noticed() -> None:
    live = article(SEED)
    planned = adoption(SEED, live)
    problems = list(disturbed(planned, live))
    assert [problem.where for problem in problems] == [str(ROOT_KEY), "FluxInstance flux-system/flux"]
    assert {problem.rule for problem in problems} == {"adopt/changed"}


def test_stopped_means_that_neither_resuming_nor_deleting_prunes() -> None:
    assert is_stopped(kustomization("root", **STOPPED))
    for field, value in (("suspend", False), ("prune", True), ("deletionPolicy", "MirrorPrune")):
        assert not is_stopped(kustomization("root", **STOPPED | {field: value}))


def test_an_instance_is_disabled_in_any_case() -> None:
    found: Manifest = instance()
    assert not is_disabled(found)
    found["metadata"]["annotations"] = {"fluxcd.controlplane.io/reconcile": "Disabled"}
    assert is_disabled(found)


def test_an_object_is_settled_when_its_condition_is_decided() -> None:
    working = {"conditions": [{"type": "Ready", "status": "Unknown"}]}
    assert not is_settled(kustomization("root") | {"status": working})
    assert is_settled(kustomization("root"))


def test_names_of_rbac_are_read_from_inventories() -> None:
    key = ObjectKey("rbac.authorization.k8s.io", "ClusterRole", "", "system:reader")
    assert applied_by(kustomization("root", [entry(key, "v1")])) == {key: "v1"}
    plain = ObjectKey("", "ConfigMap", "here", "a")
    assert applied_by(kustomization("root", [entry(plain, "v1")])) == {plain: "v1"}
    assert applied_by({**kustomization("root"), "status": None}) == {}


def test_who_applies_an_object_is_not_who_writes_its_status() -> None:
    managed = [
        {"manager": "pulumi-kubernetes-1", "operation": "Apply"},
        {"manager": "kustomize-controller", "operation": "Apply", "subresource": "status"},
        {"manager": "kubectl-edit", "operation": "Update"},
    ]
    found = {"metadata": {"managedFields": managed}}
    assert appliers(found) == ("pulumi-kubernetes-1",)
    assert managers(found) == {"pulumi-kubernetes-1", "kustomize-controller", "kubectl-edit"}
    nothing: Manifest = {"metadata": {}}
    assert (appliers(nothing), managers(nothing)) == ((), frozenset())


def test_an_object_without_both_labels_has_no_owner() -> None:
    both = {"kustomize.toolkit.fluxcd.io/namespace": "flux-system", "kustomize.toolkit.fluxcd.io/name": "apps"}
    assert owner_of({"metadata": {"labels": both}}) == ("flux-system", "apps")
    for name, value in both.items():
        assert owner_of({"metadata": {"labels": {name: value}}}) is None
    assert owner_of({"metadata": {"labels": None}}) is None


def test_a_head_names_an_object_of_the_whole_cluster_without_a_namespace() -> None:
    found = applied({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "here"}}, "kubectl")
    assert head(found) == {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "here"}}


def test_actions_tell_what_they_do() -> None:
    thing = {"apiVersion": KUSTOMIZATION[0], "kind": "Kustomization", "metadata": {"name": "a", "namespace": "b"}}
    assert Release(object=thing).text == "Kustomization b/a: left to its owner"
    assert Settle(object=thing).text == "Kustomization b/a: what it is doing now comes to its end"
    assert Take(object=thing).text == "Kustomization b/a: as the stack declares it; changes no value"
