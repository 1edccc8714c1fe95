"""The error rates of the exact tests of shares, summed over what can happen instead of drawn: nothing is left to chance.

What the judge would say is asked of its own tests (``shares.paired_p``, and ``try_question`` on rows that are counted out); only
the probability of each outcome is taken from scipy.
"""

from collections.abc import Callable

import numpy as np
from gate_trials.worlds import shown
from scipy import stats

from assay.core.metrics import MetricSettings
from assay.judge import Question, labelled_rows
from assay.judge.shares import paired_p
from assay.judge.trial import Trial, try_question


def paired_size(rows: int, differ: float, margin: float, delta: float) -> float:
    """P("accuracy > champion.accuracy + margin" passes) where the challenger is better by exactly ``margin``."""
    low, high = (int(end) for end in stats.binom.interval(1 - 1e-9, rows, differ))
    discordant = np.arange(low, high + 1)
    critical, counts = 0, []
    for both in discordant.tolist():
        critical = _first(
            lambda wins, both=both: paired_p(wins, both - wins, rows, margin, delta) <= delta, both, critical
        )
        counts.append(critical)
    passes = stats.binom.sf(np.array(counts) - 1, discordant, (1 + margin / differ) / 2)
    return float(stats.binom.pmf(discordant, rows, differ) @ passes)


def number_size(rows: int, truth: float, delta: float) -> float:
    """P("accuracy > truth" passes) where the accuracy is ``truth``."""
    question = Question("accuracy", 1, truth, None, delta)

    def passes(right: int) -> bool:
        answers = (np.arange(rows) < right).astype(np.int64)
        sample = labelled_rows(shown(np.ones(rows, np.int64), answers, answers))
        trial = try_question(question, sample, MetricSettings())
        return isinstance(trial, Trial) and trial.is_shown

    return float(stats.binom.sf(_first(passes, rows, int(rows * truth)) - 1, rows, truth))


def _first(passes: Callable[[int], bool], most: int, guess: int) -> int:
    """The smallest count that passes, ``most`` + 1 if none does; a greater count passes wherever a smaller one does."""
    low, high, step = -1, most + 1, 1
    at = min(max(guess, 0), most)
    while high - low > 1:
        if passes(at):
            high, at = at, max(low + 1, at - step)
        else:
            low, at = at, min(high - 1, at + step)
        step *= 2
        if low >= 0 and high <= most:
            at = (low + high) // 2
    return high
