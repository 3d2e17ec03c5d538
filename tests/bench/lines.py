"""A line of the door's table: what was measured, beside its target."""

from collections.abc import Sequence
from typing import NamedTuple

WIDE = 74


class Line(NamedTuple):
    """`holds` is None where there is no target."""

    what: str
    measured: str = ""
    target: str = ""
    holds: bool | None = None
    wrong: bool = False  # not slow, but not what should have been answered

    @classmethod
    def heading(cls, what: str) -> "Line":
        return cls(f"\n{what}")

    @classmethod
    def against(
        cls, what: str, values: Sequence[float], *, p50: float | None = None, p95: float | None = None
    ) -> "Line":
        """Milliseconds against a target for their median, for the 95th of a hundred, or for both."""
        bounds = {0.5: p50, 0.95: p95}
        target = ", ".join(f"p{share * 100:.0f} <= {most:.0f} ms" for share, most in bounds.items() if most)
        holds = all(share_of(values, share) <= most for share, most in bounds.items() if most) if values else False
        return cls(what, milliseconds(values), target, holds)

    @classmethod
    def at_most(cls, what: str, value: float, most: float | None = None, unit: str = "B") -> "Line":
        told = f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
        if most is None:
            return cls(what, told)
        return cls(what, told, f"<= {most:,.0f} {unit}", value <= most)

    @classmethod
    def at_least(cls, what: str, value: float, least: float, unit: str) -> "Line":
        return cls(what, f"{value:,.0f} {unit}", f">= {least:,.0f} {unit}", value >= least)

    def __str__(self) -> str:
        met = {None: "", True: "met", False: "MISSED"}[self.holds]
        return f"{self.what:{WIDE}}{self.measured:>24}  {self.target:28}{met}".rstrip()


def share_of(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def milliseconds(values: Sequence[float]) -> str:
    return f"{share_of(values, 0.5):.0f} / {share_of(values, 0.95):.0f} ms" if values else "nothing"
