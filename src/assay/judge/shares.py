"""Exact tests of shares: the challenger's against a number, and against the champion's on the same rows.

Every p-value holds for any number of independent rows: where a sentence is false, P(p <= delta) <= delta.

- Against a number: the binomial test.
- Against the champion: only rows on which exactly one of the two models counts tell them apart. Given their number, the
  challenger's wins are binomial with share 1/2 where the two are equal (McNemar's exact test).
- With a margin that share depends on how often the two differ at all. The least favourable value inside a Clopper-Pearson
  bound at gamma = delta / 10 is taken, and gamma is added to the p-value (Berger and Boos 1994). So p is never below gamma:
  it holds for this delta alone and is not to be compared across levels.
- A scaled champion is a margin that depends on the champion's own share; that is bounded in the same way, at another gamma.
"""

from assay.judge.observe import Bools
from assay.judge.question import Question, Tested
from assay.judge.tails import binomial_cdf, binomial_sf, share_lower, share_upper

GAMMA_SHARE = 0.1
"""How much of delta is spent on bounding what is not known beside the difference."""


def compare_share(question: Question, new: Bools, old: Bools | None, ties: int = 0) -> Tested:
    """The test of a share on at least one row; ``new`` and ``old`` say for each row whether it counts for a model.

    ``ties`` are further rows that count for both models or for neither; the models' own values are without them.
    """
    if old is None or question.factor is None:
        return _against_number(question, int(new.sum()), len(new))
    only = int((new & ~old).sum()), int((old & ~new).sum())
    return _against_champion(question, only, int(old.sum()), len(new), ties)


def paired_p(wins: int, losses: int, rows: int, margin: float, delta: float) -> float:
    """The p-value of "no more than ``margin`` better", from rows won and lost of all ``rows``."""
    discordant = wins + losses
    if margin == 0:
        return binomial_sf(wins - 1, discordant, 0.5)
    gamma = GAMMA_SHARE * delta
    share = null_win_share(discordant, rows, margin, gamma)
    return min(1.0, gamma + (0.0 if share < 0 else binomial_sf(wins - 1, discordant, share)))


def null_win_share(discordant: int, rows: int, margin: float, gamma: float) -> float:
    """The greatest share of wins among discordant rows if the margin is not beaten; below 0 where that cannot be."""
    if margin > 0:
        return (1 + margin / max(share_lower(discordant, rows, gamma), margin)) / 2
    return (1 + margin / share_upper(discordant, rows, gamma)) / 2


def gain_lower(wins: int, losses: int, rows: int, delta: float) -> float:
    """The lower bound of challenger - champion: every margin below it is rejected by ``paired_p``.

    Inverting that test: the share of wins among discordant rows and the share of discordant rows are both bounded, at
    delta - gamma and gamma. The bound keeps the side of 0 on which McNemar's test, which needs no gamma, puts it.
    """
    gamma = GAMMA_SHARE * delta
    discordant = wins + losses
    tilt = 2 * share_lower(wins, discordant, delta - gamma) - 1
    bound = tilt * (share_lower(discordant, rows, gamma) if tilt > 0 else share_upper(discordant, rows, gamma))
    is_better = paired_p(wins, losses, rows, 0, delta) <= delta
    return max(bound, 0.0) if is_better else min(bound, 0.0)


def share_interval(count: int, rows: int, delta: float) -> tuple[float, float]:
    """Clopper and Pearson's bounds of a share, each wrong with probability ``delta`` at most."""
    return share_lower(count, rows, delta), share_upper(count, rows, delta)


def _against_number(question: Question, count: int, rows: int) -> Tested:
    value = count / rows
    if question.sign > 0:
        p_value = binomial_sf(count - 1, rows, question.target)
    else:
        p_value = binomial_cdf(count, rows, question.target)
    interval = share_interval(count, rows, question.delta)
    return Tested(value, None, value, interval, p_value, "exact binomial test", 0.0)


def _against_champion(question: Question, only: tuple[int, int], old: int, labelled: int, ties: int) -> Tested:
    assert question.factor is not None
    only_new, only_old = only
    wins, losses = only if question.sign > 0 else (only_old, only_new)
    challenger, champion = (old + only_new - only_old) / labelled, old / labelled
    rows = labelled + ties
    estimate = (only_new - only_old) / rows if ties else challenger - question.factor * champion
    spread = (only_new + only_old) / rows
    if question.factor != 1:
        p_value, interval = _scaled(question, wins, losses, only, old, rows)
        method = "exact conditional binomial test with bounds on disagreement and on the champion's share (Berger-Boos)"
    else:
        p_value = paired_p(wins, losses, rows, question.sign * question.target, question.delta)
        interval = _difference(only_new, only_old, rows, question.delta)
        method = "exact McNemar test" if question.target == 0 else _CONDITIONAL
    beside = f"; {ties:,} unlabelled rows on which both answer alike count as ties" if ties else ""
    return Tested(challenger, champion, estimate, interval, p_value, f"{method}, paired{beside}", spread)


_CONDITIONAL = "exact conditional binomial test with a bound on disagreement (Berger-Boos)"


def _scaled(
    question: Question, wins: int, losses: int, only: tuple[int, int], old: int, rows: int
) -> tuple[float, tuple[float, float]]:
    assert question.factor is not None
    gamma = GAMMA_SHARE * question.delta
    rest = question.delta - gamma
    bounds = share_interval(old, rows, gamma)
    margin = max(question.margin(bound) for bound in bounds)
    p_value = min(1.0, gamma + paired_p(wins, losses, rows, margin, rest))
    shifts = [(1 - question.factor) * bound for bound in bounds]
    low, high = _difference(*only, rows, rest)
    return p_value, (low + min(shifts), high + max(shifts))


def _difference(only_new: int, only_old: int, rows: int, delta: float) -> tuple[float, float]:
    return gain_lower(only_new, only_old, rows, delta), -gain_lower(only_old, only_new, rows, delta)
