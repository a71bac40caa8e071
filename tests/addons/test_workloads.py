"""The secrets, infra and logging layers do what the article says."""

import pytest

from tests.support.addons import addon, names, objects, values

LOGS = "https://logs.k8s.cicci8ino.it/insert/loki/api/v1/push"
METRICS = "https://metrics.k8s.cicci8ino.it/api/v1/write"


def test_connect_uses_the_credentials_of_the_bootstrap() -> None:
    connect = values("1password-connect")["connect"]
    assert connect["credentialsName"] == "op-credentials"
    assert connect["credentialsKey"] == "1password-credentials.json"
    assert values("1password-connect")["operator"] == {"create": False}
    (home,) = objects("1password-connect", "Namespace")
    assert home["metadata"]["name"] == "1password"


def test_external_secrets_reads_the_vault_through_connect() -> None:
    (store,) = objects("external-secrets", "ClusterSecretStore")
    provider = store["spec"]["provider"]["onepassword"]
    assert provider["connectHost"] == "http://onepassword-connect.1password.svc.cluster.local:8080"
    assert provider["vaults"] == {"Homelab": 1}
    assert provider["auth"]["secretRef"]["connectTokenSecretRef"] == {
        "name": "onepassword-connect-token",
        "key": "token",
        "namespace": "external-secrets",
    }
    assert "1password-connect-controllers" in addon("external-secrets").bundles[1].needs


def test_uninstalling_external_secrets_leaves_its_objects() -> None:
    assert values("external-secrets")["crds"] == {"annotations": {"helm.sh/resource-policy": "keep"}}


@pytest.mark.parametrize(
    ("settings", "installed", "absent"),
    [
        ({}, "alloy", "promtail"),
        ({"profile": "seed"}, "promtail", "alloy"),
        ({"log_collector": "promtail"}, "promtail", "alloy"),
        ({"log_collector": "alloy", "profile": "seed"}, "alloy", "promtail"),
    ],
)
def test_one_collector_is_installed(settings: dict[str, str], installed: str, absent: str) -> None:
    assert installed in names(**settings)
    assert absent not in names(**settings)


def test_alloy_sends_the_logs_of_its_node_to_the_management_cluster() -> None:
    pipeline = values("alloy", "ithaca")["alloy"]["configMap"]["content"]
    assert f'url = "{LOGS}"' in pipeline
    assert 'cluster = "ithaca"' in pipeline
    assert 'field = "spec.nodeName=" + sys.env("HOSTNAME")' in pipeline
    assert "{{" not in pipeline
    assert pipeline.count("{") == pipeline.count("}")


def test_promtail_sends_logs_to_the_management_cluster() -> None:
    (client,) = values("promtail", "ithaca", log_collector="promtail")["config"]["clients"]
    assert client == {
        "url": LOGS,
        "external_labels": {"cluster": "ithaca"},
        "tls_config": {"ca_file": "/etc/homelab/ca.crt"},
    }


def test_prometheus_sends_metrics_to_the_management_cluster() -> None:
    prometheus = values("kube-prometheus-stack", "ithaca")["prometheus"]["prometheusSpec"]
    assert prometheus["remoteWrite"] == [
        {"url": METRICS, "tlsConfig": {"ca": {"configMap": {"name": "homelab-root-ca", "key": "ca.crt"}}}}
    ]
    assert prometheus["externalLabels"] == {"cluster": "ithaca"}


def test_prometheus_sees_every_monitor_of_the_cluster() -> None:
    prometheus = values("kube-prometheus-stack")["prometheus"]["prometheusSpec"]
    selectors = {key for key, value in prometheus.items() if key.endswith("SelectorNilUsesHelmValues") and not value}
    assert len(selectors) == 5


@pytest.mark.parametrize(
    ("name", "settings"),
    [("alloy", {}), ("promtail", {"log_collector": "promtail"}), ("kube-prometheus-stack", {})],
)
def test_senders_wait_for_the_root_ca_that_they_mount(name: str, settings: dict[str, str]) -> None:
    assert "trust-manager-configs" in addon(name, **settings).controllers.needs


@pytest.mark.parametrize("name", ["alloy", "promtail"])
def test_collectors_mount_the_root_ca(name: str) -> None:
    text = str(values(name, log_collector=name))
    assert "'configMap': {'name': 'homelab-root-ca'}" in text
    assert "'mountPath': '/etc/homelab'" in text


def test_longhorn_keeps_as_many_replicas_as_the_cluster_says() -> None:
    storage = values("longhorn", "ithaca")
    assert storage["defaultSettings"]["defaultReplicaCount"] == 2
    assert storage["persistence"]["defaultClassReplicaCount"] == 2
    assert storage["preUpgradeChecker"] == {"jobEnabled": False}


@pytest.mark.parametrize(
    ("name", "host", "path"),
    [
        ("victoria-metrics", "metrics.k8s.cicci8ino.it", "/api/v1/write"),
        ("victoria-logs", "logs.k8s.cicci8ino.it", "/insert/loki/api/v1/push"),
    ],
)
def test_stores_take_writes_over_tls_and_nothing_else(name: str, host: str, path: str) -> None:
    server = values(name)["server"]
    assert server["fullnameOverride"] == name
    assert server["ingress"]["hosts"] == [{"name": host, "path": [path], "port": "http"}]
    assert server["ingress"]["annotations"] == {"cert-manager.io/cluster-issuer": "cluster-ca"}
    assert server["ingress"]["tls"] == [{"hosts": [host], "secretName": f"{host.split('.', maxsplit=1)[0]}-tls"}]
    assert server["persistentVolume"]["enabled"] is True


def test_grafana_reads_both_stores() -> None:
    sources = values("grafana")["datasources"]["datasources.yaml"]["datasources"]
    assert [(source["type"], source["url"]) for source in sources] == [
        ("prometheus", "http://victoria-metrics.victoria-metrics.svc.cluster.local:8428"),
        ("victoriametrics-logs-datasource", "http://victoria-logs.victoria-logs.svc.cluster.local:9428"),
    ]
    assert sources[0]["isDefault"] is True
    assert values("grafana")["plugins"] == ["victoriametrics-logs-datasource"]


def test_grafanas_administrator_comes_from_the_vault_with_the_release() -> None:
    (external,) = [item for item in addon("grafana").controllers.objects if item.kind == "ExternalSecret"]
    spec = external.manifest()["spec"]
    assert spec["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": "onepassword"}
    assert spec["data"] == [
        {"secretKey": "admin-user", "remoteRef": {"key": "grafana", "property": "username"}},
        {"secretKey": "admin-password", "remoteRef": {"key": "grafana", "property": "password"}},
    ]
    assert values("grafana")["admin"]["existingSecret"] == spec["target"]["name"] == "grafana-admin"
    assert "external-secrets-configs" in addon("grafana").controllers.needs


def test_grafana_is_reached_over_tls_under_the_management_domain() -> None:
    grafana = values("grafana")
    assert grafana["ingress"]["hosts"] == ["grafana.k8s.cicci8ino.it"]
    assert grafana["ingress"]["tls"] == [{"hosts": ["grafana.k8s.cicci8ino.it"], "secretName": "grafana-tls"}]
    assert grafana["grafana.ini"]["server"]["root_url"] == "https://grafana.k8s.cicci8ino.it"


def test_only_a_management_cluster_keeps_logs_and_metrics() -> None:
    stores = {"victoria-metrics", "victoria-logs", "grafana"}
    assert stores <= names("odyssey")
    assert stores.isdisjoint(names("ithaca"))
