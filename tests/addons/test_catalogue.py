"""All add-ons together: named, placed, pinned, and switched on and off."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from addons import catalogue
from addons.catalogue import INFRA, KNOWN, LOGGING, NETWORK, SECRETS, platform, seed
from gitops.addon import Addon
from gitops.chart import Chart
from gitops.errors import PlatformError
from gitops.objects import Namespace
from tests.support.addons import names
from tests.support.stacks import ROOT, shipped, variant

FUNCTIONS = {**NETWORK, **SECRETS, **INFRA, **LOGGING}
ADDON_FILES = sorted(
    path for path in (ROOT / "addons").glob("*/*.py") if "VERSION: Final" in path.read_text(encoding="utf-8")
)
# Rules for each combination that is not merely left out.
NEEDED_BY = {
    "cert-manager": "trust-manager",
    "trust-manager": "alloy",
    "1password-connect": "external-secrets",
    "external-secrets": "grafana",
    "metallb": "nothing hands out",
}


def test_there_are_fifteen_addons() -> None:
    assert len(KNOWN.addons) == len(FUNCTIONS) == len(ADDON_FILES) == 15


@pytest.mark.parametrize("settings", [{}, {"log_collector": "promtail"}, {"network": {"load_balancer": "cilium"}}])
def test_an_addon_is_called_as_in_the_catalogue(settings: dict[str, Any]) -> None:
    cluster = variant(**settings)
    built = {name: function(cluster) for name, function in FUNCTIONS.items()}
    assert all(item.name == name for name, item in built.items() if item)
    bundles = {bundle.name for item in built.values() if item for bundle in item.bundles}
    assert all(bundle.rpartition("-")[2] in {"controllers", "configs"} for bundle in bundles)


@pytest.mark.parametrize("name", KNOWN.addons)
def test_an_addon_that_is_switched_off_is_gone_or_missed_by_name(name: str) -> None:
    off = {name: {"enabled": False}}
    if name in NEEDED_BY:
        with pytest.raises(PlatformError) as caught:
            platform(variant(addons=off))
        assert any(problem.what.startswith(NEEDED_BY[name]) for problem in caught.value.problems)
        assert any(f"homelab:addons.{name}.enabled" in problem.fix for problem in caught.value.problems)
    else:
        assert names(addons=off) == names() - {name}


def test_every_addon_owns_its_namespace_and_shares_it_with_none() -> None:
    homes = {item.name: _namespaces(item) for item in seed(shipped("odyssey")).addons}
    assert homes.pop("cilium") == []
    assert all(len(home) == 1 for home in homes.values())
    assert len({home for (home,) in homes.values()}) == len(homes)


def _namespaces(item: Addon) -> list[str]:
    return [part.metadata.name for part in item.controllers.objects if isinstance(part, Namespace)]


def test_everything_in_a_bundle_lives_in_the_addons_namespace() -> None:
    for item in seed(shipped("odyssey")).addons:
        found = {part.metadata.namespace for bundle in item.bundles for part in bundle.objects} - {None}
        assert len(found) == 1, item.name


def test_an_addon_names_the_line_of_its_declaration() -> None:
    for item in platform(shipped("odyssey")).addons:
        file, _, line = item.declared_at.partition(":")
        text = (ROOT / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert text.startswith("def ")


def test_every_function_says_what_it_installs() -> None:
    assert all(inspect.getdoc(function) for function in FUNCTIONS.values())
    assert catalogue.__doc__


def _managers() -> list[re.Pattern[str]]:
    renovate = json.loads((ROOT / "renovate.json").read_text(encoding="utf-8"))
    patterns = [text for manager in renovate["customManagers"] for text in manager["matchStrings"]]
    return [re.compile(text.replace("(?<", "(?P<")) for text in patterns]


@pytest.mark.parametrize("path", ADDON_FILES, ids=lambda path: path.stem)
def test_renovate_finds_the_pin_of_every_chart(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pins = [match.groupdict() for manager in _managers() for match in manager.finditer(text)]
    (pin,) = [pin for pin in pins if f'VERSION: Final = "{pin["currentValue"]}"' in text]
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", pin["currentValue"])
    (chart,) = _charts(path)
    assert chart.version == pin["currentValue"]
    if pin["datasource"] == "docker":
        assert f"oci://{pin['depName']}" == f"{chart.repository}/{chart.name}"
    else:
        assert (pin["datasource"], pin["registryUrl"], pin["depName"]) == ("helm", chart.repository, chart.name)


def _charts(path: Path) -> list[Chart]:
    module = __import__(f"addons.{path.parent.name}.{path.stem}", fromlist=["CHART"])
    return [value for name, value in vars(module).items() if name == "CHART" and isinstance(value, Chart)]


def test_renovate_finds_the_websites_image() -> None:
    text = (ROOT / "Pulumi.odyssey.yaml").read_text(encoding="utf-8")
    (found,) = [match.groupdict() for manager in _managers() for match in manager.finditer(text)]
    assert found["depName"] == "docker.io/nginxinc/nginx-unprivileged"
    assert found["currentValue"] == "1.29-alpine"
    assert found["currentDigest"].startswith("sha256:")


def test_a_layer_that_installs_nothing_is_left_out_and_the_next_follows_the_one_before() -> None:
    built = platform(
        variant(
            addons={
                "1password-connect": {"enabled": False},
                "external-secrets": {"enabled": False},
                "grafana": {"enabled": False},
            },
            profile="seed",
        )
    )
    layers = {layer.name: layer for layer in built.layers}
    assert list(layers) == ["common-configs", "network", "infra", "log"]
    assert layers["infra"].follows == "network"
    assert layers["infra"].reconciliation.depends_on == ("network-reconciliation",)
