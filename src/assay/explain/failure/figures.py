"""Sizes, ages and lists in words, the same in every diagnosis."""

from collections.abc import Sequence

from assay.core.problem import Place

_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_SPANS = ((86400.0, "day"), (3600.0, "h"), (60.0, "min"))


def size(size_bytes: int) -> str:
    """``3.1 MB``, in powers of ten; ``812 bytes``."""
    for unit, name in _UNITS:
        if size_bytes >= unit * 0.99995:  # 999 999 bytes are 1.0 MB, not 1000.0 kB
            return f"{size_bytes / unit:.1f} {name}"
    return "1 byte" if size_bytes == 1 else f"{size_bytes} bytes"


def age(then_s: float, now_s: float) -> str:
    """``12 s ago``, ``3 min ago``, ``2 h ago``, ``5 days ago``; rounded down."""
    seconds = max(0.0, now_s - then_s)
    for span, name in _SPANS:
        if seconds >= span:
            count = int(seconds // span)
            return f"{count} {name}{'s' if name == 'day' and count > 1 else ''} ago"
    return f"{int(seconds)} s ago"


def at(place: Place | None) -> str:
    """`` (assay.yaml:14)`` with its leading space; empty where the place is not known."""
    return f" ({place.file}:{place.line})" if place else ""


def listed(items: Sequence[str], most: int = 3) -> str:
    """``a, b and c``; beyond ``most`` they are only counted: ``a, b, c and 4 more``."""
    shown = list(items[:most])
    if len(items) > most:
        return f"{', '.join(shown)} and {len(items) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
