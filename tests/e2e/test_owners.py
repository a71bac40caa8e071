"""Each object has one owner: who heals what was changed by hand, and what stays when Pulumi takes its own away."""

from typing import Any, Final

import pytest

from cluster.client import ObjectReference, Write
from gitops.delivery import delivery_of
from tests.e2e.world import NAME, SMALL, World, eventually

pytestmark = pytest.mark.e2e

HELM: Final = "helm.toolkit.fluxcd.io/v2"
POOL: Final = ObjectReference(
    api_version="metallb.io/v1beta1", kind="IPAddressPool", name="standard", namespace="metallb"
)
WEBSITE: Final = ObjectReference(
    api_version="apps/v1", kind="Deployment", name="wedding-website", namespace="wedding-website"
)
BY_HAND: Final = Write(field_manager="kubectl-edit")


@pytest.fixture
def small(world: World) -> World:
    world.configure(addons=SMALL)
    done = world.up()
    assert done.status == 0, done.output
    return world


def test_flux_heals_what_was_changed_by_hand_in_a_layer(small: World) -> None:
    with small.api() as client:
        wanted = spec(client.get(POOL))
        client.merge_patch(
            POOL, {"spec": {"avoidBuggyIPs": True, "autoAssign": not wanted.get("autoAssign", True)}}, BY_HAND
        )
        reconcile(small, "metallb-configs")
        assert eventually(lambda: spec(client.get(POOL)).get("autoAssign", True) == wanted.get("autoAssign", True))


def test_flux_brings_back_what_was_deleted_by_hand_in_a_layer(small: World) -> None:
    with small.api() as client:
        assert client.delete(POOL)
        reconcile(small, "metallb-configs")
        assert eventually(lambda: client.get(POOL))


def test_a_refresh_shows_what_was_changed_by_hand_of_pulumis_own_and_up_heals_it(small: World) -> None:
    with small.api() as client:
        client.merge_patch(WEBSITE, {"spec": {"replicas": 5}}, BY_HAND)
        shown = small.pulumi("preview", "--refresh", "--diff")
        assert "replicas" in shown.output
        assert small.pulumi("preview", "--refresh", "--expect-no-changes").status != 0
        refused = small.homelab("up", NAME, "--yes", "--refresh")
        assert 'conflict with "kubectl-edit"' in refused.output
        # The field is somebody else's by now, and is taken back only when asked to.
        healed = small.homelab("up", NAME, "--yes", "--refresh", PULUMI_K8S_ENABLE_PATCH_FORCE="true")
        assert healed.status == 0, healed.output
        assert spec(client.get(WEBSITE))["replicas"] == 2


def test_a_refresh_shows_what_was_deleted_by_hand_of_pulumis_own_and_up_brings_it_back(small: World) -> None:
    with small.api() as client:
        assert client.delete(WEBSITE)
        healed = small.homelab("up", NAME, "--yes", "--refresh")
        assert healed.status == 0, healed.output
        assert client.get(WEBSITE)


def test_destroy_takes_pulumis_own_and_leaves_every_workload(small: World) -> None:
    platform = small.platform
    registrations = delivery_of(platform).registrations(platform)
    own = {item.key: item.manifest["apiVersion"] for item in registrations}
    rest = {key: item["apiVersion"] for key, item in delivery_of(platform).expand(platform).items() if key not in own}
    done = small.pulumi("destroy", "--yes")
    assert done.status == 0, done.output
    assert [str(key) for key, version in own.items() if there(small, version, key)] == []
    assert [str(key) for key, version in rest.items() if not there(small, version, key)] == []
    terminating = [
        item["metadata"]["name"] for item in small.list("v1", "Namespace") if item["metadata"].get("deletionTimestamp")
    ]
    assert terminating == []


def there(world: World, api_version: str, key: Any) -> bool:
    return world.get(api_version, key.kind, key.name, key.namespace or None) is not None


def reconcile(world: World, name: str) -> None:
    """What `flux reconcile` does, so that nobody waits for the interval of an hour."""
    done = world.inside("flux", "reconcile", "kustomization", name)
    assert done.status == 0, done.output


def spec(manifest: Any) -> dict[str, Any]:
    assert manifest is not None
    found: dict[str, Any] = manifest["spec"]
    return found
