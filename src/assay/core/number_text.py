"""Numbers as people write them: ``14.2``, ``5%``."""

from math import isfinite


def number_of(text: str) -> float | None:
    """A finite number; a percentage as its share, without the rounding of its last digits. None where it is none."""
    digits = text.strip()
    try:
        value = float(digits.removesuffix("%"))
    except ValueError:
        return None
    if not isfinite(value):
        return None
    return float(f"{value / 100:.12g}") if digits.endswith("%") else value


def level_of(text: str) -> float | None:
    """``99%`` and ``99`` as .99; None where it is no number."""
    return number_of(f"{text.strip().removesuffix('%')}%")
