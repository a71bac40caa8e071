"""The GitOps tree: complete, the same bytes everywhere, and the same for clusters that chose the same."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from addons.catalogue import platform
from gitops.addon import Addon, configs, controllers
from gitops.objects import Metadata, Unstructured
from gitops.rendering import bundle_manifests, is_substituted, tree
from tests.golden import golden
from tests.support.platforms import addon, small, thing
from tests.support.stacks import PROFILES, ROOT, STACKS, shipped, stack_config, variant

PROGRAM = """
import sys
from addons.catalogue import platform
from gitops.rendering import tree
from tests.support.stacks import shipped
for name, text in tree(platform(shipped("odyssey"))).items():
    sys.stdout.buffer.write(f"{name}\\n{text}".encode())
"""


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("stack", STACKS)
def test_the_tree_is_the_golden_one(stack: str, profile: str) -> None:
    files = tree(platform(shipped(stack, profile=profile)))
    text = "".join(f"# {name}\n{content}" for name, content in files.items())
    assert text == golden(f"trees/{stack}-{profile}.yaml", text)


@pytest.mark.parametrize("stack", STACKS)
def test_overlays_and_paths_name_files_that_exist(stack: str) -> None:
    files = tree(platform(shipped(stack)))
    for name, text in files.items():
        for document in yaml.safe_load_all(text):
            folder = name.rpartition("/")[0]
            assert all(f"{folder}/{resource}" in files for resource in document.get("resources", ()))
            path = str(document.get("spec", {}).get("path", "./")).removeprefix("./")
            assert any(file.startswith(path) for file in files)


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "7", "LC_ALL": "C", "LANG": "C", "TZ": "Asia/Tokyo"}],
)
def test_the_tree_is_the_same_under_any_hash_seed_locale_and_folder(
    environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), **environment},
        check=True,
        capture_output=True,
    )
    expected = "".join(f"{name}\n{text}" for name, text in tree(platform(shipped("odyssey"))).items())
    assert done.stdout.decode() == expected


def test_clusters_that_chose_the_same_share_every_file_but_the_common_configs() -> None:
    other = {
        "cluster_name": "calypso",
        "dns_ip": "192.168.30.10",
        "ingress_ip": "192.168.30.20",
        "domain": "calypso.example.org",
        "mgmt_domain": "mgmt.example.org",
        "load_balancer_pool": "192.168.30.0/27",
        "storage_replica": "3",
    }
    network = {"api_host": "api.calypso.example.org"}
    one, two = (
        tree(platform(shipped("odyssey"))),
        tree(platform(variant(cluster_vars=other, network=network))),
    )
    assert {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)} == {
        "common/configs/configmap.yaml"
    }


def test_an_api_host_of_its_own_becomes_a_variable() -> None:
    network = {"api_host": "kubernetes.example.org", "pod_cidr": "10.244.0.0/16"}
    planned = platform(variant(network=network))
    text = tree(planned)["common/network/cilium/controllers/helmrelease.yaml"]
    assert "k8sServiceHost: ${api_host}" in text
    assert "- ${pod_cidr}" in text
    assert planned.values["api_host"] == "kubernetes.example.org"


def widget(text: str) -> Unstructured:
    return Unstructured(
        api_version="example.org/v1",
        kind="Widget",
        metadata=Metadata(name="x"),
        fields={"spec": {"text": text}},
    )


def test_a_dollar_is_written_as_flux_will_read_it() -> None:
    """Where nothing is substituted `$$` would stay, so it is resolved; where something is, Flux resolves it."""
    untouched = controllers("a", widget("cost $${1}"))
    substituted = controllers("a", widget("cost $${1} in ${domain}"))
    assert not is_substituted(untouched)
    assert is_substituted(substituted)
    carrier = replace(untouched.reconciliation, substitute={"revision": "r1"})
    assert is_substituted(replace(untouched, reconciliation=carrier))
    assert bundle_manifests(untouched)[0]["spec"]["text"] == "cost ${1}"
    assert bundle_manifests(substituted)[0]["spec"]["text"] == "cost $${1} in ${domain}"


def test_objects_of_one_kind_share_a_file() -> None:
    files = tree(platform(shipped("odyssey")))
    assert files["common/network/metallb/configs/ipaddresspool.yaml"].count("kind: IPAddressPool") == 2


def test_an_object_of_the_kind_kustomization_is_not_written_where_kustomize_reads_its_overlay() -> None:
    files = tree(small(addon("a", thing("Kustomization", "b", "kustomize.toolkit.fluxcd.io"))))
    assert [name for name in files if name.startswith("common/network/a/controllers/")] == [
        "common/network/a/controllers/flux-kustomization.yaml"
    ]


def test_a_mirror_replaces_the_base_of_every_source_and_keeps_its_kind() -> None:
    files = tree(platform(variant(charts={"mirror": "http://10.9.8.7:5000/charts"})))
    oci = yaml.safe_load(files["common/network/nginx/controllers/ocirepository.yaml"])["spec"]
    index = yaml.safe_load(files["common/network/metallb/controllers/helmrepository.yaml"])["spec"]
    assert (oci["url"], oci["insecure"]) == ("oci://10.9.8.7:5000/charts/nginx-ingress", True)
    assert index["url"] == "http://10.9.8.7:5000/charts"
    text = "".join(files.values())
    assert "ghcr.io/nginx" not in text


@pytest.mark.parametrize("scheme", ["https", "oci"])
def test_a_mirror_over_tls_serves_both_kinds(scheme: str) -> None:
    files = tree(platform(variant(charts={"mirror": f"{scheme}://charts.example.org/mirror/"})))
    oci = yaml.safe_load(files["common/network/nginx/controllers/ocirepository.yaml"])["spec"]
    index = yaml.safe_load(files["common/network/metallb/controllers/helmrepository.yaml"])["spec"]
    assert oci["url"] == "oci://charts.example.org/mirror/nginx-ingress"
    assert "insecure" not in oci
    assert index["url"] == "https://charts.example.org/mirror"


def test_values_of_the_stack_are_merged_over_the_addons() -> None:
    values = {"controller": {"replicaCount": 3, "service": {"externalTrafficPolicy": "Cluster"}}}
    files = tree(platform(variant(addons={"nginx": {"values": values}})))
    release = yaml.safe_load(files["common/network/nginx/controllers/helmrelease.yaml"])["spec"]["values"]
    assert release["controller"]["replicaCount"] == 3
    assert release["controller"]["service"]["externalTrafficPolicy"] == "Cluster"
    assert release["controller"]["service"]["type"] == "LoadBalancer"


def test_a_list_in_values_replaces_the_addons_list() -> None:
    values: dict[str, dict[str, list[str]]] = {"controller": {"tolerations": []}}
    files = tree(platform(variant(addons={"alloy": {"values": values}})))
    release = yaml.safe_load(files["common/infra/alloy/controllers/helmrelease.yaml"])["spec"]["values"]
    assert release["controller"]["tolerations"] == []


def test_an_addon_lists_its_bundles_in_order() -> None:
    item = Addon(name="a", controllers=controllers("a"), configs=configs("a"))
    assert [bundle.name for bundle in item.bundles] == ["a-controllers", "a-configs"]
    assert stack_config("odyssey")["homelab:management"] is True
