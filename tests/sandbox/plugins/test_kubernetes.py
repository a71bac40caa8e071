"""What the recorded transcripts do not show: the whole plugin, over gRPC."""

from typing import Any

import pytest
import yaml

from sandbox.plugins.kubernetes.waiting import Waiting
from tests.support.api_server import CORE, ApiServer, refusal
from tests.support.plugin_server import SIGNATURE, UNKNOWN, FailedError, PluginServer, secret

Document = dict[str, Any]
URN = "urn:pulumi:odyssey::homelab::homelab:index:Website$kubernetes:core/v1:ConfigMap::cm"
COLLECTION = "/api/v1/namespaces/here/configmaps"
PATH = f"{COLLECTION}/a"


def config_map(**metadata: Any) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "here"} | metadata,
        "data": {"x": "1"},
    }


def stored(**metadata: Any) -> Document:
    return config_map(uid="u", resourceVersion="1", **metadata)


def created(plugin: PluginServer, api: ApiServer) -> Document:
    """The state of an object that exists."""
    api.answer("POST", COLLECTION, stored())
    api.answer("GET", PATH, stored())
    state: Document = plugin.call("Create", urn=URN, properties=config_map())["properties"]
    return state


def test_an_object_without_a_name_is_refused(plugin: PluginServer) -> None:
    news = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}
    (failure,) = plugin.call("Check", urn=URN, news=news)["failures"]
    assert failure == {"property": "metadata.name", "reason": "the stand-in names no objects: set a name"}


def test_an_object_without_a_namespace_gets_the_contexts(plugin: PluginServer) -> None:
    news = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": secret("s")}}
    inputs = plugin.call("Check", urn=URN, news=news)["inputs"]
    assert inputs["metadata"] == {"name": "a", "namespace": "mine"}
    assert inputs["data"]["x"] == secret("s")


def test_an_object_of_the_whole_cluster_gets_no_namespace(plugin: PluginServer) -> None:
    news = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
    assert plugin.call("Check", urn=URN, news=news)["inputs"] == news


def test_objects_are_created_as_pulumi_and_applied_as_the_resource(plugin: PluginServer, api: ApiServer) -> None:
    state = created(plugin, api)
    assert api.asked[-2].query == {"fieldManager": "pulumi-kubernetes"}
    managed = [{"manager": "pulumi-kubernetes", "operation": "Update", "fieldsV1": {"f:data": {}}}]
    api.answer("GET", PATH, stored(managedFields=managed))
    api.answer("PATCH", PATH, stored())
    plugin.call("Update", urn=URN, olds=state, news=config_map())
    takeover, apply = (asked for asked in api.asked if asked.method == "PATCH")
    (entry,) = takeover.body["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == (state["__fieldManager"], "Apply")
    assert takeover.body["metadata"]["resourceVersion"] == "1"
    assert apply.query == {"fieldManager": state["__fieldManager"]}


MANAGED = [{"manager": "pulumi-kubernetes", "operation": "Update", "fieldsV1": {"f:data": {}}}]


def test_a_status_that_is_written_meanwhile_holds_no_update_up(plugin: PluginServer, api: ApiServer) -> None:
    state = created(plugin, api)
    newer = stored(managedFields=MANAGED)
    newer["metadata"]["resourceVersion"] = "2"
    api.answer("GET", PATH, stored(managedFields=MANAGED), newer)
    api.answer("PATCH", PATH, refusal(409, "Conflict", "the object has been modified"), stored())
    plugin.call("Update", urn=URN, olds=state, news=config_map())
    first, second, apply = (asked.body for asked in api.asked if asked.method == "PATCH")
    assert [body["metadata"]["resourceVersion"] for body in (first, second)] == ["1", "2"]
    assert apply["data"] == {"x": "1"}


@pytest.mark.parametrize(("reason", "tries"), [("Conflict", 5), ("Forbidden", 1)])
def test_an_update_that_cannot_take_over_is_one_failure(
    plugin: PluginServer, api: ApiServer, reason: str, tries: int
) -> None:
    state = created(plugin, api)
    api.answer("GET", PATH, stored(managedFields=MANAGED))
    api.answer("PATCH", PATH, refusal(409 if reason == "Conflict" else 403, reason, "not like this"))
    with pytest.raises(FailedError, match="not like this"):
        plugin.call("Update", urn=URN, olds=state, news=config_map())
    assert sum(asked.method == "PATCH" for asked in api.asked) == tries


def test_a_preview_changes_nothing(plugin: PluginServer, api: ApiServer) -> None:
    state = created(plugin, api)
    managed = [{"manager": "pulumi-kubernetes", "operation": "Update", "fieldsV1": {}}]
    api.answer("GET", PATH, stored(managedFields=managed))
    api.answer("PATCH", PATH, stored())
    plugin.call("Update", urn=URN, olds=state, news=config_map(), preview=True)
    plugin.call("Create", urn=URN, properties=config_map(), preview=True)
    writes = [asked.query for asked in api.asked if asked.method in {"PATCH", "POST"}]
    assert [query.get("dryRun") for query in writes] == [None, "All", "All"]
    assert writes[1]["force"] == "true"


def test_a_forced_patch_is_forced(plugin: PluginServer, api: ApiServer) -> None:
    state = created(plugin, api)
    api.answer("PATCH", PATH, stored())
    news = config_map(annotations={"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "me"})
    plugin.call("Update", urn=URN, olds=state, news=news)
    applied, relinquished = (asked for asked in api.asked if asked.method == "PATCH")
    assert applied.query == {"fieldManager": "me", "force": "true"}
    assert relinquished.query == {"fieldManager": state["__fieldManager"]}
    assert "data" not in relinquished.body


@pytest.mark.parametrize("reason", ["Forbidden", "AlreadyExists", "NotFound"])
def test_a_preview_that_the_server_cannot_make_gives_the_inputs(
    plugin: PluginServer, api: ApiServer, reason: str
) -> None:
    code = {"Forbidden": 403, "AlreadyExists": 409, "NotFound": 404}[reason]
    api.answer("POST", COLLECTION, refusal(code, reason))
    assert plugin.call("Create", urn=URN, properties=config_map(), preview=True) == {"properties": config_map()}


def test_an_object_waits_for_its_namespace(plugin: PluginServer, api: ApiServer) -> None:
    absent = refusal(404, "NotFound", 'namespaces "here" not found')
    api.answer("POST", COLLECTION, absent, absent, stored())
    api.answer("GET", PATH, stored())
    assert plugin.call("Create", urn=URN, properties=config_map())["id"] == "here/a"


def test_an_object_does_not_wait_forever(plugin: PluginServer, api: ApiServer) -> None:
    api.answer("POST", COLLECTION, refusal(404, "NotFound", 'namespaces "here" not found'))
    with pytest.raises(FailedError, match=r'was not successfully created .* namespaces "here" not found'):
        plugin.call("Create", urn=URN, properties=config_map())
    assert sum(asked.method == "POST" for asked in api.asked) == 6


THING = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "a", "namespace": "here"}}


def test_an_unknown_kind_is_named(plugin: PluginServer) -> None:
    with pytest.raises(FailedError, match=r"with kind example\.org/v1/Thing failed .* Verify that any required CRDs"):
        plugin.call("Create", urn=URN, properties=THING)


def test_a_cancelled_operation_ends_at_once(plugin: PluginServer, waiting: Waiting) -> None:
    waiting.cancelled.set()
    with pytest.raises(FailedError, match="cancelled"):
        plugin.call("Create", urn=URN, properties=THING)


def test_secrets_stay_secret_in_all_that_is_kept(plugin: PluginServer, api: ApiServer) -> None:
    api.answer("POST", COLLECTION, stored())
    api.answer("GET", PATH, stored())
    properties = config_map() | {"data": {"x": secret("1")}}
    answer = plugin.call("Create", urn=URN, properties=properties)["properties"]
    assert answer["data"] == answer["__inputs"]["data"] == {"x": secret("1")}
    assert api.asked[-2].body["data"] == {"x": "1"}
    read = plugin.call("Read", id="here/a", urn=URN, properties=answer, inputs=properties)
    assert read["inputs"]["data"] == read["properties"]["data"] == {"x": secret("1")}


def test_what_a_secret_holds_is_secret_though_nobody_says_so(plugin: PluginServer, api: ApiServer) -> None:
    kinds = {"name": "secrets", "kind": "Secret", "namespaced": True}
    api.answer("GET", "/api/v1", {"resources": [*CORE["resources"], kinds]})
    manifest = config_map() | {"kind": "Secret"}
    api.answer("POST", "/api/v1/namespaces/here/secrets", manifest | {"metadata": stored()["metadata"]})
    api.answer("GET", "/api/v1/namespaces/here/secrets/a", manifest | {"metadata": stored()["metadata"]})
    answer = plugin.call("Create", urn=URN, properties=manifest)["properties"]
    assert SIGNATURE in answer["data"]
    assert SIGNATURE in answer["__inputs"]["data"]


def test_an_unknown_value_is_no_manifest(plugin: PluginServer) -> None:
    properties = config_map() | {"data": {"x": UNKNOWN}}
    assert plugin.call("Create", urn=URN, properties=properties, preview=True) == {"properties": properties}


def test_an_object_is_imported_with_all_that_is_its_own(plugin: PluginServer, api: ApiServer) -> None:
    api.answer("GET", PATH, stored(generation=1) | {"status": {"x": "y"}})
    answer = plugin.call("Read", id="here/a", urn=URN)
    assert answer["inputs"] == config_map()
    assert answer["properties"]["__initialApiVersion"] == "v1"


def test_an_object_that_is_gone_cannot_be_updated(plugin: PluginServer, api: ApiServer) -> None:
    state = created(plugin, api)
    api.answer("GET", PATH, refusal(404, "NotFound"))
    with pytest.raises(FailedError, match="run `pulumi refresh`") as caught:
        plugin.call("Update", urn=URN, olds=state, news=config_map())
    assert caught.value.details is None


def test_a_finalizer_that_is_not_done_is_named(plugin: PluginServer, api: ApiServer) -> None:
    state = created(plugin, api)
    api.answer("DELETE", PATH, {})
    api.answer("GET", PATH, stored(finalizers=["example.org/hold"]))
    with pytest.raises(FailedError, match="timed out waiting for the condition") as caught:
        plugin.call("Delete", id="here/a", urn=URN, properties=state, timeout=2)
    assert caught.value.details is not None
    assert caught.value.details["reasons"][1] == "finalizers might be preventing deletion (example.org/hold)"


def test_another_object_of_the_same_name_does_not_hold_a_deletion(plugin: PluginServer, api: ApiServer) -> None:
    state = created(plugin, api)
    api.answer("DELETE", PATH, {})
    api.answer("GET", PATH, stored() | {"metadata": stored()["metadata"] | {"uid": "other"}})
    assert plugin.call("Delete", id="here/a", urn=URN, properties=state) == {}
    assert api.asked[-2].body["propagationPolicy"] == "Foreground"


def test_deleting_an_object_of_a_kind_that_is_gone_is_done(plugin: PluginServer, api: ApiServer) -> None:
    state = created(plugin, api) | {"apiVersion": "example.org/v1", "kind": "Thing"}
    assert plugin.call("Delete", id="here/a", urn=URN, properties=state) == {}


def test_a_restarted_server_ends_no_wait(plugin: PluginServer, api: ApiServer) -> None:
    waiting_for = {"pulumi.com/waitFor": "jsonpath={.data.x}=1"}
    api.answer("POST", COLLECTION, stored(annotations=waiting_for))
    api.answer("GET", PATH, refusal(503, "ServiceUnavailable"), stored(annotations=waiting_for))
    answer = plugin.call("Create", urn=URN, properties=config_map(annotations=waiting_for))
    assert answer["id"] == "here/a"


def test_what_cannot_be_waited_for_is_said_of_the_object(plugin: PluginServer, api: ApiServer) -> None:
    annotations = {"pulumi.com/waitFor": "ready"}
    api.answer("POST", COLLECTION, stored(annotations=annotations))
    api.answer("GET", PATH, stored(annotations=annotations))
    with pytest.raises(FailedError, match='expected a "jsonpath=" or "condition=" prefix') as caught:
        plugin.call("Create", urn=URN, properties=config_map(annotations=annotations))
    assert caught.value.details is not None


@pytest.mark.parametrize(
    ("news", "replaces"),
    [
        ({"clusterIdentifier": "a", "kubeconfig": "other"}, []),
        ({"clusterIdentifier": "b", "kubeconfig": "k"}, ["clusterIdentifier"]),
    ],
)
def test_another_cluster_replaces_the_provider(plugin: PluginServer, news: Document, replaces: list[str]) -> None:
    olds = {"clusterIdentifier": "a", "kubeconfig": "k"}
    answer = plugin.call("DiffConfig", olds=olds, news=news)
    assert (answer["changes"], answer.get("replaces", [])) == ("DIFF_SOME", replaces)


def test_the_configuration_is_kept_as_it_is(plugin: PluginServer) -> None:
    news = {"kubeconfig": secret("k"), "enableConfigMapMutable": "true"}
    assert plugin.call("CheckConfig", news=news) == {"inputs": news}


def test_a_silent_server_fails_only_what_needs_it(
    unconfigured: PluginServer, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = yaml.safe_dump(ApiServer("http://127.0.0.1:1").kubeconfig())
    (sandbox / "kubeconfig").write_text(silent, encoding="utf-8")
    monkeypatch.delenv("KUBECONFIG", raising=False)
    unconfigured.call("Configure", args={"kubeconfig": silent})
    assert unconfigured.call("Create", urn=URN, properties=config_map(), preview=True)["properties"] == config_map()
    with pytest.raises(FailedError, match="configured Kubernetes cluster is unreachable: the API server does not"):
        unconfigured.call("Create", urn=URN, properties=config_map())
    with pytest.raises(FailedError, match="failed to read resource state due to unreachable cluster"):
        unconfigured.call("Read", id="here/a", urn=URN, properties=config_map(), inputs=config_map())
    with pytest.raises(FailedError, match="If the cluster was deleted, you can remove this resource"):
        unconfigured.call("Delete", id="here/a", urn=URN, properties=config_map())
