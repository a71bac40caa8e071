"""What `homelab up` refuses before anything is changed."""

import pytest

from gitops.existing import VARIABLES, asked_kinds
from tests.support.api_server import ApiServer
from tests.support.cli import Homelab
from tests.support.odyssey import INLINE
from tests.support.programs import Programs


def test_a_cluster_that_lacks_a_secret_is_refused_before_anything_is_changed(
    homelab: Homelab, pulumi: Programs, api: ApiServer
) -> None:
    path = "/api/v1/namespaces/cert-manager/secrets/cluster-ca"
    api.answer("GET", path, {"metadata": {}, "data": {"tls.crt": "eA==", "tls.key": ""}})
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert "Secret cert-manager/cluster-ca\n  it has no tls.key, or an empty one" in done.stderr
    assert "rule: existing/secrets" in done.stderr
    assert "1 problem; nothing was written" in done.stderr
    assert pulumi.calls("pulumi") == []
    assert [asked.method for asked in api.asked if asked.method != "GET"] == []


def test_a_cluster_without_flux_is_refused_with_every_kind(homelab: Homelab, pulumi: Programs, api: ApiServer) -> None:
    for api_version, _ in asked_kinds(INLINE):
        api.answer("GET", f"/apis/{api_version}", {"resources": []})
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert done.stderr.count("rule: existing/flux") == len(asked_kinds(INLINE))
    assert pulumi.calls("pulumi") == []


def test_what_is_only_doubtful_is_shown_and_up_goes_on(homelab: Homelab, api: ApiServer) -> None:
    api.answer("GET", "/apis/apps/v1/namespaces/flux-system/deployments", {"items": []})
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 0
    assert "warning: the cluster\n  there is no Deployment of Flux's in flux-system" in done.stderr


def test_what_exists_and_pulumi_does_not_know_is_refused_before_anything_is_changed(
    homelab: Homelab, pulumi: Programs, api: ApiServer
) -> None:
    pulumi.says("pulumi", '{"deployment": {"resources": []}}')
    there(api)
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert "Namespace wedding-website\n  Pulumi is to create it, and it is there already" in done.stderr
    assert "rule: existing/state" in done.stderr
    assert pulumi.calls("pulumi") == ["stack export --stack odyssey"]


def test_what_pulumi_knows_may_exist(homelab: Homelab, pulumi: Programs, api: ApiServer) -> None:
    pulumi.says(
        "pulumi", '{"deployment": {"resources": [{"type": "kubernetes:core/v1:Namespace", "id": "wedding-website"}]}}'
    )
    there(api)
    assert homelab("up", "odyssey", "--yes").status == 0


def test_a_pulumi_that_takes_over_what_exists_is_not_asked_what_it_knows(
    homelab: Homelab, pulumi: Programs, api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", "true")
    there(api)
    assert homelab("up", "odyssey", "--yes").status == 0
    assert pulumi.calls("pulumi") == ["up --yes --stack odyssey"]


def test_without_a_stack_yet_pulumi_knows_nothing(homelab: Homelab, pulumi: Programs, api: ApiServer) -> None:
    pulumi.fails("pulumi", "error: no stack named 'odyssey' found")
    there(api)
    assert "rule: existing/state" in homelab("up", "odyssey", "--yes").stderr


def test_a_state_that_cannot_be_read_is_no_empty_one(homelab: Homelab, pulumi: Programs, api: ApiServer) -> None:
    pulumi.fails("pulumi", "error: failed to load checkpoint: EOF")
    there(api)
    assert (
        "pulumi stack export failed: error: failed to load checkpoint: EOF" in homelab("up", "odyssey", "--yes").stderr
    )


def test_another_cluster_is_no_reason_to_ask_pulumi(homelab: Homelab, pulumi: Programs, api: ApiServer) -> None:
    variables = {**VARIABLES[0], "data": {"cluster_name": "ithaca"}}
    api.answer("GET", "/api/v1/namespaces/flux-system/configmaps/cluster-vars", variables)
    there(api)
    done = homelab("up", "odyssey", "--yes")
    assert ("rule: existing/cluster" in done.stderr, "rule: existing/state" in done.stderr) == (True, False)
    assert pulumi.calls("pulumi") == []


def there(api: ApiServer) -> None:
    """One of the objects that Pulumi creates."""
    api.answer("GET", "/api/v1/namespaces/wedding-website", {"metadata": {"name": "wedding-website"}})
