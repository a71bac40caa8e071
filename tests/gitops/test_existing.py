"""Clusters that are not what the stack says, found before anything is changed."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.errors import Severity
from gitops.existing import VARIABLES, Existing, asked_kinds, asked_objects, findings, is_anothers, unrecorded
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform
from tests.support.live import deployment, instance
from tests.support.stacks import variant

STACK = platform(variant("odyssey"))
SANDBOX = platform(variant("sandbox"))
NAMES = ("source-controller", "kustomize-controller", "helm-controller")
RUNNING = tuple(deployment(name, shard=shard) for name in NAMES for shard in ("", "infra"))


def fit(stack: Platform, **changes: Any) -> Existing:
    """A cluster that has everything, but for these changes."""
    variables = ({**VARIABLES[0], "data": {"cluster_name": stack.cluster.name}},)
    keys = {item.key: frozenset(item.keys or ("any",)) for item in asked_objects(stack)}
    found = Existing(served=frozenset(asked_kinds(stack)), variables=variables, deployments=RUNNING, keys=keys)
    return replace(found, **changes)


def ids(stack: Platform = STACK, **changes: Any) -> list[str]:
    return [problem.rule for problem in findings(stack, fit(stack, **changes))]


def whats(stack: Platform = STACK, **changes: Any) -> list[str]:
    return [problem.what for problem in findings(stack, fit(stack, **changes))]


def errors(**changes: Any) -> list[bool]:
    return [problem.severity is Severity.ERROR for problem in findings(STACK, fit(STACK, **changes))]


def without(name: str) -> tuple[Manifest, ...]:
    return tuple(item for item in RUNNING if item["metadata"]["name"] != name)


@pytest.mark.parametrize("stack", [STACK, SANDBOX, platform(variant("odyssey", delivery="inline"))])
def test_a_cluster_that_has_everything_is_fit(stack: Platform) -> None:
    assert ids(stack) == []


def test_a_cluster_that_has_no_variables_yet_is_fit() -> None:
    assert ids(variables=()) == []


@pytest.mark.parametrize(
    "live",
    [
        {**VARIABLES[0], "data": {"cluster_name": "ithaca"}},
        {**VARIABLES[1], "spec": {"defaultValues": {"cluster_name": "ithaca"}}},
    ],
    ids=["ConfigMap", "ResourceSetInputProvider"],
)
def test_another_cluster_is_not(live: Manifest) -> None:
    assert whats(variables=(live,)) == ["this is the cluster ithaca, and the stack's is odyssey"]


def test_variables_without_a_name_are_no_clusters_of_a_stack() -> None:
    assert whats(variables=(VARIABLES[1],)) == ["this is no stack's cluster, and the stack's is odyssey"]


def test_every_kind_that_is_not_served_is_named() -> None:
    (problem,) = findings(STACK, fit(STACK, served=frozenset(asked_kinds(STACK)[1:])))
    version, kind = asked_kinds(STACK)[0]
    assert (problem.rule, problem.what) == ("existing/flux", f"the cluster serves no {kind} of {version}")
    assert problem.fix.startswith("install Flux in a version that has it")
    inline = platform(variant("odyssey", delivery="inline"))
    assert "install the Flux Operator" in [
        problem.fix.partition(",")[0] for problem in findings(inline, fit(inline, served=frozenset()))
    ]


def test_only_flux_own_kinds_are_asked_for() -> None:
    groups = {version.partition("/")[0] for version, _ in asked_kinds(STACK)}
    assert groups == {"helm.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io"}


@pytest.mark.parametrize(("version", "wrong"), [("v2.9.4@sha256:0", False), ("v2.8.3@sha256:0", True), ("", False)])
def test_another_version_of_flux_is_refused(version: str, wrong: bool) -> None:  # noqa: FBT001 — a column of the table
    live = {**instance(sync=None), "status": {"lastAppliedRevision": version}}
    assert ids(instances=(live,)) == (["existing/version"] if wrong else [])


def test_a_version_that_the_stack_names_itself_is_right() -> None:
    live = {**instance(sync=None), "status": {"lastAppliedRevision": "v2.8.3@sha256:0"}}
    older = platform(variant("odyssey", bootstrap={"use": "existing", "flux_version": "2.8.x"}))
    assert ids(older, instances=(live,)) == []


def test_a_sync_that_owns_the_stacks_source_is_to_be_adopted() -> None:
    (problem,) = findings(STACK, fit(STACK, instances=(instance(),)))
    assert problem.what == "it syncs clusters/odyssey, and owns what Pulumi is to own"
    assert "homelab adopt" in problem.fix


@pytest.mark.parametrize("sync", [{"name": "mine", "kind": "GitRepository"}, {"kind": "OCIRepository"}])
def test_a_sync_from_elsewhere_is_no_concern(sync: dict[str, str]) -> None:
    assert ids(instances=(instance(sync=sync),)) == []


def test_a_sync_says_what_it_reads_where_it_has_a_path() -> None:
    assert whats(instances=(instance(sync={"url": "x"}),)) == ["it syncs a source, and owns what Pulumi is to own"]


def test_flux_that_is_somebody_elses_is_not_installed_again() -> None:
    install = platform(variant("odyssey", bootstrap="install"))
    assert ids(install, instances=(instance(),)) == ["existing/owner"]
    own = instance()
    own["metadata"]["managedFields"] = [{"manager": "pulumi-kubernetes-1a", "operation": "Apply"}]
    assert ids(install, instances=(own,)) == []
    assert asked_objects(install) == ()


def test_without_any_controller_there_is_a_warning() -> None:
    assert (ids(deployments=()), errors(deployments=())) == (["existing/controllers"], [False])
    assert ids(SANDBOX, deployments=()) == []


def test_a_controller_that_is_missing_or_not_available_is_named() -> None:
    assert whats(deployments=without("helm-controller")) == ["no helm-controller runs"]
    assert whats(deployments=without("helm-controller-infra")) == ["no helm-controller runs for the shard infra"]
    down = (*without("helm-controller"), deployment("helm-controller", available=0))
    assert whats(deployments=down) == ["it is not available"]
    silent = (*without("helm-controller"), deployment("helm-controller") | {"status": None})
    assert whats(deployments=silent) == ["it is not available"]


def test_a_controller_of_several_shards_counts_for_each() -> None:
    both = deployment("helm-controller", shard="infra")
    both["spec"]["template"]["spec"]["containers"][0]["args"] = [
        "--watch-label-selector=sharding.fluxcd.io/key in (infra,apps)"
    ]
    assert ids(deployments=(*without("helm-controller-infra"), both)) == []


@pytest.mark.parametrize(
    ("workers", "severe", "says"),
    [
        (None, [True], "it has 4 workers, and 5 layers that wait hold one each: no bundle would ever start"),
        (5, [True], "it has 5 workers, and 5 layers that wait hold one each: no bundle would ever start"),
        (6, [False], "it has 6 workers, and 5 layers that wait hold one each: bundles would start one after the other"),
    ],
)
def test_too_few_workers_are_told_from_the_controllers_arguments(
    workers: int | None, severe: list[bool], says: str
) -> None:
    few = deployment("kustomize-controller", shard="infra", workers=workers)
    deployments = (*without("kustomize-controller-infra"), few)
    assert (whats(deployments=deployments), errors(deployments=deployments)) == ([says], severe)


def test_without_shards_the_one_controller_needs_the_workers() -> None:
    plain = platform(variant("odyssey", shards=[]))
    few = (*without("kustomize-controller"), deployment("kustomize-controller", workers=4))
    assert ids(plain, deployments=few) == ["existing/workers"]


def test_arguments_may_be_none() -> None:
    bare = deployment("helm-controller")
    bare["spec"]["template"]["spec"]["containers"] = [{"name": "manager"}]
    assert ids(deployments=(*without("helm-controller"), bare)) == []


def test_secrets_that_are_missing_or_empty_are_named_with_their_keys() -> None:
    issuer, *_ = (item for item in asked_objects(STACK) if item.name == "cluster-ca")
    keys = dict(fit(STACK).keys)
    del keys[issuer.key]
    (problem,) = findings(STACK, fit(STACK, keys=keys))
    assert (problem.rule, problem.where) == ("existing/secrets", "Secret cert-manager/cluster-ca")
    assert problem.what.startswith("it is not there; it is for ")
    assert problem.fix.startswith("create it with tls.crt, tls.key")
    assert whats(keys={**keys, issuer.key: frozenset({"tls.crt"})})[0].startswith("it has no tls.key, or an empty one;")


def test_a_secret_of_any_shape_must_hold_something() -> None:
    git, *_ = (item for item in asked_objects(STACK) if not item.keys)
    keys = {**fit(STACK).keys, git.key: frozenset()}
    (problem,) = findings(STACK, fit(STACK, keys=keys))
    assert problem.what.startswith("it has no key at all, or an empty one;")
    assert problem.fix.startswith("create it, or let Pulumi do it")


def test_a_sandbox_needs_no_secrets() -> None:
    assert asked_objects(SANDBOX) == ()


def test_what_pulumi_is_to_create_must_not_be_there() -> None:
    present = {ObjectKey("", "Secret", "metallb", "s"), ObjectKey("", "Namespace", "", "metallb")}
    problems = tuple(unrecorded(present, {"version": 3, "deployment": {}}))
    assert [problem.where for problem in problems] == ["Namespace metallb", "Secret metallb/s"]
    assert {problem.rule for problem in problems} == {"existing/state"}
    switches = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true PULUMI_K8S_ENABLE_PATCH_FORCE=true"
    assert problems[0].fix.startswith(f"let Pulumi take it over: {switches} homelab up STACK; or, ")


def test_a_state_tells_what_pulumi_has_created_by_types_and_ids() -> None:
    resources = [
        {"type": "homelab:index:Website"},
        {"type": "docker:apps/v1:Deployment", "id": "web/other"},
        {"type": "kubernetes:yaml/v2:ConfigFile"},
        {"type": "kubernetes:core/v1:Namespace", "id": "metallb"},
        {"type": "kubernetes:apps/v1:Deployment", "id": "web/site"},
        {"type": "kubernetes:kustomize.toolkit.fluxcd.io/v1:Kustomization", "id": "flux-system/network"},
    ]
    created = {
        ObjectKey("", "Namespace", "", "metallb"),
        ObjectKey("apps", "Deployment", "web", "site"),
        ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", "flux-system", "network"),
    }
    other = ObjectKey("apps", "Deployment", "web", "other")
    problems = unrecorded({*created, other}, {"deployment": {"resources": resources}})
    assert [problem.where for problem in problems] == ["Deployment web/other"]


def test_a_cluster_is_anothers_by_its_variables_its_flux_or_its_sync() -> None:
    synced = findings(
        STACK, fit(STACK, instances=(instance(sync={"path": "clusters/odyssey", "name": "flux-system"}),))
    )
    assert is_anothers(synced)
    assert is_anothers(findings(STACK, fit(STACK, variables=(VARIABLES[1],))))
    assert not is_anothers(findings(STACK, fit(STACK, served=frozenset())))
