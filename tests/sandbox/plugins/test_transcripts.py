"""The stand-in gives the answers that the real provider gave, call by call.

The recorded calls came from the real engine, provider and API server. What the API server says is taken from the
recorded answer, so that what is compared is what the plugin makes of it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_server import Answer, ApiServer, refusal
from tests.support.plugin_server import FailedError, PluginServer

Document = dict[str, Any]

FILE = Path(__file__).parent.parent.parent / "data" / "provider_transcripts.json"
TRANSCRIPTS: Mapping[str, list[Document]] = json.loads(FILE.read_text(encoding="utf-8"))
MARKS = ("__fieldManager", "__initialApiVersion", "__inputs")
PREFIX = "rpc error: code = Unknown desc = "
CALLS = [
    pytest.param(call, id=f"{situation}-{index}-{call['method']}")
    for situation, calls in TRANSCRIPTS.items()
    for index, call in enumerate(calls)
]


def live(state: Document) -> Document:
    return {key: value for key, value in state.items() if key not in MARKS}


def collection(manifest: Document) -> str:
    if manifest["kind"] == "Namespace":
        return "/api/v1/namespaces"
    namespace = manifest["metadata"]["namespace"]
    if manifest["kind"] == "ConfigMap":
        return f"/api/v1/namespaces/{namespace}/configmaps"
    return f"/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/{namespace}/kustomizations"


def path(manifest: Document) -> str:
    return f"{collection(manifest)}/{manifest['metadata']['name']}"


def refused(call: Document) -> Answer | None:
    """What the API server must have said for the recorded error."""
    message = call["errors"][0]
    if "timed out" in message:
        return None
    for code, reason, start in ((409, "AlreadyExists", "kustomizations.kustomize"), (422, "Invalid", "Kustomization.")):
        if start in message:
            return refusal(code, reason, message[message.index(start) :].partition("\n")[0])
    return refusal(409, "Conflict", message[message.index("Apply failed") :], causes=[{"field": ".spec.interval"}])


def prepare(api: ApiServer, call: Document) -> None:
    """Let the API server be as it was at this call."""
    request, response = call["request"], call.get("response") or {}
    if call["method"] == "Create":
        manifest = live(response["properties"]) if response else request["properties"]
        manifest = manifest | {"metadata": {"uid": "u"} | manifest["metadata"]}
        api.answer("POST", collection(manifest), (refused(call) if "errors" in call else None) or manifest)
        api.answer("GET", path(manifest), manifest)
    elif call["method"] == "Update":
        before = live(request["olds"])
        after = live(response["properties"]) if response else before
        api.answer("PATCH", path(before), (refused(call) if "errors" in call else None) or after)
        api.answer("GET", path(before), before, after)
    elif call["method"] == "Read" and response:
        api.answer("GET", path(response["properties"]), live(response["properties"]))
    elif call["method"] == "Delete":
        manifest = live(request["properties"])
        api.answer("DELETE", path(manifest), {})
        api.answer("GET", path(manifest), manifest, manifest, refusal(404, "NotFound"))


def known(answer: Document) -> Document:
    """An answer without the field manager that a new object gets by chance."""
    properties = answer.get("properties", {})
    manager = {"__fieldManager": "chance"} if "__fieldManager" in properties else {}
    return answer | {"properties": properties | manager}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_answered_as_the_real_provider_did(plugin: PluginServer, api: ApiServer, call: Document) -> None:
    prepare(api, call)
    if "errors" in call:
        with pytest.raises(FailedError) as caught:
            plugin.call(call["method"], **call["request"])
        assert PREFIX + str(caught.value) == call["errors"][0]
        return
    answer, recorded = plugin.call(call["method"], **call["request"]), call["response"]
    if call["method"] == "Create":
        answer, recorded = known(answer), known(recorded)
    assert answer == recorded


@pytest.mark.parametrize("situation", ["wait-timeout", "wait-timeout-again", "update-conflict"])
def test_an_object_that_exists_nevertheless_keeps_its_state(
    plugin: PluginServer, api: ApiServer, situation: str
) -> None:
    call = TRANSCRIPTS[situation][-1]
    prepare(api, call)
    with pytest.raises(FailedError) as caught:
        plugin.call(call["method"], **call["request"])
    details, request = caught.value.details, call["request"]
    assert details is not None
    inputs = request.get("news") or request["properties"]
    assert details["id"] == f"flux-system/{inputs['metadata']['name']}"
    assert details["properties"]["__inputs"] == inputs
    assert details["reasons"] == [str(caught.value)]


@pytest.mark.parametrize("situation", ["already-exists", "invalid"])
def test_an_object_that_was_refused_has_no_state(plugin: PluginServer, api: ApiServer, situation: str) -> None:
    call = TRANSCRIPTS[situation][-1]
    prepare(api, call)
    with pytest.raises(FailedError) as caught:
        plugin.call(call["method"], **call["request"])
    assert caught.value.details is None


def test_every_recorded_situation_is_played() -> None:
    assert len(TRANSCRIPTS) == 21
    assert {call["method"] for calls in TRANSCRIPTS.values() for call in calls} == {
        "DiffConfig",
        "Check",
        "Diff",
        "Create",
        "Read",
        "Update",
        "Delete",
    }
