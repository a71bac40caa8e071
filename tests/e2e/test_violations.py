"""What the checks find, applied for real: it fails as the rules' texts say, in Flux's or the API server's own words."""

import os
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import pytest

from cli.git import Branch
from cluster.client import ObjectReference, Write
from gitops.checks import edges, gates, objects, safety, schema, shards, sources, types, variables
from gitops.checks.rule import PlatformRule, problems
from gitops.delivery import delivery_of
from gitops.flux import NAMESPACE, SHARD_LABEL
from gitops.objects import Manifest
from gitops.rendering import tree
from tests.e2e.broken import ASLEEP, BROKEN, HELM, KUSTOMIZE, SOURCES
from tests.e2e.world import World, condition, eventually
from tests.support.platforms import whats

pytestmark = pytest.mark.e2e

TEST: Final = Write(field_manager="test")
TYPED: Final = '"${storage_replica}" becomes 2, but only text can stand here'
NO_MATCH: Final = 'no matches for kind "ClusterIssuer" in version "cert-manager.io/v1"'
LARGE: Final = "it has 1,100,004 bytes; 1,048,576 can be stored"


REFUSED: Final = (
    (
        variables.declared_variables,
        "undeclared",
        "no variable is called 'unknown'",
        'not set (strict mode): "unknown"',
    ),
    (types.textual_fields, "annotated", TYPED, ".metadata.annotations.replicas: expected string"),
    (types.textual_fields, "counted", TYPED, ".data.replicas: expected string"),
    (gates.ordered_custom_resources, "unserved", "nothing here brings the CRDs of cert-manager.io", NO_MATCH),
    (
        schema.known_fields,
        "refused",
        'there is no field "intervall" here',
        ".spec.intervall: field not declared in schema",
    ),
    (
        objects.existing_namespaces,
        "homeless",
        "nothing makes the namespace 'nowhere'",
        'namespaces "nowhere" not found',
    ),
    (schema.right_scope, "scopeless", "it has no namespace", "Service/scopeless namespace not specified"),
    (safety.storable_objects, "large", LARGE, "may not be more than 1048576 bytes"),
)
"""Rule, add-on, what the rule says, and what the cluster says."""


def found(rule: PlatformRule) -> set[tuple[str, str]]:
    """What a rule says of the broken platform, each with the declaration that it is about."""
    return {(problem.source, problem.what) for problem in problems(BROKEN, [rule])}


@pytest.fixture(scope="module")
def applied(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world in which Flux reconciles the broken platform, whose tree is in the sandbox's repository."""
    who = {"GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@example.org"}
    url = str(world.state / "depot" / "git" / "homelab.git")
    branch = Branch(tmp_path_factory.mktemp("git"), url, BROKEN.cluster.git_branch, os.environ | who)
    branch.init()
    branch.push(branch.commit(tree(BROKEN), None, "Break everything"))
    with world.api() as client:
        for item in delivery_of(BROKEN).registrations(BROKEN):
            client.apply(item.manifest, TEST)
    return world


def ready(world: World, api_version: str, kind: str, name: str, namespace: str = "default") -> Mapping[str, Any]:
    """The condition Ready, once it is decided."""

    def decided() -> Mapping[str, Any]:
        found = condition(world.get(api_version, kind, name, namespace) or {})
        return found if found.get("status") in {"True", "False"} else {}

    return eventually(decided)


def bundle(world: World, name: str) -> Mapping[str, Any]:
    """What Flux says of the bundle of an add-on."""
    return ready(world, KUSTOMIZE, "Kustomization", f"{name}-controllers", NAMESPACE)


def kustomization_of(name: str) -> ObjectReference:
    return ObjectReference(api_version=KUSTOMIZE, kind="Kustomization", name=f"{name}-controllers", namespace=NAMESPACE)


def config_map(world: World, name: str) -> Manifest | None:
    return world.get("v1", "ConfigMap", name, "default")


def patch(world: World, reference: ObjectReference, change: Manifest) -> None:
    with world.api() as client:
        client.merge_patch(reference, change, TEST)


@pytest.mark.parametrize(("rule", "name", "what", "said"), REFUSED, ids=[case[1] for case in REFUSED])
def test_one_object_has_its_whole_bundle_refused(
    applied: World, rule: PlatformRule, name: str, what: str, said: str
) -> None:
    assert (f"addons/{name}.py:1", what) in found(rule)
    state = bundle(applied, name)
    assert (state["status"], said in state["message"]) == ("False", True), state["message"]
    assert config_map(applied, f"beside-{name}") is None


def test_of_a_refused_bundle_the_namespaces_are_there(applied: World) -> None:
    assert bundle(applied, "unserved")["status"] == "False"
    assert applied.get("v1", "Namespace", "unserved") is not None


def test_a_bundle_without_declared_variables_is_not_substituted(applied: World) -> None:
    assert ("addons/literal.py:1", "no variable is called 'unknown'") in found(variables.declared_variables)
    assert bundle(applied, "literal")["status"] == "True"
    literal = config_map(applied, "literal")
    assert literal
    assert literal["data"] == {"owner": "${unknown}"}


def test_a_label_that_is_a_number_takes_all_labels_away(applied: World) -> None:
    assert ("addons/labelled.py:1", TYPED) in found(types.textual_fields)
    assert bundle(applied, "labelled")["status"] == "True"
    labelled = config_map(applied, "labelled")
    assert labelled
    assert {key.partition("/")[0] for key in labelled["metadata"]["labels"]} == {"kustomize.toolkit.fluxcd.io"}


def test_a_misspelt_field_of_a_built_in_kind_is_dropped_without_a_word(applied: World) -> None:
    assert ("addons/dropped.py:1", 'there is no field "selektor" here') in found(schema.known_fields)
    assert bundle(applied, "dropped")["status"] == "True"
    service = applied.get("v1", "Service", "dropped", "default")
    assert service
    assert service["spec"].keys().isdisjoint({"selector", "selektor"})


def test_an_object_beyond_the_limit_of_etcd_is_refused_when_it_is_written(applied: World) -> None:
    assert "addons/huge.py:1" in {source for source, _ in found(safety.storable_objects)}
    assert "etcdserver: request is too large" in bundle(applied, "huge")["message"]


def test_what_is_labelled_for_a_shard_that_does_not_run_is_reconciled_by_nobody(applied: World) -> None:
    assert whats(BROKEN, shards.declared_shards) == ["no shard is called 'edge'; declared are infra"]
    assert ready(applied, SOURCES, "HelmRepository", "watched")["status"] == "False"
    unwatched = applied.get(SOURCES, "HelmRepository", "unwatched", "default")
    assert unwatched
    assert condition(unwatched) == {}
    patch(applied, ObjectReference.of(unwatched), {"metadata": {"labels": {SHARD_LABEL: None}}})
    assert ready(applied, SOURCES, "HelmRepository", "unwatched")["status"] == "False"


def test_a_bundle_that_waits_for_none_that_exists_is_never_applied(applied: World) -> None:
    assert whats(BROKEN, edges.existing_targets) == ["it waits for missing-controllers, which does not exist"]
    state = bundle(applied, "targetless")
    assert state["reason"] == "DependencyNotReady"
    assert "dependency 'flux-system/missing-controllers' not found" in state["message"]
    assert config_map(applied, "beside-targetless") is None


def test_what_waits_for_a_suspended_one_waits_until_that_is_resumed(applied: World) -> None:
    assert whats(BROKEN, edges.running_objects) == ["it is declared suspended"]
    eventually(lambda: bundle(applied, "waiting")["message"] == "dependency 'flux-system/asleep' is not ready")
    assert condition(applied.kustomization("asleep")) == {}
    patch(applied, ObjectReference.of(ASLEEP.manifest()), {"spec": {"suspend": False}})
    eventually(lambda: bundle(applied, "waiting")["status"] == "True")


def test_a_health_check_of_what_nobody_applies_fails_after_its_timeout(applied: World) -> None:
    awaited = "it waits for Deployment default/nobody, which nothing applies"
    assert ("addons/unhealthy.py:1", awaited) in found(gates.effective_health_checks)
    state = bundle(applied, "unhealthy")
    assert state["reason"] == "HealthCheckFailed"
    assert "timeout waiting for: [Deployment/default/nobody status: 'NotFound']" in state["message"]


def test_a_bundle_that_waits_ignores_its_health_checks(applied: World) -> None:
    ignored = "wait is on, so its health checks are ignored"
    assert ("addons/ignoring.py:1", ignored) in found(gates.effective_health_checks)
    assert bundle(applied, "ignoring")["status"] == "True"


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [("sourceless", "OCIRepository", "ArtifactFailed"), ("indexless", "HelmRepository", "SourceNotReady")],
)
def test_a_release_without_its_source_is_never_installed(applied: World, name: str, source: str, reason: str) -> None:
    assert f"{source} default/missing is not declared" in whats(BROKEN, sources.existing_sources)
    eventually(lambda: ready(applied, HELM, "HelmRelease", name)["reason"] == reason)
    assert (
        f'{source}.source.toolkit.fluxcd.io "missing" not found' in ready(applied, HELM, "HelmRelease", name)["message"]
    )


def test_an_object_with_two_owners_is_written_back_and_forth_and_goes_with_the_last(applied: World) -> None:
    owners = "addons/first.py:1: bundle first-controllers and addons/second.py:1: bundle second-controllers"
    assert whats(BROKEN, objects.distinct_objects) == [f"ConfigMap default/shared is declared by {owners}"]
    assert [bundle(applied, name)["status"] for name in ("first", "second")] == ["True", "True"]
    for turn, name in enumerate(("first", "second", "first")):
        request = {"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": f"turn {turn}"}}}
        patch(applied, kustomization_of(name), request)
        eventually(partial(is_owned, applied, name))
    with applied.api() as client:
        client.delete(kustomization_of("first"))
    eventually(lambda: config_map(applied, "shared") is None)
    assert bundle(applied, "second")["status"] == "True"


def test_pods_that_use_their_node_are_refused_where_the_namespace_admits_none(applied: World) -> None:
    what = "a pod sets hostNetwork, but namespace guarded admits baseline pods only"
    assert whats(BROKEN, safety.admitted_pods) == [what, what]
    assert bundle(applied, "guarded")["status"] == "True"
    refusal = 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'
    events = eventually(lambda: [item["message"] for item in applied.list("v1", "Event") if is_refused_daemon(item)])
    assert refusal in events[0]
    daemons = applied.get("apps/v1", "DaemonSet", "host", "guarded")
    assert daemons
    assert "conditions" not in daemons["status"]
    failure = eventually(
        lambda: condition(applied.get("apps/v1", "Deployment", "host", "guarded") or {}, "ReplicaFailure")
    )
    assert refusal in failure["message"]
    assert [item for item in applied.list("v1", "Pod") if item["metadata"]["namespace"] == "guarded"] == []


def is_owned(world: World, name: str) -> bool:
    shared = config_map(world, "shared")
    assert shared
    return bool(shared["data"]["owner"] == name)


def is_refused_daemon(event: Manifest) -> bool:
    return bool(event["involvedObject"]["kind"] == "DaemonSet" and event["reason"] == "FailedCreate")
