"""What the numbers must reach, and the table they are printed in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import msgspec


class OutputsDiffer(Exception):
    """Two ways did not compute the same: their speed means nothing."""


@dataclass(frozen=True, slots=True)
class Goal:
    """`quick` leaves generous room for small inputs and noisy neighbours; None: not judged then."""

    limit: float
    quick: float | None
    at_most: bool = False

    def is_reached(self, value: float, *, is_quick: bool) -> bool:
        limit = self.quick if is_quick else self.limit
        return limit is None or (value <= limit if self.at_most else value >= limit)

    def words(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:g}"


def at_least(limit: float, *, quick: float | None) -> Goal:
    return Goal(limit, quick)


def at_most(limit: float, *, quick: float | None) -> Goal:
    return Goal(limit, quick, at_most=True)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table; one value per round, or words where there is no number."""

    section: str
    what: str
    values: tuple[float, ...] = ()
    unit: str = "x"
    goal: Goal | None = None
    words: str = ""

    @property
    def middle(self) -> float:
        return median(self.values)

    def is_good(self, *, is_quick: bool) -> bool:
        return self.goal is None or self.goal.is_reached(self.middle, is_quick=is_quick)


def compared(names: Sequence[str], outcomes: Sequence[object]) -> None:
    """Raises OutputsDiffer."""
    for name, outcome in zip(names, outcomes, strict=True):
        if outcome != outcomes[0]:
            raise OutputsDiffer(f"{name}: {outcome}\n{names[0]}: {outcomes[0]}")


def table(findings: Sequence[Finding], *, is_quick: bool) -> str:
    rows = [("section", "what", "median", "min - max", "goal", "")]
    rows += [_row(finding, is_quick=is_quick) for finding in findings]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    pad: Callable[[str, int], str] = str.ljust
    return "\n".join("  ".join(map(pad, row, widths)).rstrip() for row in rows)


def _row(finding: Finding, *, is_quick: bool) -> tuple[str, ...]:
    values = finding.values
    spread = f"{_short(min(values))} - {_short(max(values))}" if len(values) > 1 else ""
    return (
        finding.section,
        finding.what,
        finding.words or f"{_short(finding.middle)} {finding.unit}",
        spread,
        finding.goal.words() if finding.goal else "",
        _verdict(finding, is_quick=is_quick),
    )


def _verdict(finding: Finding, *, is_quick: bool) -> str:
    if finding.goal is None or (is_quick and finding.goal.quick is None):
        return ""
    return "met" if finding.is_good(is_quick=is_quick) else "MISSED"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004
