"""The plan of ``gap(column).metric < x``: rows of each slice for its bounds to lie within x.

By the normal approximation, for two slices of one size that lie furthest apart: each is bounded at delta / 2 (``judge/gap.py``), and
both estimates vary. With s the standard deviation of a row and r how far the true gap lies below x,

    n = ((2 s z(delta / 2) + sqrt(2) s z(1 - power)) / r)^2
"""

import math

from assay.core.metrics import METRICS
from assay.core.sentence import Sentence
from assay.judge.conditions import LEAST_ROWS, NORMAL_MOVING_SHARE, rows_to_move
from assay.judge.plan.known import Known
from assay.judge.plan.labelled import MULTIPLES
from assay.judge.plan.planned import Reached, SentencePlan, in_all, of_slice, tidy, unit_of
from assay.judge.power import DEFAULT_DETECT, MOST_ROWS
from assay.judge.tails import normal_quantile


def plan_gap(
    sentence: Sentence, delta: float, known: Known, *, detect: float | None, power: float, rows: int | None
) -> SentencePlan:
    """The plan of a sentence about a gap; the spread of a share follows from its value, at worst 1/2."""
    limit, kind = sentence.right.number, METRICS[sentence.metric].kind
    unit, spread = unit_of(sentence.metric, is_counted=kind == "share"), known.spread
    if spread is None and kind == "share":
        value = 0.5 if known.champion is None else known.champion
        spread = math.sqrt(value * (1 - value))
    if spread is None:
        return SentencePlan(sentence=sentence.text, unit=unit + of_slice(sentence), delta=delta, lacks=("spread",))
    usual = DEFAULT_DETECT[kind] * (limit if kind == "amount" else 1.0)
    room = min(limit, usual if detect is None else detect)
    reach = spread * (2 * normal_quantile(delta / 2) + math.sqrt(2) * normal_quantile(1 - power))
    least = 1 if kind == "share" else _least_rows(known, delta / 2, power)

    def rows_for(room: float) -> int | None:
        rows = _rows_for(reach, room)
        return None if rows is None else max(rows, least)

    widths = sorted({min(limit, times * room) for times in MULTIPLES})
    table = tuple(Reached(tidy(limit - width), rows_for(width)) for width in widths)
    needed = rows_for(room)
    beyond = None if rows is None or rows < least else limit - reach / math.sqrt(rows)
    return SentencePlan(
        sentence=sentence.text,
        unit=unit + of_slice(sentence),
        delta=delta,
        detect=tidy(room),
        shown=tidy(limit - room),
        rows=needed,
        labelled=in_all(sentence, known, needed, unit),
        table=table if room > 0 else (),
        would_show=beyond if beyond is not None and beyond >= 0 else None,
        assumed=(f"the values of rows have a standard deviation of {spread:.4g} in each slice",),
        note="by the normal approximation, for the two slices that lie furthest apart",
    )


def _least_rows(known: Known, delta: float, power: float) -> int:
    """The bounds of a mean are approximate, and must rest on enough rows in both slices."""
    share = NORMAL_MOVING_SHARE if known.moving_share is None else known.moving_share
    return max(LEAST_ROWS, rows_to_move(share, delta, math.sqrt(power)))


def _rows_for(reach: float, room: float) -> int | None:
    if room <= 0 or reach / room > math.sqrt(MOST_ROWS):
        return None
    return max(1, math.ceil((reach / room) ** 2))
