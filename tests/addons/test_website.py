"""The website may do next to nothing, and strangers reach only that."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.delivery.registration import website
from tests.support.stacks import ROOT, shipped, stack_config, variant

IMAGE = stack_config("odyssey")["homelab:website"]["image"]


def manifests(**settings: Any) -> dict[str, dict[str, Any]]:
    planned = platform(variant(website={"image": IMAGE, **settings}))
    return {item.key.kind: item.manifest for item in website(planned)}


POD = manifests()["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]


def test_a_cluster_without_a_website_has_none() -> None:
    assert platform(shipped("ithaca")).website == ()


def test_its_objects_are_these() -> None:
    assert list(manifests()) == [
        "Namespace",
        "ServiceAccount",
        "Deployment",
        "Service",
        "PodDisruptionBudget",
        "NetworkPolicy",
        "Ingress",
    ]


def test_its_namespace_comes_first() -> None:
    registered = website(platform(shipped("odyssey")))
    assert registered[0].depends_on == ()
    assert {item.depends_on for item in registered[1:]} == {("wedding-website-namespace",)}


@pytest.mark.parametrize("mode", ["enforce", "audit", "warn"])
def test_its_namespace_admits_restricted_pods_only(mode: str) -> None:
    assert manifests()["Namespace"]["metadata"]["labels"][f"pod-security.kubernetes.io/{mode}"] == "restricted"


def test_it_has_an_account_of_its_own_and_no_token() -> None:
    assert manifests()["ServiceAccount"]["automountServiceAccountToken"] is False
    assert POD["serviceAccountName"] == "wedding-website"
    assert POD["automountServiceAccountToken"] is False
    assert POD["enableServiceLinks"] is False


def test_it_runs_as_nobody_of_the_node() -> None:
    security = POD["securityContext"]
    assert security["runAsNonRoot"] is True
    assert min(security["runAsUser"], security["runAsGroup"], security["fsGroup"]) >= 10_000
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_its_container_can_neither_write_nor_gain_rights() -> None:
    security = CONTAINER["securityContext"]
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["privileged"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    (volume,) = POD["volumes"]
    assert volume["emptyDir"]["sizeLimit"] == "16Mi"


@pytest.mark.parametrize("kind", ["requests", "limits"])
def test_its_resources_are_bounded(kind: str) -> None:
    assert set(CONTAINER["resources"][kind]) == {"cpu", "memory", "ephemeral-storage"}


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_it_is_probed(probe: str) -> None:
    assert CONTAINER[probe]["httpGet"] == {"path": "/", "port": "web"}


def test_it_listens_above_1024_and_its_service_finds_it() -> None:
    (port,) = CONTAINER["ports"]
    service = manifests()["Service"]
    assert port["containerPort"] == 8080
    assert service["metadata"]["name"] == "wedding-website-svc"
    assert service["spec"]["ports"] == [{"name": "web", "port": 80, "targetPort": port["name"]}]
    assert service["spec"]["selector"] == manifests()["Deployment"]["spec"]["template"]["metadata"]["labels"]


def test_it_is_replaced_without_a_gap() -> None:
    spec = manifests(replicas=3)["Deployment"]["spec"]
    assert spec["replicas"] == 3
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert CONTAINER["lifecycle"]["preStop"] == {"exec": {"command": ["sleep", "5"]}}
    assert POD["terminationGracePeriodSeconds"] > 5


def test_its_pods_spread_where_they_can() -> None:
    (spread,) = POD["topologySpreadConstraints"]
    assert spread["whenUnsatisfiable"] == "ScheduleAnyway"


def test_a_drain_takes_one_pod_at_a_time() -> None:
    spec = manifests()["PodDisruptionBudget"]["spec"]
    assert spec["maxUnavailable"] == 1
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_only_the_ingress_controller_reaches_it_and_it_reaches_nobody() -> None:
    spec = manifests()["NetworkPolicy"]["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in spec
    (rule,) = spec["ingress"]
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "nginx-ingress"}}}]


def test_its_image_is_pinned_by_digest() -> None:
    assert "@sha256:" in CONTAINER["image"]


def test_a_private_registrys_secret_is_named() -> None:
    spec = manifests(image_pull_secret="registry")["Deployment"]["spec"]["template"]["spec"]  # noqa: S106 — a name
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert "imagePullSecrets" not in POD


@pytest.mark.parametrize(("issuer", "name"), [("ca", "cluster-ca"), ("acme", "letsencrypt")])
def test_it_is_served_over_tls_by_the_chosen_issuer(issuer: str, name: str) -> None:
    ingress = manifests(issuer=issuer, host="www")["Ingress"]
    annotations = ingress["metadata"]["annotations"]
    assert annotations["cert-manager.io/cluster-issuer"] == name
    assert annotations["nginx.org/hsts"] == "true"
    assert ingress["spec"]["tls"] == [{"hosts": ["www.k8s.cicci8ino.it"], "secretName": "wedding-website-ingress-tls"}]
    assert ingress["spec"]["rules"][0]["host"] == "www.k8s.cicci8ino.it"


def test_a_challenge_goes_into_the_same_ingress() -> None:
    annotations = manifests(issuer="acme")["Ingress"]["metadata"]["annotations"]
    assert annotations["acme.cert-manager.io/http01-edit-in-place"] == "true"
    assert annotations["cert-manager.io/issue-temporary-certificate"] == "true"
    assert "acme.cert-manager.io/http01-edit-in-place" not in manifests()["Ingress"]["metadata"]["annotations"]


def test_behind_a_tunnel_it_has_no_tls() -> None:
    ingress = manifests(issuer="none")["Ingress"]
    assert "tls" not in ingress["spec"]
    assert ingress["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}


def test_the_page_and_the_containerfile_fit_the_pod() -> None:
    nginx = (ROOT / "site/nginx.conf").read_text(encoding="utf-8")
    assert "listen 8080;" in nginx
    containerfile = (ROOT / "site/Containerfile").read_text(encoding="utf-8")
    assert f"FROM {IMAGE}" in containerfile
    assert (ROOT / "site/public/index.html").read_text(encoding="utf-8").startswith("<!doctype html>")
