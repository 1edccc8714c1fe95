"""Numbers as people read them: shares in percent, differences of shares in points, the rest with their unit."""

from math import isfinite, isnan

import msgspec


class Scale(msgspec.Struct, frozen=True):
    """How values of one kind are written."""

    unit: str = ""
    """``%``, ``points``, ``ms``, ``MB``; empty for numbers without one, or in a unit that only the user knows."""
    times: float = 1.0
    """100 for shares."""
    is_signed: bool = False
    """A gain of 2 is written ``+2``."""
    is_fine: bool = False
    """What two digits behind the point would not tell from 0 is written with two that count: ``0.025 %``."""

    def say(self, value: float) -> str:
        """With its unit: ``93.50 %``, ``+2.00 points``, ``18.4 ms``."""
        return f"{self.bare(value)} {self.unit}".rstrip()

    def bare(self, value: float) -> str:
        """Without its unit, where that has just been said."""
        if not isfinite(value):
            return "unknown" if isnan(value) else "no bound"
        scaled = value * self.times
        is_small = self.is_fine and 0 < abs(scaled) < 0.1
        text = f"{scaled:.2g}" if is_small else f"{scaled:.2f}" if self.times != 1 else number(scaled)
        is_zero = not any(digit in "123456789" for digit in text)
        sign = "+" if self.is_signed and scaled > 0 and not is_zero else ""
        return sign + (text.removeprefix("-") if is_zero else text)

    def say_estimate(self, value: float, interval: tuple[float, float] | None) -> str:
        """``+2.00 points [+0.62, +3.38]``"""
        return self.say(value) + (f" {self.bare_interval(interval)}" if interval else "")

    def bare_interval(self, interval: tuple[float, float]) -> str:
        """``[+0.62, +3.38]``"""
        return f"[{self.bare(interval[0])}, {self.bare(interval[1])}]"


SHARE = Scale("%", 100)
RARE = Scale("%", 100, is_fine=True)
GAP = Scale("points", 100)
GAIN = Scale("points", 100, is_signed=True)
NUMBER = Scale()
CHANGE = Scale(is_signed=True)


def number(value: float) -> str:
    """Four significant digits; thousands as they are counted."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def probability(value: float) -> str:
    """Three significant digits; below 1e-4 as ``2.3e-07``."""
    return f"{value:.1e}" if 0 < value < 1e-4 else f"{value:.3g}"


def confidence(delta: float) -> str:
    """The confidence that an error probability leaves: ``99 %``."""
    return f"{100 * (1 - delta):.6g} %"
