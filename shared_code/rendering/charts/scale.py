"""Round numbers for axes: whole ones, and for sizes and durations whole in their own units."""

import math
from collections.abc import Iterable

from shared_code.core.chart import Unit

_MOST_STEPS = 4
_NICE = (1, 2, 5, 10)
_TOPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_KIB = 1024


def known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def round_top(value: float) -> float:
    """The next round number, so that bars of two reports are of comparable length."""
    if value <= 0:
        return 1
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in _TOPS if value <= step * power)


def ticks(highest: float, unit: Unit) -> list[float]:
    """From 0 to at least `highest`, in at most five readable steps."""
    base = _base(highest, unit)
    step = _step(max(highest / base, 1) / _MOST_STEPS)
    count = max(1, math.ceil(round(highest / base / step, 9)))
    return [base * step * n for n in range(count + 1)]


def _step(least: float) -> float:
    power = 10 ** max(0, math.floor(math.log10(least)))
    nice = (2.5, *_NICE) if power > 1 else _NICE
    return min(step * power for step in nice if step * power >= least)


def _base(highest: float, unit: Unit) -> float:
    """What the steps are whole multiples of."""
    match unit:
        case Unit.COUNT:
            return 1
        case Unit.SHARE:
            return 0.01 if highest <= 0.5 else 0.25  # noqa: PLR2004 - then the axis ends at 100 %
        case Unit.SIZE:
            return _size_base(highest)
        case Unit.DURATION:
            return next((b for b in (_DAY, _HOUR) if highest >= 2 * b), _MINUTE)


def _size_base(highest: float) -> float:
    power = max(0, math.floor(math.log(highest, _KIB))) if highest > 0 else 0
    base = float(_KIB**power)
    return base / 2 if power and highest < 4 * base else base
