"""Which variables there are, and who carries them."""

from gitops.variables import CLUSTER_VARS, DERIVED_VARS, layer_values, with_variables
from tests.support.platforms import addon, small, widget


def test_only_derived_variables_that_are_used_have_a_config_map() -> None:
    with_one = with_variables(small(addon("a", widget("x", host="${api_host}"))))
    assert {item.metadata.name: len(item.data) for item in with_one.variables} == {CLUSTER_VARS: 7, DERIVED_VARS: 1}
    with_none = with_variables(small(addon("a", widget("x", host="${domain}"))))
    assert [item.metadata.name for item in with_none.variables] == [CLUSTER_VARS]


def test_a_layers_own_kustomization_knows_no_derived_variables() -> None:
    platform = with_variables(small(addon("a", widget("x", host="${api_host}"))))
    (layer,) = platform.layers
    assert layer_values(platform, layer).keys() == platform.cluster.cluster_vars.as_data().keys()
