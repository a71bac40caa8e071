"""What changes on an API server, as a caller sees it look by look."""

from itertools import islice

import pytest
import yaml

from cluster.changes import ChangeType, Look, Selection, looks
from cluster.client import Client
from cluster.connection import Connection
from cluster.errors import ApiError
from cluster.kubeconfig import parse_kubeconfig
from gitops.objects import Manifest
from tests.support.api_server import Answer, ApiServer, refusal

CONFIG_MAPS = Selection(api_version="v1", kind="ConfigMap")
NAMESPACES = Selection(api_version="v1", kind="Namespace")
PATH = "/api/v1/configmaps"


def item(uid: str, version: int = 1) -> Manifest:
    return {"metadata": {"name": "a", "uid": uid, "resourceVersion": str(version)}}


def listed(*items: Manifest) -> Answer:
    return Answer(body={"items": list(items)})


def look(client: Client, count: int, *selections: Selection) -> list[Look]:
    return list(islice(looks(client, selections or [CONFIG_MAPS], pause=lambda _: None), count))


def brief(found: Look) -> list[tuple[ChangeType, str, str]]:
    return [(change.type, change.manifest["kind"], change.manifest["metadata"]["uid"]) for change in found.changes]


def test_the_first_look_finds_every_object_and_the_next_what_changed(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, listed(item("1"), item("2")), listed(item("1"), item("2", 2), item("3")), listed())
    first, second, third = look(client, 3)
    assert brief(first) == [(ChangeType.ADDED, "ConfigMap", "1"), (ChangeType.ADDED, "ConfigMap", "2")]
    assert brief(second) == [(ChangeType.MODIFIED, "ConfigMap", "2"), (ChangeType.ADDED, "ConfigMap", "3")]
    assert {change.type for change in third.changes} == {ChangeType.DELETED}


def test_a_look_without_changes_is_one(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, listed(item("1")))
    assert brief(look(client, 2)[1]) == []


def test_a_recreated_object_is_another_one(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, listed(item("1")), listed(item("2")))
    assert brief(look(client, 2)[1]) == [(ChangeType.DELETED, "ConfigMap", "1"), (ChangeType.ADDED, "ConfigMap", "2")]


def test_several_kinds_are_looked_at_together(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, listed(item("1")))
    api.answer("GET", "/api/v1/namespaces", listed(item("2")))
    (found,) = look(client, 1, CONFIG_MAPS, NAMESPACES)
    assert brief(found) == [(ChangeType.ADDED, "ConfigMap", "1"), (ChangeType.ADDED, "Namespace", "2")]


def test_a_server_that_fails_for_a_while_loses_nothing(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, listed(item("1")), refusal(503, "ServiceUnavailable"), listed(item("1"), item("2")))
    _, second, third = look(client, 3)
    assert isinstance(second.error, ApiError)
    assert brief(second) == []
    assert (third.error, brief(third)) == (None, [(ChangeType.ADDED, "ConfigMap", "2")])


def test_a_kind_that_is_not_served_yet_has_no_objects(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, listed(item("1")))
    (found,) = look(client, 1, Selection(api_version="example.org/v1", kind="Thing"), CONFIG_MAPS)
    assert brief(found) == [(ChangeType.ADDED, "ConfigMap", "1")]
    assert 'no matches for kind "Thing"' in str(found.error)


def test_a_server_that_is_not_there_ends_no_looking() -> None:
    document = ApiServer("http://127.0.0.1:1").kubeconfig()
    client = Client(Connection(parse_kubeconfig(yaml.safe_dump(document))))
    assert ["does not answer" in str(found.error) for found in look(client, 2)] == [True, True]
    client.close()


def test_a_refusal_that_stays_ends_it(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, refusal(403, "Forbidden"))
    with pytest.raises(ApiError):
        look(client, 1)


def test_the_caller_says_how_long_between_two_looks(client: Client, api: ApiServer) -> None:
    api.answer("GET", PATH, listed())
    pauses: list[float] = []
    list(islice(looks(client, [CONFIG_MAPS], interval=0.25, pause=pauses.append), 3))
    assert pauses == [0.25, 0.25]
