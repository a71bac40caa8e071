"""Waivers: rules that are known not to hold, each with the reason why that is right."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """One rule that does not count where the waiver is declared; ValueError without a reason.

    Attributes:
        rule: The rule's id.
        reason: Why it is right that the rule does not hold.
        object: The one object that it is for, `Kind namespace/name`; everything when empty.
    """

    rule: str
    reason: str
    object: str = ""

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError(f"the waiver of {self.rule} gives no reason")
