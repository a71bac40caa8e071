"""The stand-in plugin on a real API server: what the transcripts show, and what only a server can show."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.changes import Change, ChangeType, Selection, looks
from cluster.client import Client, ObjectReference, Write, connect
from gitops.objects import Manifest
from sandbox.plugins.engine import Engine
from sandbox.plugins.guard import VARIABLE
from sandbox.plugins.kubernetes.plugin import KubernetesPlugin
from tests.support.control_plane import control_plane
from tests.support.plugin_server import FailedError, PluginServer, plugin_server

pytestmark = pytest.mark.e2e

Document = dict[str, Any]
URN = "urn:pulumi:odyssey::homelab::kubernetes:example.org/v1:Thing::thing"
FLUX = Write(field_manager="flux")
THINGS = Selection(api_version="example.org/v1", kind="Thing")
CRD: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {"interval": {"type": "string", "pattern": "^[0-9]+[smh]$"}},
                            },
                            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                        },
                    }
                },
            }
        ],
    },
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("plugins")
    with control_plane(folder):
        yield folder


@pytest.fixture(scope="module")
def client(sandbox: Path) -> Iterator[Client]:
    found = connect(sandbox / "kubeconfig")
    found.create(CRD, FLUX)
    # A kind is served a moment after its definition.
    next(look for look in looks(found, [THINGS], interval=0.1) if not look.error)
    yield found
    found.close()


@pytest.fixture
def plugin(sandbox: Path, client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginServer]:
    assert client.version()
    monkeypatch.setenv(VARIABLE, str(sandbox))
    with plugin_server(KubernetesPlugin(Engine(""))) as server:
        server.call("Configure", args={"kubeconfig": (sandbox / "kubeconfig").read_text(encoding="utf-8")})
        yield server


def thing(name: str, interval: str = "1h", **annotations: str) -> Document:
    pulumi = {f"pulumi.com/{key}": value for key, value in annotations.items()}
    metadata = {"name": name, "namespace": "default"} | ({"annotations": pulumi} if pulumi else {})
    return {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": metadata, "spec": {"interval": interval}}


def create(plugin: PluginServer, properties: Document, **more: Any) -> Document:
    state: Document = plugin.call("Create", urn=URN, properties=properties, **more)["properties"]
    return state


def managers(client: Client, manifest: Document) -> set[tuple[str, str]]:
    found = client.get(ObjectReference.of(manifest))
    assert found is not None
    return {(item["manager"], item["operation"]) for item in found["metadata"]["managedFields"]}


@pytest.fixture
def react(client: Client) -> Iterator[Callable[[str, Callable[[Manifest], object]], None]]:
    """Does something with an object as soon as it changes, as a controller would."""
    threads = []

    def follow(name: str, act: Callable[[Manifest], object]) -> None:
        changes = (change for look in looks(client, [THINGS], interval=0.1) for change in look.changes)
        act(next(change.manifest for change in changes if concerns(change, name)))

    def concerns(change: Change, name: str) -> bool:
        return change.type is not ChangeType.DELETED and change.manifest["metadata"]["name"] == name

    def start(name: str, act: Callable[[Manifest], object]) -> None:
        threads.append(threading.Thread(target=follow, args=(name, act)))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()


def test_the_first_update_takes_over_what_was_created(plugin: PluginServer, client: Client) -> None:
    state = create(plugin, thing("a"))
    assert managers(client, thing("a")) == {("pulumi-kubernetes", "Update")}
    plugin.call("Update", urn=URN, olds=state, news=thing("a", "2h"))
    assert managers(client, thing("a")) == {(state["__fieldManager"], "Apply")}


def test_a_field_that_is_taken_away_is_gone(plugin: PluginServer, client: Client) -> None:
    state = create(plugin, thing("b", patchForce="false"))
    plugin.call("Update", urn=URN, olds=state, news=thing("b"))
    found = client.get(ObjectReference.of(thing("b")))
    assert found is not None
    assert "annotations" not in found["metadata"]


def test_another_managers_field_is_a_conflict_until_it_is_forced(plugin: PluginServer, client: Client) -> None:
    state = create(plugin, thing("c"))
    state = plugin.call("Update", urn=URN, olds=state, news=thing("c", "2h"))["properties"]
    client.merge_patch(ObjectReference.of(thing("c")), {"spec": {"interval": "9h"}}, FLUX)
    with pytest.raises(FailedError, match=r'conflict with "flux" using example\.org/v1: \.spec\.interval') as caught:
        plugin.call("Update", urn=URN, olds=state, news=thing("c", "3h"))
    assert caught.value.details is not None
    assert caught.value.details["properties"]["spec"] == {"interval": "9h"}
    forced = plugin.call("Update", urn=URN, olds=state, news=thing("c", "3h", patchForce="true"))
    assert forced["properties"]["spec"] == {"interval": "3h"}


def test_a_preview_changes_nothing(plugin: PluginServer, client: Client) -> None:
    assert create(plugin, thing("d"), preview=True)["spec"] == {"interval": "1h"}
    assert client.get(ObjectReference.of(thing("d"))) is None


def test_an_object_that_exists_or_is_wrong_is_refused(plugin: PluginServer) -> None:
    create(plugin, thing("e"))
    with pytest.raises(FailedError, match=r'things\.example\.org "e" already exists\n\nThe resource already exists'):
        create(plugin, thing("e"))
    with pytest.raises(FailedError, match=r'Thing\.example\.org "f" is invalid: spec\.interval'):
        create(plugin, thing("f", "soon"), preview=True)


def test_what_a_preview_cannot_know_is_accepted(plugin: PluginServer) -> None:
    elsewhere = thing("g") | {"metadata": {"name": "g", "namespace": "absent"}}
    unknown = thing("g") | {"apiVersion": "example.com/v1"}
    for properties in (elsewhere, unknown, thing("g")):
        assert create(plugin, properties, preview=True)["metadata"]["name"] == "g"


def test_an_object_is_waited_for(
    plugin: PluginServer, client: Client, react: Callable[[str, Callable[[Manifest], object]], None]
) -> None:
    status = {"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 1, "revision": "r1"}
    react(
        "h",
        lambda found: client.merge_patch(ObjectReference.of(found), {"status": status}, FLUX, subresource="status"),
    )
    properties = thing("h", waitFor='["condition=Ready", "jsonpath={.status.revision}=r1"]')
    assert create(plugin, properties, timeout=60)["status"] == status


def test_an_object_that_does_not_come_is_given_up(plugin: PluginServer) -> None:
    with pytest.raises(FailedError, match="timed out waiting for the condition") as caught:
        create(plugin, thing("i", waitFor="condition=Ready"), timeout=1)
    assert caught.value.details is not None
    assert caught.value.details["id"] == "default/i"


def test_a_deletion_waits_for_finalizers(
    plugin: PluginServer, client: Client, react: Callable[[str, Callable[[Manifest], object]], None]
) -> None:
    state = create(plugin, thing("j"))
    reference = ObjectReference.of(thing("j"))
    held = client.merge_patch(reference, {"metadata": {"finalizers": ["example.org/hold"]}}, FLUX)
    assert held["metadata"]["finalizers"]

    def release(found: Manifest) -> None:
        assert found["metadata"]["name"] == "j"
        client.merge_patch(reference, {"metadata": {"finalizers": None}}, FLUX)

    react("j", release)
    plugin.call("Delete", id="default/j", urn=URN, properties=state, timeout=60)
    assert client.get(reference) is None
    assert plugin.call("Read", id="default/j", urn=URN, properties=state, inputs=thing("j")) == {}
