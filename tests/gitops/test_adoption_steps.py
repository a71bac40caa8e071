"""What each step of an adoption still does, and what it leaves alone."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.adoption import adoption
from gitops.adoption.actions import MANAGER, Action, Change, Release, Take
from gitops.adoption.live import Live
from gitops.adoption.situation import LEFT_OVER
from gitops.objects import object_key
from tests.support.live import STOPPED, applied, article, instance, kustomization, performed
from tests.support.stacks import variant

SEED = platform(variant("odyssey", profile="seed"))
ARTICLE = article(SEED)


def actions(live: Live) -> list[Action]:
    planned = adoption(SEED, live)
    assert planned.problems == ()
    return [action for step in planned.steps for action in step.actions]


def after(steps: int) -> Live:
    live = ARTICLE
    for step in adoption(SEED, ARTICLE).steps[:steps]:
        live = performed(live, step.actions, SEED)
    return live


def test_what_flux_applies_beside_pulumi_is_taken_from_it() -> None:
    done = after(5)
    key, item = next(iter(done.objects.items()))
    both = applied(item, "pulumi-kubernetes-1", "kustomize-controller")
    taken = [action for action in actions(replace(done, objects={**done.objects, key: both})) if type(action) is Take]
    assert [object_key(action.object) for action in taken] == [key]


def test_a_sync_that_is_back_is_ended_though_pulumi_owns_everything() -> None:
    again = adoption(SEED, replace(after(5), instances=(instance(),))).steps
    assert [step.title for step in again] == ["Stop what would prune", "End the old sync", "Resume"]
    assert not any(isinstance(action, Release) for action in again[-1].actions)


def test_what_pulumi_registers_and_is_gone_asks_for_no_adoption() -> None:
    done = after(5)
    *others, _ = done.objects.items()
    assert actions(replace(done, objects=dict(others))) == []


def test_everything_is_released_once_pulumi_has_it() -> None:
    done = after(4)
    assert all(MANAGER in str(item) for item in done.objects.values())
    released = [action for action in actions(done) if isinstance(action, Release)]
    assert {object_key(action.object) for action in released} == set(done.objects)


@pytest.mark.parametrize(
    ("annotations", "spec", "aside"),
    [
        ({LEFT_OVER: "true"}, STOPPED, False),
        ({LEFT_OVER: "true"}, {}, True),
        (None, STOPPED, True),
        ({}, STOPPED, True),
    ],
    ids=["both", "marked", "stopped", "stopped and annotated"],
)
def test_what_is_left_over_is_both_stopped_and_marked(
    annotations: dict[str, str] | None,
    spec: dict[str, Any],
    aside: bool,  # noqa: FBT001 — a table
) -> None:
    found = kustomization("apps", **spec)
    found["metadata"]["annotations"] = annotations
    live = replace(ARTICLE, kustomizations=(*ARTICLE.kustomizations, found))
    changed = [action for action in actions(live) if isinstance(action, Change)]
    assert any(action.object["metadata"]["name"] == "apps" for action in changed) is aside
