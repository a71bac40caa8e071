"""What a chart mirror must hold, and the commands that bring it there."""

from dataclasses import replace

from addons.catalogue import platform, seed
from gitops.addon import Addon, controllers
from gitops.chart import Chart, chart_of, merged, mirrored
from gitops.flux import HelmRepository, OCIRepository
from gitops.mirror import mirror_of
from gitops.platform import Platform
from tests.support.stacks import variant

MIRROR = "https://mirror.example.org/charts"
INDEXED = Chart(name="metallb", version="0.16.1", repository="https://metallb.github.io/metallb")
ARTIFACT = Chart(name="alloy", version="1.0.0+a", repository="oci://ghcr.io/grafana/helm-charts")


def _addon(name: str, chart: Chart | None) -> Addon:
    objects = chart.release(name, namespace=name, values={}) if chart else ()
    return Addon(name=name, controllers=controllers(name, *objects))


def _platform(*addons: Addon) -> Platform:
    bare = seed(variant())
    return replace(bare, layers=(replace(bare.layers[0], addons=addons),))


def _commands(mirror: str | None, *charts: Chart) -> list[str]:
    platform = _platform(*(_addon(f"a{number}", chart) for number, chart in enumerate(charts)))
    return list(mirror_of(platform, mirror).commands)


def test_every_chart_keeps_its_kind_and_gets_a_place_below_the_base() -> None:
    found = mirror_of(_platform(_addon("balancer", INDEXED), _addon("logs", ARTIFACT)), MIRROR)
    first, second = found.charts
    assert (found.cluster, found.mirror) == ("odyssey", MIRROR)
    assert (first.addon, first.name, first.version) == ("balancer", "metallb", "0.16.1")
    assert (first.kind, first.source, first.target) == ("HelmRepository", INDEXED.repository, MIRROR)
    assert (second.kind, second.source) == ("OCIRepository", "oci://ghcr.io/grafana/helm-charts/alloy")
    assert second.target == "oci://mirror.example.org/charts/alloy"


def test_places_are_those_that_flux_is_told() -> None:
    wanted = [chart.target for chart in mirror_of(seed(variant()), MIRROR).charts]
    told = seed(variant(charts={"mirror": MIRROR}))
    sources = (item for bundle in told.bundles for item in bundle.objects)
    assert wanted == [item.spec.url for item in sources if isinstance(item, HelmRepository | OCIRepository)]


def test_an_addon_without_a_chart_needs_no_mirror() -> None:
    assert mirror_of(_platform(_addon("bare", None)), MIRROR).charts == ()


def test_without_a_mirror_charts_are_only_downloaded() -> None:
    platform = _platform(_addon("balancer", INDEXED), _addon("logs", ARTIFACT))
    assert [chart.target for chart in mirror_of(platform, None).charts] == [None, None]
    assert _commands(None, INDEXED, ARTIFACT) == [
        "mkdir -p charts",
        "helm pull metallb --repo https://metallb.github.io/metallb --version 0.16.1 --destination charts",
        "helm pull oci://ghcr.io/grafana/helm-charts/alloy --version 1.0.0+a --destination charts",
    ]


def test_artifacts_are_copied_and_an_index_is_made_of_downloads() -> None:
    assert _commands(MIRROR, INDEXED, ARTIFACT) == [
        "oras copy ghcr.io/grafana/helm-charts/alloy:1.0.0_a mirror.example.org/charts/alloy:1.0.0_a",
        "mkdir -p charts",
        "helm pull metallb --repo https://metallb.github.io/metallb --version 0.16.1 --destination charts",
        "helm repo index charts",
    ]


def test_a_mirror_of_artifacts_alone_needs_no_index() -> None:
    (command,) = _commands(MIRROR, ARTIFACT)
    assert command.startswith("oras copy ")


def test_a_mirror_without_tls_is_copied_to_without_it() -> None:
    (command,) = _commands("http://10.9.8.7:5000", ARTIFACT)
    original, copy = "ghcr.io/grafana/helm-charts/alloy:1.0.0_a", "10.9.8.7:5000/alloy:1.0.0_a"
    assert command == f"oras copy --to-plain-http {original} {copy}"


def test_a_chart_of_two_addons_is_copied_once() -> None:
    assert len(_commands(MIRROR, ARTIFACT, ARTIFACT)) == 1
    assert len(_commands(None, INDEXED, INDEXED)) == 2


def test_a_mirrored_release_still_names_its_chart() -> None:
    told = seed(variant(charts={"mirror": MIRROR}))
    (metallb,) = [addon for addon in told.addons if addon.name == "metallb"]
    assert chart_of(metallb.controllers.objects) == Chart(name="metallb", version="0.16.1", repository=MIRROR)


def test_what_pulumi_installs_is_in_the_mirror_too() -> None:
    made = platform(variant(bootstrap="install"))
    found = {chart.name: chart for chart in mirror_of(made, MIRROR).charts if chart.addon == "bootstrap"}
    assert found.keys() == {"flux-operator", "cilium"}
    assert found["flux-operator"].target == "oci://mirror.example.org/charts/flux-operator"
    assert any("flux-operator" in command for command in mirror_of(made, MIRROR).commands)


def test_a_mirror_without_tls_has_an_index_of_what_pulumi_installs() -> None:
    made = platform(variant(bootstrap="install"))
    found = mirror_of(made, "http://mirror.example.org/charts")
    (operator,) = (chart for chart in found.charts if chart.name == "flux-operator")
    assert (operator.kind, operator.target) == ("HelmRepository", "http://mirror.example.org/charts")
    pulled = [command for command in found.commands if command.startswith("helm pull oci://")]
    assert {command.split()[2].rpartition("/")[2] for command in pulled} == {"flux-operator", "cilium"}


def test_an_artifact_of_a_mirror_without_tls_is_read_without_it() -> None:
    source = next(item for item in ARTIFACT.release("a", namespace="a", values={}) if isinstance(item, OCIRepository))
    plain, secure = (mirrored(source, f"{scheme}://mirror.example.org") for scheme in ("http", "https"))
    assert (plain.manifest()["spec"]["insecure"], secure.manifest()["spec"].get("insecure")) == (True, None)


def test_values_are_merged_where_both_are_mappings_and_replaced_elsewhere() -> None:
    assert merged({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}) == {"a": {"b": 1, "c": 3}}
    assert merged({"a": {"b": 1}}, {"a": "text"}) == {"a": "text"}
    assert merged({"a": "text"}, {"a": {"b": 1}}) == {"a": {"b": 1}}
