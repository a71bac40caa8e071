"""Whatever stands in a config, the answer is a cluster, or problems that say where, what and how to mend it."""

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from addons.catalogue import KNOWN, platform
from gitops.cluster import Cluster
from gitops.config import parse_config, parse_stack
from gitops.errors import ConfigError, GitOpsError
from tests.support.stacks import stack_config, stack_text

ODD_TEXT = st.sampled_from(["", "${domain}", "$$", "\x00", "\x1b[31m", "a" * 5000, "-", "\u0661", "null", "1.2.3.4/99"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | ODD_TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


def paths(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [path]
    return [path, *(found for key, item in value.items() for found in paths(item, (*path, key)))]


def replaced(value: Any, path: tuple[str, ...], new: Any) -> Any:
    if not path:
        return new
    return {**value, path[0]: replaced(value[path[0]], path[1:], new)}


def explained(error: GitOpsError) -> None:
    """Every problem is complete, short, and safe to print."""
    assert error.problems
    for problem in error.problems:
        assert problem.rule.partition("/")[2]
        assert problem.where
        assert problem.what
        assert problem.fix
        assert problem.what.isprintable()
        assert len(problem.what) < 300


def answer(config: Any) -> Cluster | None:
    """The cluster, or nothing where every problem is explained."""
    try:
        return parse_config(config, source="Pulumi.x.yaml", known=KNOWN)
    except ConfigError as error:
        explained(error)
        return None


@given(st.data())
def test_any_value_in_any_place_is_parsed_or_explained(data: st.DataObject) -> None:
    config = stack_config("odyssey")
    path = data.draw(st.sampled_from([path for path in paths(config) if path]))
    answer(replaced(config, path, data.draw(VALUES)))


@given(st.dictionaries(st.sampled_from([f"homelab:{name}" for name in Cluster.model_fields]), VALUES, max_size=5))
def test_any_values_together_are_parsed_or_explained(config: dict[str, Any]) -> None:
    answer(stack_config("odyssey") | config)


@given(st.text(max_size=300))
def test_any_text_as_a_file_is_parsed_or_explained(text: str) -> None:
    try:
        parse_stack(text, file="Pulumi.x.yaml", known=KNOWN)
    except ConfigError as error:
        explained(error)


@given(st.data())
def test_a_file_with_a_piece_cut_out_or_put_in_is_parsed_or_explained(data: st.DataObject) -> None:
    text = stack_text("odyssey")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    try:
        parse_stack(text[:start] + data.draw(st.text(max_size=10)) + text[end:], file="Pulumi.x.yaml", known=KNOWN)
    except ConfigError as error:
        explained(error)


@given(VALUES)
def test_a_value_reads_the_same_from_the_file_and_from_the_engine(value: Any) -> None:
    config = stack_config("odyssey") | {"homelab:addons": {"longhorn": {"values": {"a": value}}}}
    text = yaml.safe_dump({"config": config})
    try:
        from_file = parse_stack(text, file="Pulumi.x.yaml", known=KNOWN)
    except ConfigError:
        return
    assert from_file == answer(yaml.safe_load(text)["config"])


@given(st.data())
def test_a_cluster_that_parses_makes_a_platform_or_problems(data: st.DataObject) -> None:
    config = stack_config("odyssey")
    path = data.draw(st.sampled_from([path for path in paths(config) if path]))
    cluster = answer(replaced(config, path, data.draw(VALUES)))
    try:
        assert cluster is None or platform(cluster).layers
    except GitOpsError as error:
        explained(error)
