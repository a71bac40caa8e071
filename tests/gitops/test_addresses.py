"""Addresses and ranges of them."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.addresses import AddressRange, parse_network


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"),
        ("10.0.0.1 - 10.0.0.9", "10.0.0.1-10.0.0.9"),
        ("10.0.0.8/29", "10.0.0.8-10.0.0.15"),
        ("10.0.0.8/32", "10.0.0.8-10.0.0.8"),
        ("fd00::/126", "fd00::-fd00::3"),
    ],
)
def test_a_range_is_two_addresses_or_a_cidr(text: str, shown: str) -> None:
    assert str(AddressRange.parse(text)) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10.0.0.1", "write a range like 192.168.1.65-192.168.1.126 or a CIDR like 192.168.1.64/26"),
        ("10.0.0.9-10.0.0.1", "write it the other way round: 10.0.0.1-10.0.0.9"),
        ("10.0.0.1-fd00::1", "use IPv4 or IPv6 on both ends"),
        ("10.0.0.1-10.0.0", "write an address like 192.168.1.66"),
        ("10.0.0.1/29", "it has host bits set; write 10.0.0.0/29"),
        ("10.0.0.0/40", "write a CIDR like 192.168.1.64/26"),
    ],
)
def test_a_mistake_says_how_to_mend_it(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        AddressRange.parse(text)


def test_a_network_may_be_spelled_in_any_way_of_ipv6() -> None:
    assert str(parse_network("fd00:0:0::/64")) == "fd00::/64"


@pytest.mark.parametrize(
    ("taken", "remaining"),
    [
        ((), ["10.0.0.1-10.0.0.9"]),
        (("10.0.0.1",), ["10.0.0.2-10.0.0.9"]),
        (("10.0.0.9",), ["10.0.0.1-10.0.0.8"]),
        (("10.0.0.5", "10.0.0.4"), ["10.0.0.1-10.0.0.3", "10.0.0.6-10.0.0.9"]),
        (("10.0.0.3", "10.0.0.6"), ["10.0.0.1-10.0.0.2", "10.0.0.4-10.0.0.5", "10.0.0.7-10.0.0.9"]),
        (("10.0.0.5", "10.0.0.5"), ["10.0.0.1-10.0.0.4", "10.0.0.6-10.0.0.9"]),
        (("10.0.1.5", "fd00::1"), ["10.0.0.1-10.0.0.9"]),
    ],
)
def test_what_remains_around_addresses_is_in_order(taken: tuple[str, ...], remaining: list[str]) -> None:
    assert [str(part) for part in AddressRange.parse("10.0.0.1-10.0.0.9").without(*taken)] == remaining


def test_nothing_remains_of_a_range_that_is_all_taken() -> None:
    assert AddressRange.parse("10.0.0.1-10.0.0.2").without("10.0.0.1", "10.0.0.2") == ()


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("10.0.0.1-10.0.0.9", "10.0.0.9-10.0.0.12", True),
        ("10.0.0.1-10.0.0.9", "10.0.0.10-10.0.0.12", False),
        ("10.0.0.0/8", "10.1.0.0/16", True),
        ("10.0.0.0/8", "fd00::/8", False),
    ],
)
def test_ranges_overlap_when_they_share_an_address(one: str, other: str, overlap: bool) -> None:  # noqa: FBT001 — a table
    first, second = AddressRange.parse(one), AddressRange.parse(other)
    assert first.overlaps(second) == second.overlaps(first) == overlap


def test_an_address_of_the_other_version_is_outside() -> None:
    whole = AddressRange.parse("0.0.0.0/0")
    assert ip_address("fd00::1") not in whole
    assert ip_address("::1") not in whole
    assert not whole.overlaps(AddressRange.parse("::1-::9"))


@given(st.integers(0, 50), st.integers(0, 50), st.sets(st.integers(0, 60), max_size=5))
def test_what_remains_is_the_range_less_the_taken(start: int, length: int, taken: set[int]) -> None:
    first = ip_address("10.0.0.0") + start
    whole = AddressRange.parse(f"{first}-{first + length}")
    parts = whole.without(*(str(ip_address("10.0.0.0") + offset) for offset in taken))
    remaining = [offset for offset in range(120) if any(ip_address("10.0.0.0") + offset in part for part in parts)]
    assert remaining == [offset for offset in range(start, start + length + 1) if offset not in taken]
