"""The intervals drawn: for each sentence its estimate, the interval around it, and the bar it is held against. Inline SVG.

Everything is told twice, by place or shape and by shade, so that it reads in both themes, on paper and without colour:

    dot           the estimate; hollow where its sentence does not pass
    whisker       the interval; an arrow where it goes on beyond the picture
    thick line    the bar, with a flag that points to the side that passes, which is shaded
    dashed line   zero: no difference from the champion

Colours come from the page (``style.py``).
"""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from math import ceil, floor, isfinite, isnan, log10

import msgspec

from assay.core.verdict import SentenceVerdict, SliceVerdict, Verdict
from assay.explain.amounts import Scale
from assay.explain.texts import clipped
from assay.explain.verdict.asked import Asked, asked_by
from assay.explain.verdict.words import ICONS

WIDTH, EDGE, ROW, LABEL, BAND, FOOT = 760, 14, 54, 21, 26, 36
SLICE_WIDTH, SLICE_HEIGHT, SLICE_EDGE = 260, 20, 8
MOST_DRAWN = 40
_LONGEST_LABEL = 62
_MOST_TICKS = 7


class Axis(msgspec.Struct, frozen=True):
    """From values to places between two edges."""

    low: float
    high: float
    left: float
    right: float
    ticks: tuple[float, ...] = ()

    def at(self, value: float) -> float:
        """The place of a value; values beyond the axis stand at its end."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.left + min(1.0, max(0.0, share)) * (self.right - self.left), 1)

    def holds(self, value: float) -> bool:
        """The value is on the axis."""
        return self.low <= value <= self.high


class Drawn(msgspec.Struct, frozen=True):
    """A sentence with an estimate, which is all that can be drawn."""

    sentence: SentenceVerdict
    asked: Asked
    estimate: float


def draw_sentences(verdict: Verdict) -> tuple[list[str], int]:
    """Pictures, and how many sentences were too many to draw. Sentences of one unit share an axis; without numbers, none."""
    panels: dict[str, list[Drawn]] = {}
    for sentence in verdict.sentences:
        if sentence.estimate is not None and isfinite(sentence.estimate):
            drawn = Drawn(sentence, asked_by(sentence.sentence), sentence.estimate)
            panels.setdefault(_panel(drawn.asked), []).append(drawn)
    left_out = sum(max(0, len(rows) - MOST_DRAWN) for rows in panels.values())
    return [_draw_panel(rows[:MOST_DRAWN], name) for name, rows in panels.items()], left_out


def slice_axis(shown: Sequence[SliceVerdict], asked: Asked) -> Axis | None:
    """The axis on which a sentence's slices are drawn; None where none has an estimate."""
    estimates = [each.estimate for each in shown if each.estimate is not None]
    if not estimates:
        return None
    intervals = (each.interval for each in shown if each.interval)
    return _axis(_finite(estimates, intervals, asked), asked, SLICE_EDGE, SLICE_WIDTH - SLICE_EDGE, most_ticks=4)


def draw_slice_axis(axis: Axis, asked: Asked, name: str) -> str:
    """The head of the slices' column: the axis, and what stands behind every row of it (``name`` is its id)."""
    ground = "".join(_ground(axis, asked, 0, SLICE_HEIGHT))
    texts = "".join(_tick_texts(axis, asked.tested, SLICE_HEIGHT - 7, digit_width=6))
    return (
        f'<svg viewBox="0 0 {SLICE_WIDTH} {SLICE_HEIGHT}" aria-hidden="true">'
        f'<defs><g id="{name}">{ground}</g></defs>{texts}</svg>'
    )


def draw_slice(part: SliceVerdict, axis: Axis, name: str) -> str:
    """One row of the forest."""
    if part.estimate is None or not isfinite(part.estimate):
        return ""
    marks = "".join(_marks(part, part.estimate, axis, SLICE_HEIGHT / 2, 4))
    return f'<svg viewBox="0 0 {SLICE_WIDTH} {SLICE_HEIGHT}"><use href="#{name}"/>{marks}</svg>'


def _panel(asked: Asked) -> str:
    """What its axis shows; sentences of which this is equal share it."""
    unit = asked.tested.unit
    metric = asked.sentence.metric if asked.sentence else "value"
    is_share = asked.tested.times != 1
    if asked.is_relative:
        difference = asked.say_tested("champion")
        return difference if is_share else f"{metric}: {difference}"
    if asked.sentence and asked.sentence.quantifier == "gap":
        return "widest gap between slices" if is_share else f"widest gap of {metric} between slices"
    if asked.is_of_behaviour:
        return "share of cases that are broken"
    return "share of rows" if unit == "%" else metric


def _draw_panel(rows: Sequence[Drawn], name: str) -> str:
    asked = rows[0].asked
    values: list[float] = []
    for row in rows:
        intervals = [row.sentence.interval] if row.sentence.interval else []
        values += _finite([row.estimate], intervals, row.asked)
    axis = _axis(values, asked, EDGE, WIDTH - EDGE, most_ticks=_MOST_TICKS)
    height = ROW * len(rows) + FOOT
    unit = f", in {asked.tested.unit}" if asked.tested.unit else ""
    parts = [
        f'<svg class="panel" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(_summary(rows))}">',
        *(part for at, row in enumerate(rows) for part in _draw_row(row, axis, at * ROW)),
        *_tick_texts(axis, asked.tested, height - FOOT + 14, digit_width=7),
        f'<text class="axis" x="{WIDTH / 2:g}" y="{height - 5}" text-anchor="middle">{escape(name + unit)}</text>',
        "</svg>",
    ]
    return "".join(parts)


def _summary(rows: Sequence[Drawn]) -> str:
    """The picture for those who hear it."""
    said = (f"{row.sentence.verdict}: {clipped(row.sentence.sentence, 80)}: {_value(row)}" for row in rows[:20])
    return "; ".join(said)


def _value(row: Drawn) -> str:
    return row.asked.tested.say_estimate(row.estimate, row.sentence.interval)


def _draw_row(row: Drawn, axis: Axis, top: float) -> Iterable[str]:
    sentence = row.sentence
    label = f"{ICONS[sentence.verdict]} {sentence.verdict}"
    text = clipped(sentence.sentence, _LONGEST_LABEL - len(label))
    full = escape(clipped(sentence.sentence, 120))
    yield f'<g class="{css_class(sentence.verdict)}"><title>{full}: {escape(_value(row))}</title>'
    yield f'<text x="{EDGE}" y="{top + 15:g}"><tspan class="word">{label}</tspan>'
    yield f'<tspan class="code" dx="8">{escape(text)}</tspan></text>'
    yield f'<text class="value" x="{WIDTH - EDGE}" y="{top + 15:g}" text-anchor="end">{escape(_value(row))}</text>'
    yield _grid(axis, top + LABEL, BAND)
    yield from _ground(axis, row.asked, top + LABEL, BAND)
    yield from _marks(sentence, row.estimate, axis, top + LABEL + BAND / 2, 5.5)
    yield "</g>"


def css_class(outcome: str) -> str:
    """The class that colours a verdict."""
    return {"pass": "pass", "fail": "fail", "undecided": "open"}.get(outcome, "none")


def _ground(axis: Axis, asked: Asked, top: float, height: float) -> Iterable[str]:
    """What the marks are held against: the shaded side, the bar with its flag, and zero."""
    if asked.bar is not None and isfinite(asked.bar):
        bar, end = axis.at(asked.bar), axis.right if asked.is_above else axis.left
        toward = 1 if asked.is_above else -1
        left = min(bar, end)
        yield f'<rect class="side" x="{left:g}" y="{top:g}" width="{abs(end - bar):g}" height="{height:g}"/>'
    if asked.is_relative and axis.holds(0):
        yield f'<path class="zero" d="M{axis.at(0):g} {top:g}v{height:g}"/>'
    if asked.bar is not None and isfinite(asked.bar):
        yield f'<path class="bar" d="M{bar:g} {top:g}v{height:g}"/>'
        yield f'<path class="flag" d="M{bar:g} {top:g}l{6 * toward} 3.5l{-6 * toward} 3.5z"/>'


def _marks(
    judged: SentenceVerdict | SliceVerdict, estimate: float, axis: Axis, middle: float, radius: float
) -> Iterable[str]:
    """The whisker and the dot."""
    if judged.interval is not None:
        low, high = judged.interval
        left, right = _place(low, axis, -1), _place(high, axis, 1)
        ends = _end(low, axis, middle, radius, -1) + _end(high, axis, middle, radius, 1)
        yield f'<path class="whisker" d="M{left:g} {middle:g}H{right:g}{ends}"/>'
    passes = "" if judged.verdict == "pass" else " hollow"
    yield f'<circle class="dot{passes}" cx="{axis.at(estimate):g}" cy="{middle:g}" r="{radius:g}"/>'


def _place(value: float, axis: Axis, sign: int) -> float:
    """Where an end of the interval stands; one that is not known, at the end of the axis."""
    if isnan(value):
        return axis.left if sign < 0 else axis.right
    return axis.at(value)


def _end(value: float, axis: Axis, middle: float, radius: float, sign: int) -> str:
    """A cap; an arrow head where the interval has no such end."""
    place = _place(value, axis, sign)
    if axis.holds(value):
        return f"M{place:g} {middle - radius:g}v{2 * radius:g}"
    return f"M{place - 5 * sign:g} {middle - 4:g}l{5 * sign} 4l{-5 * sign} 4"


def _grid(axis: Axis, top: float, height: float) -> str:
    return f'<path class="grid" d="{"".join(f"M{axis.at(tick):g} {top:g}v{height:g}" for tick in axis.ticks)}"/>'


def _tick_texts(axis: Axis, scale: Scale, y: float, digit_width: float) -> Iterable[str]:
    for tick in axis.ticks:
        text = _tick(tick, axis, scale)
        half = len(text) * digit_width / 2
        x = min(max(axis.at(tick), axis.left - EDGE / 2 + half), axis.right + EDGE / 2 - half)
        yield f'<text class="tick" x="{x:g}" y="{y:g}" text-anchor="middle">{escape(text)}</text>'


def _tick(value: float, axis: Axis, scale: Scale) -> str:
    """As few digits as tell the ticks apart."""
    step = min((b - a for a, b in pairwise(axis.ticks)), default=abs(value) or 1.0) * scale.times
    if abs(value * scale.times) >= 1e7:
        return f"{value * scale.times:.2e}"
    digits = max(0, -floor(log10(step) + 1e-9)) if step > 0 else 2
    text = f"{value * scale.times:,.{min(digits, 12)}f}"
    text = text if value else "0"
    sign = "+" if scale.is_signed and value > 0 else ""
    return f"{sign}{text}{' %' if scale.unit == '%' else ''}"


def _finite(estimates: Iterable[float], intervals: Iterable[tuple[float, float]], asked: Asked) -> list[float]:
    """The values that the axis has to hold."""
    values = [*estimates, *(end for interval in intervals for end in interval)]
    values += [asked.bar] if asked.bar is not None else []
    values += [0.0] if asked.is_relative else []
    return [value for value in values if isfinite(value)]


def _axis(values: Sequence[float], asked: Asked, left: float, right: float, most_ticks: int) -> Axis:
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    low, high = low - room, high + room
    if asked.tested.unit == "%":
        low, high = max(0.0, low), min(1.0, high)
        low, high = (low, high) if low < high else (0.0, 1.0)
    return Axis(low, high, left, right, _ticks(low, high, most_ticks))


def _ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """Round values on the axis: 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(each for each in (power, 2 * power, 5 * power, 10 * power) if each >= rough * 0.999)
    return tuple(float(f"{step * at:.12g}") for at in range(ceil(low / step), floor(high / step) + 1))
