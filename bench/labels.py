"""Labels needed for one question: ease.ml/ci by Hoeffding and Bennett, a z test by Wald and DeLong, and Assay's gate.

    python bench/labels.py [--tables]

Prints the tables of docs/explanation/labels-needed.md (``--tables``: nothing else), then tries out by simulation whether the gate's plan
keeps its word, and how often Wald's test errs. Fixed seeds.

The question is "better by more than C", and the truth lies two tolerances D beyond: there an estimate to within D passes for certain, but
for delta. ``differ`` is the share of rows on which exactly one of two models is right.
"""

import argparse
import math
import time
from collections.abc import Iterator

import msgspec
import numpy as np

from assay.core.metrics import MetricSettings
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, labelled_rows, plan_labels, question_of
from assay.judge.array_tails import binomial_sfs
from assay.judge.easeml import EasemlPlan, Estimator, labels_needed, parse_condition
from assay.judge.power import rows_for_gain
from assay.judge.shares import paired_p
from assay.judge.tails import normal_quantile, normal_sf
from assay.judge.trial import Trial, try_question

DIGEST = "b3:" + "0" * 64


class Shares(msgspec.Struct, frozen=True):
    """Is the new model more often right, by more than ``margin``?"""

    margin: float
    tolerance: float
    differ: float
    delta: float

    @property
    def gain(self) -> float:
        """The truth that is planned for."""
        return self.margin + 2 * self.tolerance

    @property
    def sentence(self) -> str:
        return "accuracy > champion.accuracy" + (f" + {self.margin:g}" if self.margin else "")

    def by_easeml(self, estimator: Estimator) -> EasemlPlan:
        condition = parse_condition(f"n - o > {self.margin:g} +/- {self.tolerance:g}")
        bound = self.differ if estimator == "bennett" else None
        return labels_needed(condition, 1 - self.delta, "none", 1, estimator, bound)

    def by_wald(self, power: float) -> int:
        """A z test of the paired difference over its estimated standard error; the variance of a row is differ - gain^2 (Connor,
        Biometrics 43, 1987)."""
        return by_z(self.delta, power, math.sqrt(self.differ - self.gain**2), self.gain - self.margin)

    def by_assay(self, power: float = 0.9) -> int:
        rows = rows_for_gain(self.gain, self.margin, self.differ, self.delta, power)
        assert rows is not None
        return rows


class Ranks(msgspec.Struct, frozen=True):
    """Is the new model's area under the ROC curve larger? Scores of both classes are normal with variance 1, and the two models'
    are correlated in each class."""

    old: float
    new: float
    positive: float
    correlation: float
    delta: float

    @property
    def spread(self) -> float:
        """Of a row: the root of n times DeLong's variance of the difference, with infinitely many rows to place each one in."""
        return math.sqrt(_placed_apart(self._means, self.correlation) / (self.positive * (1 - self.positive)))

    def by_deviations(self) -> int:
        """Both areas to within half of the tolerance D = gain / 2, by Agarwal and others' bound (JMLR 6, 2005), which is
        Hoeffding's with positive * (1 - positive) n in place of n; delta is shared as ease.ml/ci shares it."""
        each = (self.new - self.old) / 4
        return math.ceil(math.log(2 / self.delta) / (2 * each**2 * self.positive * (1 - self.positive)))

    def by_delong(self, power: float) -> int:
        """A z test over DeLong's standard error (E. R. DeLong and others, Biometrics 44, 1988)."""
        return by_z(self.delta, power, self.spread, self.new - self.old)

    def by_assay(self, power: float = 0.9) -> int:
        question = question_of(parse_sentence("auc > champion.auc"), self.delta, self.new - self.old)
        rows = plan_labels(question, self.old, self.spread, is_counted=False, power=power).rows
        assert rows is not None
        return rows

    def draw(self, rows: int, rng: np.random.Generator) -> Evidence:
        positive = rng.random(rows) < self.positive
        shared, *own = rng.normal(size=(3, rows))
        new, old = (
            math.sqrt(self.correlation) * shared + math.sqrt(1 - self.correlation) * noise + mean * positive
            for noise, mean in zip(own, self._means, strict=True)
        )
        labels = positive.astype(int)
        squeezed = (1 / (1 + np.exp(-scores)) for scores in (new, old))  # an order is all that counts
        return Evidence(labels, labels, labels, DIGEST, DIGEST, DIGEST, DIGEST, "r1", *squeezed)

    @property
    def _means(self) -> tuple[float, float]:
        """How far the positives' scores lie above the negatives'."""
        return tuple(-math.sqrt(2) * normal_quantile(area) for area in (self.new, self.old))  # type: ignore[return-value]


def _placed_apart(means: tuple[float, float], correlation: float) -> float:
    """The variance of the difference of a row's two placements (the same for positives as for negatives), by Gauss and Hermite's
    quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights /= weights.sum()
    first, second = nodes[:, None], correlation * nodes[:, None] + math.sqrt(1 - correlation**2) * nodes[None, :]
    placed = np.vectorize(lambda score: 1 - normal_sf(score))
    apart = placed(first + means[0]) - placed(second + means[1])
    both = weights[:, None] * weights[None, :]
    return float(np.sum(both * apart**2) - np.sum(both * apart) ** 2)


def by_z(delta: float, power: float, spread: float, distance: float) -> int:
    """Rows for a z test to show a mean that lies ``distance`` beyond its bar."""
    return math.ceil(((normal_quantile(delta) + normal_quantile(1 - power)) * spread / distance) ** 2)


SHARES = (
    Shares(0.0, 0.01, 0.05, 0.01),
    Shares(0.0, 0.01, 0.10, 0.01),
    Shares(0.0, 0.01, 0.10, 1e-4),
    Shares(0.0, 0.005, 0.02, 0.05),
    Shares(0.02, 0.01, 0.10, 0.01),
    Shares(0.02, 0.01, 0.10, 1e-4),
)
RANKS = (
    Ranks(0.80, 0.82, 0.20, 0.9, 0.01),
    Ranks(0.80, 0.82, 0.20, 0.5, 0.01),
    Ranks(0.80, 0.82, 0.05, 0.9, 0.01),
    Ranks(0.90, 0.91, 0.20, 0.9, 0.01),
    Ranks(0.80, 0.82, 0.20, 0.9, 1e-4),
)


def grid() -> Iterator[Shares]:
    """Questions over which the ratios are told."""
    for margin in (0.0, 0.02):
        for tolerance in (0.01, 0.02):
            for differ in (0.05, 0.1, 0.2):
                for delta in (0.05, 0.01, 1e-4):
                    case = Shares(margin, tolerance, differ, delta)
                    if case.gain <= differ:
                        yield case


# ---- the tables of the page ------------------------------------------------------------------------------------------------


def tables() -> str:
    """What the page shows, as Markdown."""
    return "\n\n".join("\n".join(table()) for table in (shares_table, active_table, ranks_table))


def shares_table() -> Iterator[str]:
    yield "| sentence, and the gain that is there | delta | differ | Hoeffding | Bennett | Wald, power 1 - delta | Assay, power 1 - delta | Wald, power .9 | Assay, power .9 |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for case in SHARES:
        sure = 1 - case.delta
        counts = (
            case.by_easeml("hoeffding").labels,
            case.by_easeml("bennett").labels,
            case.by_wald(sure),
            case.by_assay(sure),
            case.by_wald(0.9),
            case.by_assay(),
        )
        yield f"| `{case.sentence}`, {case.gain:.2f} | {case.delta:g} | {100 * case.differ:g} % | {cells(counts)} |"


def active_table() -> Iterator[str]:
    yield "| sentence | delta | differ | Bennett: rows | labelled | Assay, power 1 - delta: rows | labelled | Assay, power .9: rows | labelled |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for case in SHARES:
        bennett = case.by_easeml("bennett")
        assert bennett.active_labels_per_commit is not None
        sure, usual = case.by_assay(1 - case.delta), case.by_assay()
        labelled = [math.ceil(rows * case.differ) for rows in (sure, usual)]
        counts = (bennett.labels, bennett.active_labels_per_commit, sure, labelled[0], usual, labelled[1])
        yield f"| `{case.sentence}` | {case.delta:g} | {100 * case.differ:g} % | {cells(counts)} |"


def ranks_table() -> Iterator[str]:
    yield "| AUC, old and new | positives | correlation | delta | Agarwal | DeLong, power 1 - delta | Assay, power 1 - delta | DeLong, power .9 | Assay, power .9 |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for case in RANKS:
        sure = 1 - case.delta
        counts = (
            case.by_deviations(),
            case.by_delong(sure),
            case.by_assay(sure),
            case.by_delong(0.9),
            case.by_assay(),
        )
        named = f"{case.old:.2f}, {case.new:.2f} | {100 * case.positive:g} % | {case.correlation:g} | {case.delta:g}"
        yield f"| {named} | {cells(counts)} |"


def cells(counts: tuple[int, ...]) -> str:
    return " | ".join(f"{count:,}" for count in counts)


def ratios() -> tuple[int, tuple[float, float], tuple[float, float]]:
    """Over the grid, at power 1 - delta: how many questions, and how many times Assay's labels Hoeffding and Bennett ask for."""
    cases = [(case, case.by_assay(1 - case.delta)) for case in grid()]
    hoeffding, bennett = (
        [case.by_easeml(estimator).labels / rows for case, rows in cases] for estimator in ("hoeffding", "bennett")
    )
    return len(cases), (min(hoeffding), max(hoeffding)), (min(bennett), max(bennett))


# ---- does it keep its word? ------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", action="store_true", help="nothing but the tables of the page")
    print(tables())
    if parser.parse_args().tables:
        return
    start = time.process_time()
    count, hoeffding, bennett = ratios()
    print(
        f"\nover {count} questions, at equal power 1 - delta: Hoeffding asks for {hoeffding[0]:.1f} to {hoeffding[1]:.0f} times ",
        end="",
    )
    print(f"the labels of Assay, Bennett for {bennett[0]:.1f} to {bennett[1]:.1f}")
    try_shares(20_000)
    try_ranks(2_000)
    print(f"\n{time.process_time() - start:.0f} CPU s in all")


def try_shares(runs: int) -> None:
    print(
        f"\naccuracy, at Assay's rows for power .9: does it pass 9 times in 10 ({runs:,} test sets, seed 1)? and how often"
    )
    print("does Wald's test err at its own rows, where the gain is just C (computed, as a multiple of delta)?")
    rng = np.random.default_rng(1)
    for case in SHARES:
        wins, losses = (case.differ + case.gain) / 2, (case.differ - case.gain) / 2
        seen = rng.multinomial(case.by_assay(), (wins, losses, 1 - case.differ), runs)
        rows = int(seen[0].sum())
        passed = np.mean(
            [paired_p(int(won), int(lost), rows, case.margin, case.delta) <= case.delta for won, lost, _ in seen]
        )
        error = wald_error(case, case.by_wald(0.9)) / case.delta
        print(
            f"  {case.sentence:<38} delta {case.delta:<7g} differ {case.differ:.0%}: passes {passed:.1%}; Wald errs {error:.3f} x delta"
        )


def wald_error(case: Shares, rows: int) -> float:
    """The probability that Wald's test says yes where the gain is exactly C, summed over every table that may be seen."""
    bar, win_share = normal_quantile(case.delta), (1 + case.margin / case.differ) / 2
    discordant = np.arange(1, rows + 1, dtype=float)
    likely = np.diff(binomial_sfs(np.arange(0, rows + 1), rows, case.differ)) * -1
    discordant, likely = discordant[likely > 1e-12], likely[likely > 1e-12]
    # (2 wins - M - n C) / sqrt(M - (2 wins - M)^2 / n) >= z, solved for the lead 2 wins - M
    spread = 1 + bar**2 / rows
    middle = case.margin * rows
    root = np.sqrt(bar**2 * (discordant * spread - middle**2 / rows))
    lead = (middle + root) / spread
    needed = np.ceil((discordant + lead) / 2 - 1e-9)
    return float(likely @ binomial_sfs(needed - 1, discordant, win_share))


def try_ranks(runs: int) -> None:
    print(f"\nauc, at Assay's rows for power .9: does it pass 9 times in 10 ({runs:,} test sets, seed 2)?")
    rng = np.random.default_rng(2)
    for case in RANKS:
        rows = case.by_assay()
        question = question_of(parse_sentence("auc > champion.auc"), case.delta)
        trials = (try_question(question, labelled_rows(case.draw(rows, rng)), MetricSettings()) for _ in range(runs))
        passed = np.mean([isinstance(trial, Trial) and trial.is_shown for trial in trials])
        print(
            f"  {case.old:.2f} -> {case.new:.2f}, {case.positive:.0%} positives, correlation {case.correlation:g}, delta {case.delta:<7g} {rows:>7,} rows: {passed:.1%}"
        )


if __name__ == "__main__":
    main()
