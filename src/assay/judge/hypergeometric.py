"""The exact tail of the hypergeometric distribution: whether chance explains that two things meet so often (Fisher's exact test)."""

import math


def hypergeometric_sf(k: int, marked: int, drawn: int, rows: int) -> float:
    """The probability that at least ``k`` of ``drawn`` rows are marked, if they are drawn at random from ``rows`` of which
    ``marked`` are (R. A. Fisher, 1935).

    Summed outwards from ``k``, where the terms fall as a geometric series: in about as many steps as there are standard
    deviations' worth of rows. Below the mean its complement is summed.
    """
    least, most = max(0, drawn + marked - rows), min(drawn, marked)
    if k <= least:
        return 1.0
    if k > most:
        return 0.0
    if k * rows <= drawn * marked:
        return 1 - _tail(k - 1, least, marked, drawn, rows)
    return _tail(k, most, marked, drawn, rows)


def _tail(start: int, end: int, marked: int, drawn: int, rows: int) -> float:
    """The sum from ``start`` to ``end``, away from the mean."""
    step = 1 if end >= start else -1
    term = total = 1.0
    for k in range(start, end, step):
        neither = rows - marked - drawn
        up = (marked - k) * (drawn - k) / ((k + 1) * (neither + k + 1))
        down = k * (neither + k) / ((marked - k + 1) * (drawn - k + 1))
        term *= up if step > 0 else down
        total += term
        if term < total * 1e-17:
            break
    return min(1.0, math.exp(_log_pmf(start, marked, drawn, rows)) * total)


def _log_pmf(k: int, marked: int, drawn: int, rows: int) -> float:
    return _log_comb(marked, k) + _log_comb(rows - marked, drawn - k) - _log_comb(rows, drawn)


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
