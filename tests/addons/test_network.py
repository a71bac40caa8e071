"""The network layer does what the article says."""

from typing import Any

import pytest

from gitops.flux import HelmRelease
from tests.support.addons import addon, names, objects, values

IMAGE = f"example.org/site@sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("name", "path", "address"),
    [("nginx", ("controller", "service"), "192.168.20.67"), ("k8s-gateway", ("service",), "192.168.20.66")],
)
@pytest.mark.parametrize(
    ("owner", "expected"),
    [("metallb", ("metallb.io/loadBalancerIPs", "Local")), ("cilium", ("lbipam.cilium.io/ips", "Cluster"))],
)
def test_fixed_services_get_their_address_from_whoever_owns_it(
    name: str, path: tuple[str, ...], address: str, owner: str, expected: tuple[str, str]
) -> None:
    service = values(name, network={"load_balancer": owner})
    for key in path:
        service = service[key]
    assert service["type"] == "LoadBalancer"
    assert service["annotations"] == {expected[0]: address}
    assert service["externalTrafficPolicy"] == expected[1]


def test_exactly_one_addon_owns_the_addresses() -> None:
    assert "metallb" in names()
    assert "metallb" not in names(network={"load_balancer": "cilium"})
    assert values("cilium")["defaultLBServiceIPAM"] == "none"
    assert values("cilium")["enableLBIPAM"] is False
    assert "defaultLBServiceIPAM" not in values("cilium", network={"load_balancer": "cilium"})


def test_metallb_speaks_layer_2_only() -> None:
    assert values("metallb") == {"frrk8s": {"enabled": False}, "speaker": {"frr": {"enabled": False}}}


def test_cilium_is_the_release_that_ansible_installed() -> None:
    (release,) = objects("cilium", "HelmRelease")
    spec = release["spec"]
    assert release["metadata"]["namespace"] == "kube-system"
    assert (spec["releaseName"], spec["targetNamespace"], spec["storageNamespace"]) == (
        "cilium",
        "kube-system",
        "kube-system",
    )
    assert spec["values"]["k8sServiceHost"] == "api.k8s.cicci8ino.it"
    assert spec["values"]["kubeProxyReplacement"] is True


@pytest.mark.parametrize("profile", ["seed", "strict"])
def test_cilium_is_never_pruned_under_any_profile(profile: str) -> None:
    cilium = addon("cilium", profile=profile)
    assert cilium.retain
    assert cilium.controllers.reconciliation.prune is False
    for item in cilium.controllers.objects:
        assert item.metadata.annotations["kustomize.toolkit.fluxcd.io/prune"] == "disabled"


def test_cilium_reports_drift_and_undoes_none() -> None:
    (release,) = [item for item in addon("cilium").controllers.objects if isinstance(item, HelmRelease)]
    assert release.spec.drift_detection is not None
    assert release.spec.drift_detection.mode == "warn"


def test_kube_system_is_never_emitted() -> None:
    assert objects("cilium", "Namespace") == []


def test_cilium_announces_addresses_only_where_it_owns_them() -> None:
    assert addon("cilium").configs is None
    assert addon("cilium").controllers.runtime_crds == ()
    owned: dict[str, Any] = {"network": {"load_balancer": "cilium"}}
    assert values("cilium", **owned)["l2announcements"] == {"enabled": True}
    (pool,) = objects("cilium", "CiliumLoadBalancerIPPool", **owned)
    assert pool["spec"]["blocks"] == [{"start": "192.168.20.65", "stop": "192.168.20.126"}]
    (policy,) = objects("cilium", "CiliumL2AnnouncementPolicy", **owned)
    assert policy["spec"] == {"loadBalancerIPs": True}


def test_pods_keep_the_addresses_that_cilium_was_installed_with() -> None:
    pods = values("cilium", network={"pod_cidr": "10.244.0.0/16"})["ipam"]
    assert pods == {"operator": {"clusterPoolIPv4PodCIDRList": ["10.244.0.0/16"]}}
    assert "ipam" not in values("cilium")


def test_nginx_is_the_default_class_and_reports_addresses() -> None:
    controller = values("nginx")["controller"]
    assert controller["ingressClass"] == {"name": "nginx", "setAsDefaultIngress": True}
    assert controller["reportIngressStatus"] == {"enable": True}


def test_nginx_is_validated_without_reaching_other_hosts() -> None:
    (release,) = objects("nginx", "HelmRelease")
    assert release["spec"]["install"] == {"disableSchemaValidation": True}
    assert release["spec"]["upgrade"] == {"disableSchemaValidation": True}


def test_certificates_come_from_the_sub_ca_of_the_bootstrap() -> None:
    (issuer,) = objects("cert-manager", "ClusterIssuer")
    assert issuer["metadata"] == {"name": "cluster-ca"}
    assert issuer["spec"] == {"ca": {"secretName": "cluster-ca"}}
    assert values("cert-manager")["crds"] == {"enabled": True}


def test_lets_encrypt_is_asked_only_for_a_website_that_wants_it() -> None:
    _, acme = objects("cert-manager", "ClusterIssuer", website={"image": IMAGE, "issuer": "acme"})
    assert acme["metadata"]["name"] == "letsencrypt"
    assert acme["spec"]["acme"]["solvers"] == [{"http01": {"ingress": {"ingressClassName": "nginx"}}}]
    assert len(objects("cert-manager", "ClusterIssuer", website={"image": IMAGE, "issuer": "none"})) == 1


def test_the_root_ca_is_brought_to_every_namespace() -> None:
    (bundle,) = objects("trust-manager", "Bundle")
    assert bundle["metadata"]["name"] == "homelab-root-ca"
    assert bundle["spec"]["sources"] == [{"configMap": {"name": "root-ca", "key": "ca.crt"}}]
    assert bundle["spec"]["target"] == {
        "configMap": {"key": "ca.crt"},
        "namespaceSelector": {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "Exists"}]},
    }
    assert values("trust-manager") == {"app": {"trust": {"namespace": "cert-manager"}}}


def test_dns_answers_for_the_clusters_domain_over_tcp_too() -> None:
    dns = values("k8s-gateway")
    assert dns["domain"] == "k8s.cicci8ino.it"
    assert dns["watchedResources"] == ["Ingress", "Service"]
    assert dns["service"]["useTcp"] is True
    assert dns["image"]["tag"] == "1.8.2"
