"""What `homelab up` refuses before anything is changed."""

from gitops.existing import asked_kinds
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
