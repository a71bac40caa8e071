"""What a platform declares, and where."""

from gitops.declared import DeclaredObject
from tests.support.platforms import SEED, addon, widget, with_addons


def test_an_object_knows_how_the_cluster_gets_it() -> None:
    platform = with_addons(addon("a", widget("x", host="www.${domain}"), widget("y", host="www.${domian}")))
    x, y = (item for item in platform.declared if item.key.kind == "Widget")
    assert x.manifest["spec"] == {"host": "www.${domain}"}
    assert x.substituted["spec"] == {"host": "www.k8s.cicci8ino.it"}
    assert x.refused == ()
    assert y.substituted["spec"] == {"host": "www.${domian}"}
    assert [problem.field for problem in y.refused] == ["spec.host"]


def test_what_has_no_variables_is_applied_as_it_is() -> None:
    item = DeclaredObject(item=widget("x", host="www.${domain}"))
    assert item.substituted == item.manifest


def test_variables_are_not_substituted_themselves() -> None:
    (variables,) = (item for item in SEED.declared if item.key.name == "cluster-vars")
    assert variables.substituted == variables.manifest


def test_a_bundle_knows_its_kustomization_and_its_folder() -> None:
    (bundle,) = (item for item in SEED.declared_bundles if item.bundle.name == "metallb-configs")
    assert str(bundle.key) == "Kustomization flux-system/metallb-configs"
    assert bundle.folder == "common/network/metallb/configs"


def test_what_is_worked_out_is_kept() -> None:
    assert SEED.declared is SEED.declared
    assert SEED.declared[-1].manifest is SEED.declared[-1].manifest
