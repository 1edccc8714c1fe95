"""Small pictures of columns and counts: inline SVG. Shapes are told by attributes, so that they stand where a page's style is blocked.

Every picture of its own has a title and a description for those who hear it; bars beside a number that says the same are hidden from them.
"""

from collections.abc import Sequence
from html import escape

from assay.core.counted import counted, percent

WIDTH, HEIGHT = 264, 60
BAR_WIDTH, BAR_HEIGHT = 90, 10
MOST_BARS = 40
_GAP = 1
_INK = "#57606a"


def draw_histogram(name: str, edges: Sequence[str], counts: Sequence[int]) -> str:
    """A bar a bin, as high as its number of values; nothing where there are none. ``edges`` are in words, one more than ``counts``."""
    edges, counts = _merged(edges, counts)
    tallest = max(counts, default=0)
    if not tallest or len(edges) != len(counts) + 1:
        return ""
    fullest = counts.index(tallest)
    told = (
        f"{percent(tallest, sum(counts))} of {counted(sum(counts), 'value')} lie between {edges[fullest]} and "
        f"{edges[fullest + 1]}, the fullest of {counted(len(counts), 'bin')}"
    )
    width = WIDTH / len(counts)
    path = "".join(
        _bar(round(at * width), round((at + 1) * width), max(1, round(count / tallest * (HEIGHT - 1))))
        for at, count in enumerate(counts)
        if count
    )
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" preserveAspectRatio="none" role="img">'
        f"<title>{escape(name)} from {escape(edges[0])} to {escape(edges[-1])}</title><desc>{escape(told)}</desc>"
        f'<path class="base" d="M0 {HEIGHT}h{WIDTH}"/><path class="bars" fill="{_INK}" d="{path}"/></svg>'
    )


def draw_over(name: str, before: Sequence[float], now: Sequence[float], ends: tuple[str, str]) -> str:
    """Two distributions over the same bins, one filled and the other an outline over it; the fullest bin of both is the tallest."""
    tallest = max(*before, *now)
    if not tallest:
        return ""
    filled, outlined = (_steps([each / tallest for each in side]) for side in (before, now))
    told = f"filled is the reference, outlined are the newest rows, in {counted(len(now), 'bin')} from {ends[0]} to {ends[1]}"
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" preserveAspectRatio="none" role="img">'
        f"<title>{escape(name)} then and now</title><desc>{escape(told)}</desc>"
        f'<path class="bars" fill="{_INK}" fill-opacity="0.45" d="{filled}z"/><path class="base" d="M0 {HEIGHT}h{WIDTH}"/>'
        f'<path class="over" fill="none" stroke="{_INK}" stroke-width="2" vector-effect="non-scaling-stroke" d="{outlined}"/></svg>'
    )


def _steps(heights: Sequence[float]) -> str:
    """From the ground on the left over all bins to the ground on the right."""
    wide = WIDTH / len(heights)
    tops = "".join(
        f"V{round(HEIGHT - each * (HEIGHT - 2), 1):g}H{round((at + 1) * wide, 1):g}" for at, each in enumerate(heights)
    )
    return f"M0 {HEIGHT}{tops}V{HEIGHT}"


def draw_bar(part: float, kind: str = "bars") -> str:
    """A bar beside a number, as long as the part of the longest, which is 1."""
    length = round(BAR_WIDTH * min(1.0, max(0.0, part)), 1) if part > 0 else 0
    length = max(1, length) if part > 0 else 0
    return (
        f'<svg class="share" width="{BAR_WIDTH}" height="{BAR_HEIGHT}" aria-hidden="true">'
        f'<rect class="{kind}" fill="{_INK}" width="{length:g}" height="{BAR_HEIGHT}"/></svg>'
    )


def _bar(left: int, right: int, height: int) -> str:
    wide = max(1, right - left - (_GAP if right - left > 3 else 0))
    return f"M{left} {HEIGHT}v-{height}h{wide}v{height}z"


def _merged(edges: Sequence[str], counts: Sequence[int]) -> tuple[list[str], list[int]]:
    """Neighbouring bins together, where there are more than can be seen."""
    step = -(-len(counts) // MOST_BARS) or 1
    merged = [sum(counts[at : at + step]) for at in range(0, len(counts), step)]
    return [*edges[: len(counts) : step], *edges[len(counts) : len(counts) + 1]], merged
