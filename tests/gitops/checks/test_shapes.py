"""Rules say what is wrong with values of any shape; they never break on one."""

from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from gitops.addon import Addon
from gitops.chart import Chart
from gitops.checks import safety, secrets, sources
from gitops.checks.rule import problems
from gitops.objects import Metadata, Unstructured
from gitops.secrets.plan import secrets_plan
from tests.support.platforms import addon, with_addons

RULES: Final = (*sources.RULES, *secrets.RULES, *safety.RULES)
KEYS: Final = (
    *("secretName", "existingSecret", "secretRef", "secret", "configMap", "tokenSecretRef", "imagePullSecrets"),
    *("valuesFrom", "substituteFrom", "items", "key", "name", "namespace", "kind", "optional", "create", "enabled"),
    *("tls", "hosts", "annotations", "cert-manager.io/issuer", "data", "target", "secretStoreRef", "remoteRef"),
    *("issuerRef", "acme", "privateKeySecretRef", "postBuild", "template", "spec", "volumes", "hostPath", "values"),
    *("containers", "securityContext", "capabilities", "add", "ports", "hostPort", "password", "dataFrom", "extract"),
    *("alloy", "mounts", "varlog", "admin", "provider", "onepassword", "vaults", "jobTemplate", "stringData"),
)
SCALARS: Final = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["Secret", "a/b"])
VALUES: Final = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
KINDS: Final = ("Secret", "ConfigMap", "ExternalSecret", "Certificate", "ClusterIssuer", "Issuer", "Ingress", "Bundle")
PODS: Final = ("Pod", "Deployment", "CronJob", "Kustomization", "Widget", "ClusterSecretStore")
FIELDS: Final = st.dictionaries(st.sampled_from(["spec", "data", "stringData"]), VALUES, max_size=2)


def declared(kind: str, fields: dict[str, Any]) -> Addon:
    metadata = Metadata(name="a", namespace="x")
    return addon("a", Unstructured(api_version="example.org/v1", kind=kind, metadata=metadata, fields=fields))


@given(kind=st.sampled_from([*KINDS, *PODS]), fields=FIELDS)
def test_objects_of_any_shape_are_read(kind: str, fields: dict[str, Any]) -> None:
    platform = with_addons(declared(kind, fields))
    assert all(problem.what for problem in problems(platform, RULES))
    assert secrets_plan(platform).cluster == "odyssey"


@given(values=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_chart_values_of_any_shape_are_read(values: dict[str, Any]) -> None:
    chart = Chart(name="alloy", version="1.2.3", repository="oci://charts.example.org")
    platform = with_addons(addon("a", *chart.release("a", namespace="x", values=values)))
    assert all(problem.what for problem in problems(platform, RULES))
    assert secrets_plan(platform).cluster == "odyssey"
