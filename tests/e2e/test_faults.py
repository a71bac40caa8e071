"""What breaks while the platform comes up, and that the way out which the documentation names leads out."""

import os
import re
import signal
from collections.abc import Iterator
from typing import Final

import pytest

from gitops.taking_over import TAKE_OVER
from tests.e2e.world import NAME, TINY, World, condition, read_until

pytestmark = pytest.mark.e2e

KUSTOMIZE: Final = "kustomize.toolkit.fluxcd.io/v1"


@pytest.fixture
def tiny(world: World) -> Iterator[World]:
    """The smallest platform, up; what a test broke is repaired first."""
    world.configure(addons=TINY, website=None)
    for command in (("sandbox", "up", "--name", NAME), ("up", NAME, "--yes")):
        done = world.homelab(*command)
        assert done.status == 0, done.output
    yield world
    assert world.homelab("sandbox", "up", "--name", NAME).status == 0


def test_an_api_server_that_is_killed_comes_back_and_the_next_up_does_the_rest(tiny: World) -> None:
    change(tiny)
    with tiny.running("up", NAME, "--yes") as child:
        read_until(child, lambda line: "updating" in line)
        os.kill(tiny.pid("kube-apiserver"), signal.SIGKILL)
        child.communicate(timeout=300)
        assert child.returncode != 0
    assert tiny.homelab("sandbox", "up", "--name", NAME).status == 0
    done = tiny.up()
    assert done.status == 0, done.output
    assert replicas(tiny) == "3"


def test_a_controller_that_is_killed_and_started_again_goes_on(tiny: World) -> None:
    change(tiny)
    with tiny.running("up", NAME, "--yes") as child:
        read_until(child, lambda line: "updating" in line)
        os.kill(tiny.pid("kustomize-controller"), signal.SIGKILL)
        assert tiny.homelab("sandbox", "up", "--name", NAME).status == 0
        output = child.communicate(timeout=300)[0]
        assert child.returncode == 0, output
    assert replicas(tiny) == "3"


def test_a_git_server_that_is_down_leaves_the_cluster_as_it_is(tiny: World) -> None:
    change(tiny)
    os.kill(tiny.pid("depot"), signal.SIGKILL)
    published = tiny.inside("homelab", "publish", NAME)
    assert published.status == 1
    assert "git ls-remote failed" in published.output
    done = tiny.up()
    assert done.status == 1
    assert "nothing was written" in done.output
    assert [name for name, ready in kustomizations(tiny).items() if ready != "True"] == []


def test_charts_that_are_missing_are_named_with_their_declaration(tiny: World) -> None:
    tiny.configure(addons=TINY, website=None, charts={"mirror": "http://depot.internal/nowhere"})
    done = tiny.up()
    assert done.status == 1
    where = r"addons/network/\w+\.py:\d+: (OCIRepository|HelmRepository|HelmRelease) "
    assert re.search(rf"error: {where}", done.output), done.output
    assert "cannot become ready" in done.output


def test_a_chart_whose_install_fails_is_named(tiny: World) -> None:
    tiny.configure(addons=TINY | {"metallb": {"values": {"sandbox": {"fail": True}}}}, website=None)
    done = tiny.up()
    assert done.status == 1
    assert re.search(r"error: addons/network/metallb\.py:\d+: HelmRelease metallb/metallb", done.output), done.output


def test_of_two_ups_at_once_one_wins_and_the_other_says_so(tiny: World) -> None:
    change(tiny)
    with tiny.running("up", NAME, "--yes") as first:
        read_until(first, lambda line: "Updating" in line)
        second = tiny.up()
        output = first.communicate(timeout=300)[0]
        assert first.returncode == 0, output
    assert second.status != 0
    assert "locked" in second.output


def test_a_state_is_read_again_without_the_attributes_that_were_left_empty(tiny: World) -> None:
    attributes = tiny.state / "pulumi" / "backend" / ".pulumi" / "stacks" / "homelab" / f"{NAME}.json.attrs"
    assert not attributes.exists()
    attributes.touch()
    assert "failed to load checkpoint: EOF" in tiny.pulumi("stack", "export").output
    attributes.unlink()
    assert tiny.pulumi("stack", "export").status == 0


def test_a_lost_state_is_noticed_and_what_exists_taken_over(tiny: World) -> None:
    for command in (["rm", "--force", "--yes", "--preserve-config"], ["select", "--create"]):
        done = tiny.inside("pulumi", "stack", *command, NAME)
        assert done.status == 0, done.output
    refused = tiny.up()
    assert refused.status == 1
    assert refused.output.count("rule: existing/state") == len(tiny.registered())
    assert "nothing was written" in refused.output
    done = tiny.up(**TAKE_OVER)
    assert done.status == 0, done.output


def change(world: World) -> None:
    """A variable that nothing of the small platform uses, so that nothing but the revision moves."""
    world.configure(addons=TINY, website=None, cluster_vars=world.variables(storage_replica="3"))


def replicas(world: World) -> str:
    found = world.get("v1", "ConfigMap", "cluster-vars", "flux-system")
    assert found is not None
    value: str = found["data"]["storage_replica"]
    return value


def kustomizations(world: World) -> dict[str, str]:
    found = world.list(KUSTOMIZE, "Kustomization")
    return {item["metadata"]["name"]: condition(item).get("status", "") for item in found}
