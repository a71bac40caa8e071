"""Requests that leave for an API server, and what its answers become."""

from collections.abc import Iterator

import pytest
import yaml

from cluster.client import Client, ObjectReference, Write
from cluster.connection import Connection
from cluster.errors import ApiError, Cause, NoKindMatchError, UnreachableError
from cluster.kubeconfig import parse_kubeconfig
from gitops.objects import Manifest
from tests.support.api_server import CORE, Answer, ApiServer, refusal

PATH = "/api/v1/namespaces/here/configmaps/a"
CONFIG_MAP: Manifest = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "namespace": "here"},
    "data": {"x": "1"},
}
REFERENCE = ObjectReference.of(CONFIG_MAP)
WRITE = Write(field_manager="homelab")


def test_an_object_is_read_by_its_kinds_path(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, CONFIG_MAP)
    assert client.get(REFERENCE) == CONFIG_MAP


def test_an_absent_object_is_nothing(client: Client) -> None:
    assert client.get(REFERENCE) is None


def test_an_object_without_a_namespace_is_of_the_contexts(client: Client, api: ApiServer) -> None:
    api.answer("GET", "/api/v1/namespaces/mine/configmaps/a", CONFIG_MAP)
    assert client.get(ObjectReference(api_version="v1", kind="ConfigMap", name="a")) == CONFIG_MAP


def test_an_object_of_the_whole_cluster_has_no_namespace(client: Client, api: ApiServer) -> None:
    api.answer("GET", "/api/v1/namespaces/here", {"kind": "Namespace"})
    reference = ObjectReference(api_version="v1", kind="Namespace", name="here", namespace="ignored")
    assert client.get(reference) == {"kind": "Namespace"}


def test_items_of_a_list_say_their_kind(client: Client, api: ApiServer) -> None:
    api.answer("GET", "/api/v1/configmaps", {"items": [{"metadata": {"name": "a"}}]})
    (item,) = client.list("v1", "ConfigMap", labels="a=b")
    assert item == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    assert api.asked[-1].query == {"labelSelector": "a=b"}


def test_a_list_of_one_namespace_asks_for_that(client: Client, api: ApiServer) -> None:
    api.answer("GET", "/api/v1/namespaces/here/configmaps", {"items": None})
    assert client.list("v1", "ConfigMap", namespace="here") == ()


def test_an_apply_names_its_manager(client: Client, api: ApiServer) -> None:
    api.answer("PATCH", PATH, CONFIG_MAP)
    client.apply(CONFIG_MAP, WRITE)
    asked = api.asked[-1]
    assert (asked.query, asked.body) == ({"fieldManager": "homelab"}, CONFIG_MAP)
    assert asked.headers["Content-Type"] == "application/apply-patch+yaml"


def test_force_and_dry_run_are_asked_for(client: Client, api: ApiServer) -> None:
    api.answer("PATCH", PATH, CONFIG_MAP)
    client.apply(CONFIG_MAP, Write(field_manager="homelab", force=True, dry_run=True))
    assert api.asked[-1].query == {"fieldManager": "homelab", "force": "true", "dryRun": "All"}


def test_an_object_is_created_in_its_collection(client: Client, api: ApiServer) -> None:
    api.answer("POST", "/api/v1/namespaces/here/configmaps", Answer(code=201, body=CONFIG_MAP))
    assert client.create(CONFIG_MAP, WRITE) == CONFIG_MAP
    assert (api.asked[-1].query, api.asked[-1].body) == ({"fieldManager": "homelab"}, CONFIG_MAP)


def test_a_status_is_patched_on_its_own(client: Client, api: ApiServer) -> None:
    api.answer("PATCH", f"{PATH}/status", CONFIG_MAP)
    client.merge_patch(REFERENCE, {"status": None}, WRITE, subresource="status")
    assert api.asked[-1].headers["Content-Type"] == "application/merge-patch+json"
    assert api.asked[-1].body == {"status": None}


def test_a_delete_says_what_becomes_of_dependents(client: Client, api: ApiServer) -> None:
    api.answer("DELETE", PATH, {})
    assert client.delete(REFERENCE, propagation="Foreground", dry_run=True)
    assert api.asked[-1].body["propagationPolicy"] == "Foreground"
    assert api.asked[-1].query == {"dryRun": "All"}


def test_deleting_what_is_absent_is_no_error(client: Client) -> None:
    assert not client.delete(REFERENCE)


def test_a_kind_is_asked_for_once(client: Client, api: ApiServer) -> None:
    client.get(REFERENCE)
    client.get(REFERENCE)
    assert [asked.path for asked in api.asked] == ["/api/v1", PATH, PATH]


def test_a_kind_that_appears_later_is_found(client: Client, api: ApiServer) -> None:
    reference = ObjectReference(api_version="v1", kind="Secret", name="a", namespace="here")
    with pytest.raises(NoKindMatchError, match='no matches for kind "Secret" in version "v1"'):
        client.get(reference)
    more = {"name": "secrets", "kind": "Secret", "namespaced": True}
    api.answer("GET", "/api/v1", {"resources": [*CORE["resources"], more]})
    assert client.get(reference) is None


def test_a_group_that_is_not_served_has_no_kinds(client: Client, api: ApiServer) -> None:
    with pytest.raises(NoKindMatchError):
        client.list("example.org/v1", "Thing")
    assert api.asked[-1].path == "/apis/example.org/v1"


def test_a_subresource_is_no_kind(client: Client) -> None:
    with pytest.raises(NoKindMatchError):
        client.list("v1", "TokenRequest")


def test_a_refusal_of_discovery_is_not_an_unknown_kind(client: Client, api: ApiServer) -> None:
    api.answer("GET", "/api/v1", refusal(403, "Forbidden"))
    with pytest.raises(ApiError) as caught:
        client.get(REFERENCE)
    assert caught.value.status.reason == "Forbidden"


def test_a_refusal_carries_what_the_server_said(client: Client, api: ApiServer) -> None:
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "flux"', "field": ".data.x"}
    api.answer("PATCH", PATH, refusal(409, "Conflict", "Apply failed with 1 conflict", causes=[cause]))
    with pytest.raises(ApiError) as caught:
        client.apply(CONFIG_MAP, WRITE)
    status = caught.value.status
    assert (status.code, status.reason, status.message) == (409, "Conflict", "Apply failed with 1 conflict")
    assert status.causes == (Cause(reason="FieldManagerConflict", message='conflict with "flux"', field=".data.x"),)
    (problem,) = caught.value.problems
    assert (problem.where, problem.what) == (f"PATCH {api.url}{PATH}", status.message)
    assert problem.fix == "leave the field to its owner, or take it over by force"


@pytest.mark.parametrize("body", ["<html>", '"text"'])
def test_an_answer_that_is_no_status_is_named_by_its_code(client: Client, api: ApiServer, body: str) -> None:
    api.answer("GET", PATH, Answer(code=502, body=body))
    with pytest.raises(ApiError) as caught:
        client.get(REFERENCE)
    assert (caught.value.status.code, caught.value.status.message) == (502, "HTTP 502")


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def patient(api: ApiServer, pauses: list[float]) -> Iterator[Client]:
    access = parse_kubeconfig(yaml.safe_dump(api.kubeconfig()))
    client = Client(Connection(access, pause=pauses.append))
    yield client
    client.close()


BUSY = Answer(code=429, headers={"Retry-After": "2"})


def test_a_busy_server_is_given_the_time_it_asks_for(patient: Client, api: ApiServer, pauses: list[float]) -> None:
    api.answer("GET", PATH, BUSY, BUSY, CONFIG_MAP)
    assert patient.get(REFERENCE) == CONFIG_MAP
    assert pauses == [2, 2]


def test_patience_ends(patient: Client, api: ApiServer, pauses: list[float]) -> None:
    api.answer("GET", PATH, BUSY)
    with pytest.raises(ApiError):
        patient.get(REFERENCE)
    assert pauses == [2, 2, 2, 2]


def test_a_silent_server_is_named_with_the_way_out() -> None:
    document = ApiServer("http://127.0.0.1:1").kubeconfig()
    client = Client(Connection(parse_kubeconfig(yaml.safe_dump(document))))
    with pytest.raises(UnreachableError, match="does not answer") as caught:
        client.get(REFERENCE)
    client.close()
    (problem,) = caught.value.problems
    assert (problem.rule, problem.where) == ("cluster/reachable", "http://127.0.0.1:1")
