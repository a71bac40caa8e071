"""Addresses and ranges of them, of either IP version."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self, TypeAlias

from typing_extensions import override

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Consecutive addresses of one IP version, both ends included."""

    first: Address
    last: Address

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `first-last` or a CIDR; ValueError with the likely fix."""
        if "/" in text:
            network = parse_network(text)
            return cls(network[0], network[-1])
        first, dash, last = (part.strip() for part in text.partition("-"))
        if not dash:
            raise ValueError("write a range like 192.168.1.65-192.168.1.126 or a CIDR like 192.168.1.64/26")
        return cls._between(parse_address(first), parse_address(last))

    @classmethod
    def _between(cls, first: Address, last: Address) -> Self:
        if first.version != last.version:
            raise ValueError("use IPv4 or IPv6 on both ends")
        if int(first) > int(last):
            raise ValueError(f"write it the other way round: {last}-{first}")
        return cls(first, last)

    @property
    def version(self) -> int:
        """4 or 6."""
        return self.first.version

    def __contains__(self, address: Address) -> bool:
        same = address.version == self.version
        return same and int(self.first) <= int(address) <= int(self.last)

    def overlaps(self, other: "AddressRange") -> bool:
        """Whether the two share an address."""
        same = self.version == other.version
        return same and int(self.first) <= int(other.last) and int(other.first) <= int(self.last)

    def without(self, *addresses: str) -> "tuple[AddressRange, ...]":
        """What remains around the given addresses, in order."""
        parts, start = [], int(self.first)
        inside = {address for text in addresses if (address := ip_address(text)) in self}
        for taken in sorted(map(int, inside)):
            parts.append((start, taken - 1))
            start = taken + 1
        parts.append((start, int(self.last)))
        make = type(self.first)
        return tuple(AddressRange(make(low), make(high)) for low, high in parts if low <= high)

    @override
    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def parse_address(text: str) -> Address:
    """Read one address; ValueError with the likely fix."""
    try:
        return ip_address(text)
    except ValueError:
        raise ValueError("write an address like 192.168.1.66") from None


def parse_network(text: str) -> Network:
    """Read a CIDR; ValueError with the likely fix."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError("write a CIDR like 192.168.1.64/26") from None
    # Compared as addresses, because IPv6 has many spellings of one network.
    if ip_address(text.partition("/")[0]) != network.network_address:
        raise ValueError(f"it has host bits set; write {network}")
    return network
