"""Durations print as Flux's CRDs want them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.duration import Duration


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (Duration.hours(1), "1h"),
        (Duration.minutes(5), "5m"),
        (Duration.seconds(90), "1m30s"),
        (Duration.minutes(90), "1h30m"),
        (Duration(1500), "1s500ms"),
        (Duration(0), "0s"),
    ],
)
def test_a_duration_prints_in_the_largest_units(duration: Duration, text: str) -> None:
    assert str(duration) == text


@pytest.mark.parametrize("text", ["", "1", "h", "1d", "1h ", "-1m", "1.5h", "1h30", "m1"])
def test_text_that_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration like 1h, 5m or 30s"):
        Duration.parse(text)


def test_durations_add_and_compare() -> None:
    assert Duration.minutes(59) + Duration.seconds(60) == Duration.hours(1)
    assert max(Duration.minutes(5), Duration.hours(1)) == Duration.hours(1)


@given(st.integers(min_value=0, max_value=10**12))
def test_what_is_printed_parses_back(milliseconds: int) -> None:
    assert Duration.parse(str(Duration(milliseconds))) == Duration(milliseconds)
