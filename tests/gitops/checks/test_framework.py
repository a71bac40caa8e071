"""Rules, their severity, waivers and reports."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from gitops.checks import ALL_RULES
from gitops.checks.finding import findings
from gitops.checks.page import meaning
from gitops.checks.report import Report, project_report, report, unused_waivers
from gitops.checks.rule import PlatformRule, problems, project_rule, rule
from gitops.cluster import WaiverChoice
from gitops.errors import Problem, Severity, Violation
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.profile import POLICIES
from gitops.substitution import substitute
from gitops.waiver import Waiver
from tests.support.platforms import SEED, addon, widget, with_addons
from tests.support.stacks import variant

KEY = ObjectKey("example.org", "Widget", "widgets", "x")


@rule("test/widgets")
def no_widgets(_platform: Platform) -> Iterator[Violation]:
    """Widgets break."""
    yield Violation(what="w", fix="f", object=KEY, field="spec.a", source="addons/network/a.py:1")


@rule("test/gates", closed_by="health-gates")
def gates(_platform: Platform) -> Iterator[Violation]:
    yield Violation(what="g", fix="f", field="homelab:profile")


@project_rule("test/names")
def names(platforms: Mapping[str, Platform]) -> Iterator[Violation]:
    yield Violation(what=" ".join(platforms), fix="f", field="homelab:cluster_vars", source="Pulumi.b.yaml")


def with_waivers(*waivers: Waiver) -> Platform:
    return with_addons(replace(addon("a"), waivers=waivers), platform=with_config())


def with_config(*waivers: WaiverChoice) -> Platform:
    return replace(SEED, cluster=SEED.cluster.model_copy(update={"waivers": waivers}))


def test_a_problem_carries_object_field_and_source_and_says_them() -> None:
    assert list(problems(SEED, [no_widgets])) == [
        Problem(
            rule="test/widgets",
            where="addons/network/a.py:1: Widget widgets/x: spec.a",
            what="w",
            fix="f",
            severity=Severity.ERROR,
            object=KEY,
            field="spec.a",
            source="addons/network/a.py:1",
        )
    ]


@pytest.mark.parametrize(
    ("profile", "severity"),
    [
        ("strict", Severity.ERROR),
        ("seed", Severity.WARNING),
        ({"use": "strict", "without": ["health-gates"]}, Severity.WARNING),
        ({"use": "strict", "without": ["releases"]}, Severity.ERROR),
    ],
)
def test_a_rule_that_a_policy_closes_is_an_error_just_with_that_policy(profile: object, severity: Severity) -> None:
    (problem,) = problems(replace(SEED, cluster=variant(profile=profile)), [gates])
    assert problem.severity is severity
    assert problem.fix.endswith("the policy health-gates of profile strict does it") is (severity is Severity.WARNING)


def test_what_cannot_be_substituted_stops_no_other_rule() -> None:
    @rule("test/stopped")
    def stopped(platform: Platform) -> Iterator[Violation]:
        substitute(widget("x", a="${nope}").manifest(), platform.values)
        yield Violation(what="never", fix="f")

    assert [problem.rule for problem in problems(SEED, [stopped, no_widgets])] == ["test/widgets"]


def test_warnings_are_no_errors() -> None:
    assert report(SEED, [gates]).errors == ()
    assert len(report(SEED, [gates, no_widgets]).errors) == 1


@pytest.mark.parametrize(
    ("waiver", "waived"),
    [
        (Waiver(rule="test/widgets", reason="r"), True),
        (Waiver(rule="test/widgets", reason="r", object="Widget widgets/x"), True),
        (Waiver(rule="test/widgets", reason="r", object="Widget widgets/y"), False),
        (Waiver(rule="test/gates", reason="r"), False),
    ],
)
def test_an_addon_waives_a_rule_for_what_it_declares(waiver: Waiver, waived: bool) -> None:  # noqa: FBT001 — a table
    found = report(with_waivers(waiver), [no_widgets])
    assert (len(found.problems), len(found.waived)) == ((0, 1) if waived else (1, 0))


def test_an_addon_waives_nothing_for_others() -> None:
    other = replace(addon("b"), waivers=(Waiver(rule="test/widgets", reason="r"),))
    assert report(with_addons(other), [no_widgets]).waived == ()


def test_a_stack_waives_a_rule_everywhere_or_for_one_object() -> None:
    everywhere = with_config(WaiverChoice(rule="test/widgets", reason="r"))
    one = with_config(WaiverChoice(rule="test/widgets", reason="r", object="Widget widgets/y"))
    assert len(report(everywhere, [no_widgets]).waived) == 1
    assert len(report(one, [no_widgets]).waived) == 0


def test_a_waiver_gives_a_reason() -> None:
    with pytest.raises(ValueError, match="the waiver of a/b gives no reason"):
        Waiver(rule="a/b", reason=" ")


def test_a_waiver_that_waives_nothing_is_a_finding() -> None:
    platform = with_waivers(Waiver(rule="test/widgets", reason="r"), Waiver(rule="test/nothing", reason="old"))
    found = report(platform, [no_widgets])
    (problem,) = unused_waivers(platform, found)
    assert (problem.rule, problem.severity) == ("waivers/unused", Severity.WARNING)
    assert problem.what == "nothing violates test/nothing, which is waived: old"
    assert problem.where == "addons/network/a.py:1"


def test_an_unused_waiver_of_a_stack_names_the_key() -> None:
    platform = with_config(WaiverChoice(rule="test/nothing", reason="old"))
    (problem,) = unused_waivers(platform, report(platform, []))
    assert problem.where == "homelab:waivers"


def test_any_stack_waives_a_rule_of_all_stacks() -> None:
    waiving = with_config(WaiverChoice(rule="test/names", reason="r"))
    assert project_report({"a": SEED, "b": SEED}, [names]).problems[0].what == "a b"
    assert len(project_report({"a": SEED, "b": waiving}, [names]).waived) == 1


def test_the_same_problem_of_two_stacks_is_one_finding() -> None:
    found = findings({"a": report(SEED, [no_widgets]), "b": report(SEED, [no_widgets, gates])}, Report(problems=()))
    assert [(item.problem.rule, item.stacks) for item in found] == [
        ("test/widgets", ("a", "b")),
        ("test/gates", ("b",)),
    ]


def test_families_with_errors_come_first_and_what_is_waived_last() -> None:
    def of(name: str, severity: Severity = Severity.ERROR) -> Problem:
        return Problem(rule=name, where="", what="", fix="", severity=severity)

    warning = Severity.WARNING
    waived = report(with_waivers(Waiver(rule="test/widgets", reason="r")), [no_widgets]).waived
    listed = Report(problems=(of("a/1", warning), of("b/1", warning), of("b/2"), of("c/1")), waived=waived)
    found = findings({"x": listed}, Report(problems=(of("d/1"),)))
    assert [item.problem.rule for item in found] == ["b/2", "b/1", "c/1", "d/1", "a/1", "test/widgets"]
    assert [item.reason for item in found] == [None] * 5 + ["r"]
    assert found[3].stacks == ()


def test_the_meaning_of_a_rule_names_the_policy_that_closes_it() -> None:
    assert meaning(no_widgets) == "error"
    assert meaning(gates) == "error under the policy health-gates, warning without it"


def test_a_rule_without_a_docstring_has_no_text() -> None:
    assert (no_widgets.text, gates.text) == ("Widgets break.", "")


def test_ids_are_unique() -> None:
    ids = [item.id for item in ALL_RULES]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("item", ALL_RULES, ids=lambda item: item.id)
def test_every_rule_says_what_goes_wrong_without_it(item: PlatformRule) -> None:
    family, _, name = item.id.partition("/")
    assert family == item.family
    assert name
    assert item.text
    assert item.closed_by in {None, *POLICIES}
