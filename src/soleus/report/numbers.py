"""How numbers are written on the page and placed on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from soleus.schema.claim_rows import ClaimedInterval
from soleus.schema.values import Interval

__all__ = [
    "between",
    "change",
    "change_between",
    "claimed",
    "figures3",
    "fold_text",
    "group_thousands",
    "is_point",
    "log2_ratio",
    "on_log_axis",
    "on_scale",
    "p_text",
    "percent",
    "ratio_domain",
    "ratio_text",
    "ratio_ticks",
    "signed",
    "thinned",
]

_MINUS = "\u2212"
_NARROW = "\u202f"
_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)


def group_thousands(value: float) -> str:
    """Write a whole number with a narrow space between thousands: ``19 573``."""
    return f"{value:,.0f}".replace(",", _NARROW).replace("-", _MINUS)


_SCALE_UNITS = {"index": "on the ordinal index"}


def figures3(value: float, digits: int = 3) -> str:
    """Write a number with ``digits`` significant figures and no needless exponent.

    >>> figures3(0.0012345), figures3(0.5)
    ('0.00123', '0.5')
    """
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 10 ** (digits - 1):
        return group_thousands(value) if size < 1e7 else _scientific(value, digits)
    if size < 1e-4:
        return _scientific(value, digits)
    places = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", _MINUS)


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
    return f"{mantissa.replace('-', _MINUS)} × 10{raised}"


def ratio_text(value: float) -> str:
    """Write a ratio with two decimals, or with two figures where it is small."""
    size = abs(value)
    if 0.0095 <= size < 100:
        return f"{value:.2f}" if size >= 0.095 else f"{value:.3f}"
    return figures3(value, 2)


def between(interval: Interval) -> str:
    """Write a ratio with its interval: ``0.31 (0.24 to 0.40)``; one that is a point is one number."""
    if is_point(interval):
        return ratio_text(interval.value)
    low, high = ratio_text(interval.low), ratio_text(interval.high)
    return f"{ratio_text(interval.value)} ({low} to {high})"


def on_scale(interval: Interval, scale: str) -> str:
    """Write an interval on its own scale, a ratio or a number of something; level 1 is a range of cases."""
    show, unit = (ratio_text, "") if scale == "ratio" else (figures3, f" {_SCALE_UNITS.get(scale, scale)}")
    if is_point(interval):
        return f"{show(interval.value)}{unit}"
    span = "range " if interval.level >= 1 else ""
    return f"{show(interval.value)}{unit} ({span}{show(interval.low)} to {show(interval.high)})"


def claimed(interval: ClaimedInterval) -> str:
    """Write the values that would make a claim true; those of log-ratios as ratios."""
    logged = interval.scale == "log_ratio"
    bounds = [None if b is None else (math.exp(b) if logged else b) for b in (interval.low, interval.high)]
    low, high = (None if b is None else figures3(b, 2) for b in bounds)
    what = "the ratio is" if interval.scale != "value" else "it is"
    if low is None:
        return f"{what} at most {high}"
    return f"{what} at least {low}" if high is None else f"{what} {low} to {high}"


def is_point(interval: Interval) -> bool:
    """Tell whether an interval is one value, but for rounding in the last digits."""
    return interval.high - interval.low <= 1e-6 * abs(interval.value)


def change(ratio: float) -> str:
    """Write a ratio as a change in per cent, with its sign: 0.30 is a change of -70 %."""
    percent_change = round(100 * (ratio - 1))
    if percent_change == 0:
        return f"±0{_NARROW}%"
    sign = "+" if percent_change > 0 else _MINUS
    return f"{sign}{group_thousands(abs(percent_change))}{_NARROW}%"


def signed(value: float) -> str:
    """Write a number with one decimal and its sign; what rounds to nothing has none."""
    text = f"{abs(value):.1f}"
    return text if text == "0.0" else f"{_MINUS if value < 0 else '+'}{text}"


def change_between(interval: Interval) -> str:
    """Write the bounds of a ratio as changes in per cent."""
    return f"{change(interval.low)} to {change(interval.high)}"


def percent(fraction: float) -> str:
    """Write a fraction as per cent."""
    return f"{figures3(100 * fraction, 3)}{_NARROW}%"


def fold_text(log_gain: float) -> str:
    """Write a logarithm as a fold change: ``9.5-fold``.

    >>> fold_text(math.log(9.5))
    '9.5-fold'
    """
    return f"{figures3(math.exp(abs(log_gain)), 2)}-fold"


def p_text(p_value: float | None) -> str:
    """Write a p value: exact down to 0.0001."""
    if p_value is None:
        return "no p value"
    return "p < 0.0001" if p_value < 1e-4 else f"p = {figures3(p_value, 2)}"


def on_log_axis(value: float, floor: float = 1e-3) -> float:
    """Place a value on a logarithmic axis; zero and less are drawn at the floor."""
    return max(value, floor)


def log2_ratio(ratio: float, limit: float = 10.0) -> float:
    """Binary logarithm of a ratio, held within ``limit`` so that a zero can be coloured."""
    return max(-limit, min(limit, math.log2(ratio))) if ratio > 0 else -limit


def ratio_domain(values: Iterable[float]) -> tuple[float, float]:
    """Return the bounds of a logarithmic ratio axis that holds the values and 1, with a margin."""
    known = [on_log_axis(value) for value in values]
    low = min([*known, 0.77]) * 0.92
    high = max([*known, 1.3]) * 1.08
    return low, high


_FINE = (0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6)


def ratio_ticks(domain: tuple[float, float], most: int = 6) -> list[float]:
    """Return round ticks inside a domain (1 always among them), thinned to about ``most``."""
    low, high = domain
    every = [
        round(step * 10.0**power, 8)
        for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for step in _STEPS
    ]
    inside = [tick for tick in every if low <= tick <= high]
    if len(inside) < 3:
        # A narrow range: 1 alone would say nothing of its ends.
        return [tick for tick in _FINE if low <= tick <= high]
    for keep in (_STEPS, (1.0, 2.0, 5.0), (1.0, 3.0)):
        ticks = [tick for tick in inside if _mantissa(tick) in keep]
        if len(ticks) <= most:
            return ticks
    return [tick for tick in inside if _mantissa(tick) == 1.0]


def _mantissa(value: float) -> float:
    return round(value / 10.0 ** math.floor(math.log10(value) + 1e-9), 6)


def thinned(days: Sequence[float], most: int = 90) -> list[int]:
    """Return at most about ``most`` indices that hold the shape of a series; both ends are kept."""
    n = len(days)
    if n <= most:
        return list(range(n))
    step = math.ceil(n / most)
    return sorted({*range(0, n, step), n - 1})
