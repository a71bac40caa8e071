"""`pulumi up` itself, without homelab beside it, never ends well before Flux has reconciled what it was told."""

import signal

import psutil
import pytest

from tests.e2e.world import NAME, SMALL, World, condition, eventually

pytestmark = pytest.mark.e2e

SLOW = SMALL | {"cert-manager": {"values": {"sandbox": {"slow": "25s"}}}}
BROKEN = SMALL | {"cert-manager": {"values": {"sandbox": {"fail": True}}}}


@pytest.fixture
def small(world: World) -> World:
    world.configure(addons=SMALL, website=None)
    done = world.up()
    assert done.status == 0, done.output
    return world


def pinned_by_hand(world: World) -> str:
    """What a person does who does not use `homelab up`: publish, pin, and leave the rest to Pulumi."""
    published = world.homelab("sandbox", "run", "--name", NAME, "--", "homelab", "publish", NAME, "--output", "json")
    assert published.status == 0, published.output
    commit = published.output.partition('"commit": "')[2].partition('"')[0]
    assert world.pulumi("config", "set", "--path", "homelab:git.commit", commit).status == 0
    return commit


def test_a_slow_bundle_is_waited_for(small: World) -> None:
    small.configure(addons=SLOW, website=None)
    commit = pinned_by_hand(small)
    done = small.pulumi("up", "--yes")
    # Asked at once: whatever is not Ready now was not when Pulumi ended.
    states = {bundle.name: small.kustomization(bundle.name) for bundle in small.platform.bundles}
    assert done.status == 0, done.output
    assert {name: condition(item)["status"] for name, item in states.items()} == dict.fromkeys(states, "True")
    applied = {item["status"]["lastAppliedRevision"] for item in states.values()}
    assert applied == {f"rendered/sandbox@sha1:{commit}"}
    current = {
        name: item["status"]["observedGeneration"] == item["metadata"]["generation"] for name, item in states.items()
    }
    assert current == dict.fromkeys(states, True)


def test_a_changed_variable_is_waited_for_in_every_bundle(small: World) -> None:
    before = told(small)
    small.configure(addons=SMALL, website=None, cluster_vars=small.variables(storage_replica="5"))
    pinned_by_hand(small)
    done = small.pulumi("up", "--yes")
    after = told(small)
    assert done.status == 0, done.output
    assert len(set(after.values())) == 1
    assert set(after.values()).isdisjoint(before.values())


def test_a_bundle_that_breaks_never_lets_it_end_well(small: World) -> None:
    small.configure(addons=BROKEN, website=None)
    pinned_by_hand(small)
    arguments = ("sandbox", "run", "--name", NAME, "--", "pulumi", "up", "--yes", "--stack", NAME, "--non-interactive")
    with small.running(*arguments) as child:
        release = "helm.toolkit.fluxcd.io/v2", "HelmRelease", "cert-manager", "cert-manager"
        eventually(lambda: condition(small.get(*release) or {}).get("status") == "False", within=300)
        assert child.poll() is None
        for process in psutil.Process(child.pid).children(recursive=True):
            if process.name() == "pulumi":
                process.send_signal(signal.SIGINT)
        child.communicate(timeout=120)
        assert child.returncode != 0


def told(world: World) -> dict[str, str]:
    """The revision that each bundle is Ready with."""
    items = [world.kustomization(bundle.name) for bundle in world.platform.bundles]
    assert [item["metadata"]["name"] for item in items if condition(item)["status"] != "True"] == []
    return {item["metadata"]["name"]: item["spec"]["postBuild"]["substitute"]["revision"] for item in items}
