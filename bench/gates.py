"""Does the gate keep its word? How often it passes what is false, and how often its planned rows show what is true.

    python bench/gates.py                    (about 12 CPU minutes)
    python bench/gates.py --quick            (a tenth of the sets of rows, up to 1,000 rows)
    python bench/gates.py power clusters     (these tables alone)

Every answer is the judge's own (``try_question``, ``judge_sentence``, ``decide``, ``plan_labels``), on rows drawn with fixed seeds
from worlds in which the truth is known (``gate_trials/worlds.py``) and lies exactly where a sentence begins to be true. What so many
sets of rows cannot tell apart is marked: ``!`` stands where a share lies over its delta and would do so by chance in fewer than one
of a thousand such cells. Prints CPU seconds a table.
"""

# ruff: noqa: E402 (the libraries count their threads when they are loaded)
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # CPU seconds would count the threads that wait

import argparse
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from gate_trials.exact import number_size, paired_size
from gate_trials.power import cases, check
from gate_trials.sizes import DELTAS, FORMS, Cell, measure, measure_outside, measure_tail
from gate_trials.structure import Count, clusters, slices, whole_gate
from gate_trials.worlds import World, amounts, classes, grades, marks, scores, trades
from scipy import stats

from assay.core.metrics import REQUIRABLE

DESIGN = ((60, 0.1, 2_000), (200, 0.1, 3_000), (200, 0.01, 1_500), (200, 0.3, 1_500), (1_000, 0.1, 2_000), (5_000, 0.1, 500), (50_000, 0.1, 30))  # fmt: skip
"""Rows, disagreement, sets of rows. The classes are even at 60 rows, else 30 % of the rows are positive."""
LEAST_SETS = 100
"""For a quick run: it leaves out 5,000 and 50,000 rows, of which so few sets tell little and take as long as all others."""
SIGNIFICANT = 1e-3
TELLING = 15
"""Passes that are expected where the share of one cell is printed."""


def main() -> None:
    parts: dict[str, Callable[[int], None]] = {
        "exact": print_exact,
        "sizes": print_sizes,
        "outside": print_outside,
        "tails": print_tails,
        "clusters": print_clusters,
        "slices": print_slices,
        "power": print_power,
    }
    parser = argparse.ArgumentParser(description="How often the gate passes what is false, and shows what is true.")
    parser.add_argument("parts", nargs="*", help=", ".join(parts))
    parser.add_argument("--quick", action="store_true", help="a tenth of the sets of rows, up to 1,000 of them")
    asked = parser.parse_args()
    for name in asked.parts or parts:
        if name not in parts:
            parser.error(f"no table {name!r}: one of {', '.join(parts)}")
        parts[name](10 if asked.quick else 1)


@contextmanager
def table(title: str) -> Iterator[None]:
    start = time.process_time()
    print(f"\n{title}")
    yield
    print(f"  ({time.process_time() - start:.0f} CPU s)", flush=True)


# ---- exact tests -----------------------------------------------------------------------------------------------------------


def print_exact(thin: int) -> None:
    rows_tried = (50, 100, 500, 1_000, 5_000, 10_000, 50_000)
    rows_tried = rows_tried[:5:2] if thin > 1 else rows_tried
    differ_tried = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)[:: 2 if thin > 1 else 1]
    with table(
        f"shares, exact: the greatest P(pass) of all d in {_listed(differ_tried)} and n in {_listed(rows_tried)}, summed, not drawn"
    ):
        print(f"  {'accuracy':<34}" + "".join(f"{delta:>12}" for delta in DELTAS) + "   where, at .05")
        for margin in (0.0, 0.005, 0.02, 0.05, -0.005, -0.02, -0.05):
            cells = [(rows, differ) for rows in rows_tried for differ in differ_tried if abs(margin) <= differ]
            _print_greatest(
                f"> champion.accuracy {margin:+g}" if margin else "> champion.accuracy",
                {delta: {cell: paired_size(cell[0], cell[1], margin, delta) for cell in cells} for delta in DELTAS},
                "n {:,}, d {:g}",
            )
        levels = [(rows, truth) for rows in rows_tried for truth in (0.02, 0.2, 0.5, 0.85, 0.97, 0.995)]
        _print_greatest(
            "> number",
            {delta: {cell: number_size(*cell, delta) for cell in levels} for delta in DELTAS},
            "n {:,}, truth {:g}",
        )


def _print_greatest(name: str, sizes: dict[float, dict[tuple[int, float], float]], where: str) -> None:
    shares = "".join(f"{max(cells.values()):>11.5f}{'!' if max(cells.values()) > delta * (1 + 1e-9) else ' '}" for delta, cells in sizes.items())  # fmt: skip
    at = max(sizes[0.05], key=sizes[0.05].__getitem__)
    print(f"  {name:<34}{shares}   {where.format(*at)}", flush=True)


# ---- every metric ----------------------------------------------------------------------------------------------------------


def print_sizes(thin: int) -> None:
    cells: list[Cell] = []
    design = [(rows, differ, sets // thin) for rows, differ, sets in DESIGN if thin == 1 or sets >= LEAST_SETS * thin]
    tries = sum(sets for *_, sets in design)
    with table(
        f"every metric: share of {tries:,} sets of rows that pass, of all designs together, and that of the worst"
    ):
        for at, (rows, differ, sets) in enumerate(design):
            for kind, world in enumerate(_worlds(rows, differ)):
                cells += measure(world, rows, differ, sets, [1, at, kind])
        _print_by_form(cells)
    with table(
        "the same by rows and disagreement: approximate tests of all metrics together, equal / number / margins"
    ):
        _print_by_rows([cell for cell in cells if cell.metric not in ("accuracy", "error_rate", "recall")])


def _worlds(rows: int, differ: float) -> Iterator[World]:
    """Equal models, one that is better by a margin, and one that is worse by it."""
    positive = 0.5 if rows < 100 else 0.3
    for by in (0, 1, -1):
        gain = by * min(0.04, differ / 2)
        yield classes(positive, differ=differ, gain=gain)
        yield scores(positive, differ=differ, gain=0.2 * by)
        yield amounts(1.0, differ, 1.1**by)
        yield amounts(2.0, differ, 1.1**by)
        yield grades(0.7, differ, 0.05 * by)
        yield marks(0.8, differ, gain)


def _print_by_form(cells: list[Cell]) -> None:
    heads = "".join(f"{delta:>9}{'worst':>9}" for delta in DELTAS[:3])
    print(f"  {'metric':<19}{'asked':<9}{heads}{DELTAS[3]:>10}  refused  worst at .05: world, rows, d")
    together: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        together[cell.metric, cell.form].append(cell)
    for metric, form in sorted(together, key=lambda key: (REQUIRABLE.index(key[0]), list(FORMS).index(key[1]))):
        each = together[metric, form]
        tries = sum(cell.tries for cell in each)
        shares = [f"{sum(cell.passes[at] for cell in each) / tries:>9.4f}" for at in range(4)]
        line = (
            "".join(f"{share} {_worst(each, at)}" for at, share in enumerate(shares[:3])) + shares[3] + _over(each, 3)
        )
        at_05 = max(_telling(each, 1), key=lambda cell: cell.rate(1))
        where = f"{at_05.world}, {at_05.rows:,}, {at_05.differ:g}"
        print(f"  {metric:<19}{form:<9}{line}{sum(cell.refused for cell in each) / tries:>8.2f}  {where}", flush=True)


def _worst(cells: list[Cell], at: int) -> str:
    return f"{max(cell.rate(at) for cell in _telling(cells, at)):>7.4f}{_over(cells, at)}"


def _telling(cells: list[Cell], at: int) -> list[Cell]:
    """Those with enough tries to tell."""
    return [cell for cell in cells if cell.tries * DELTAS[at] >= TELLING] or cells


def _over(cells: list[Cell], at: int) -> str:
    return "!" if any(_is_over(cell.passes[at], cell.tries, DELTAS[at]) for cell in cells) else " "


def _print_by_rows(cells: list[Cell]) -> None:
    groups = {"equal": ("equal",), "number": ("number", "back"), "margins": ("margin", "lenient", "factor")}
    print(f"  {'rows':>7}{'d':>6}" + "".join(f"{f'{name} {delta}':>15}" for name in groups for delta in DELTAS[:3]))
    for rows, differ in dict.fromkeys((cell.rows, cell.differ) for cell in cells):
        line = ""
        for forms, at in itertools.product(groups.values(), range(3)):
            mine = [cell for cell in cells if (cell.rows, cell.differ) == (rows, differ) and cell.form in forms]
            line += f"{sum(cell.passes[at] for cell in mine) / sum(cell.tries for cell in mine):>15.4f}"
        print(f"  {rows:>7,}{differ:>6g}{line}")


def _is_over(happened: int, tries: int, delta: float) -> bool:
    return happened > tries * delta and bool(stats.binom.sf(happened - 1, tries, delta) < SIGNIFICANT)


# ---- outside of what is promised -------------------------------------------------------------------------------------------


def print_outside(thin: int) -> None:
    tries = 4_000 // thin
    with table(
        f"where approximate tests are not to be trusted: share of {tries:,} sets of rows that pass; t alone, then the judge"
    ):
        print(f"  {'':<58}" + "".join(f"{f't {delta}':>8}{'judge':>8}" for delta in DELTAS) + "  refused")
        for at, (what, world, rows, metric, form) in enumerate(_outside()):
            judged, alone = measure_outside(world, rows, tries, [2, at], metric, form)
            shares = "".join(f"{alone.rate(k):>8.4f}{judged.rate(k):>7.4f}{'!' if _is_over(judged.passes[k], tries, delta) else ' '}" for k, delta in enumerate(DELTAS))  # fmt: skip
            print(f"  {what:<58}{shares}{judged.refused / tries:>7.2f}", flush=True)


def _outside() -> Iterator[tuple[str, World, int, str, str]]:
    yield "mae < number, exponential-like errors, 10 rows", amounts(2.0), 10, "mae", "number"
    yield "rmse < number, the same, 60 rows", amounts(2.0), 60, "rmse", "number"
    yield "score > number, marks 0 or 1, mean .97, 40 rows", marks(0.97, 0.03), 40, "score", "number"
    yield "score > number, the same, 1,000 rows", marks(0.97, 0.03), 1_000, "score", "number"
    yield "score > number, marks 0 or 1, mean .999, 1,000 rows", marks(0.999, 0.001), 1_000, "score", "number"
    yield "score > champion - .025, marks that differ in 5 %, 60 rows", marks(0.9, 0.05, -0.025), 60, "score", "lenient"
    yield "cost < champion + margin, d .02, 100 rows", classes(differ=0.02, gain=-0.02), 100, "cost", "lenient"
    yield "f1 > champion - margin, d .02, 100 rows", classes(0.5, differ=0.02, gain=-0.02), 100, "f1", "lenient"
    yield "f1 > number, 98 % right, 30 and 30 rows", classes(0.5, 0.98, 0.02), 62, "f1", "number"
    yield "auc > number, auc .98, 60 rows", scores(0.5, 3.0), 62, "auc", "number"
    yield "auc > number, about 10 positives in 200 rows", scores(0.05), 200, "auc", "number"
    yield "average_precision > number, 100 and 100 rows", scores(0.5), 200, "average_precision", "number"
    yield "average_precision > number, about 50 in 500 rows", scores(0.1), 500, "average_precision", "number"
    yield "average_precision > number, about 10 in 200 rows", scores(0.05), 200, "average_precision", "number"
    yield (
        "average_precision > champion - margin, 30 and 30 rows",
        scores(0.5, gain=-0.2),
        64,
        "average_precision",
        "lenient",
    )
    yield "r2 > champion - margin, wild errors, 60 rows", amounts(2.0, larger=1 / 1.1), 60, "r2", "lenient"
    for rare, rows in ((0.2, 200), (0.05, 200), (0.01, 200), (0.01, 1_000), (0.01, 5_000)):
        yield (
            f"mae < champion: {1 - rare:.0%} gain little, {rare:.0%} lose much, {rows:,} rows",
            trades(rare),
            rows,
            "mae",
            "equal",
        )


def print_tails(thin: int) -> None:
    tries, deltas = 40_000 // thin, (1e-3, 1e-4, 1e-5)
    with table(
        f"far out: of {tries:,} sets of rows so many pass; t alone, then the judge (which says nothing below 1e-4)"
    ):
        print(f"  {'':<58}" + "".join(f"{f't {delta:g}':>9}{'judge':>8}" for delta in deltas))
        for at, (what, world, rows, metric, form) in enumerate(_far()):
            alone, judged = measure_tail(world, rows, tries, [7, at], metric, form, deltas)
            print(f"  {what:<58}" + "".join(f"{one:>9}{other:>8}" for one, other in zip(alone, judged, strict=True)))
        print(f"  {'expected':<58}" + "".join(f"{tries * delta:>9g}{'':>8}" for delta in deltas), flush=True)


def _far() -> Iterator[tuple[str, World, int, str, str]]:
    yield "auc > champion, about 60 positives in 200 rows", scores(), 200, "auc", "equal"
    yield "auc > champion, about 10 positives in 200 rows", scores(0.05), 200, "auc", "equal"
    yield "mae < champion, 200 rows", amounts(), 200, "mae", "equal"
    yield "mae < number, 500 rows", amounts(), 500, "mae", "number"


# ---- structure -------------------------------------------------------------------------------------------------------------


def print_clusters(thin: int) -> None:
    tries = 1_000 // thin
    with table(f"clusters of about ten rows: share of {tries:,} sets that pass at .05 what is false by nothing"):
        print(f"  {'':<22}{'clusters':>9}{'alike':>7}{'with group':>12}{'refused':>9}{'ignoring it':>13}")
        for at, (count, icc) in enumerate(itertools.product((30, 60, 300), (0.05, 0.3))):
            for each in clusters(icc, count, tries, [3, at]):
                assert each.ignoring is not None
                over = "!" if _is_over(each.happened, each.tries, each.delta) else " "
                print(
                    f"  {each.what:<22}{count:>9}{icc:>7g}{each.happened / each.tries:>11.3f}{over}"
                    f"{each.refused / each.tries:>9.2f}{each.ignoring / each.tries:>13.3f}",
                    flush=True,
                )


def print_slices(thin: int) -> None:
    tries = 1_000 // thin
    with table(f"five slices, and whole gates: share of {tries:,} sets in which the wrong is said, at .05"):
        print(f"  {'':<52}{'rows':>7}{'wrong':>9}")
        _print_counts(itertools.chain(slices(200, tries, 4), slices(1_000, tries, 5), whole_gate(1_000, tries, 6)))


def _print_counts(counts: Iterable[Count]) -> None:
    for each in counts:
        over = "!" if _is_over(each.happened, each.tries, each.delta) else " "
        print(f"  {each.what:<52}{each.rows:>7,}{each.happened / each.tries:>8.3f}{over}", flush=True)


# ---- power -----------------------------------------------------------------------------------------------------------------


def print_power(thin: int) -> None:
    tries = 2_000 // thin
    with table(f"the planner: share of {tries:,} sets of as many rows as it asks for that pass; it promises .90"):
        print(f"  {'':<58}{'delta':>7}{'rows':>8}{'passed':>9}{'refused':>9}")
        for case in cases():
            found = check(*case, tries=tries)
            print(
                f"  {found.what:<58}{found.delta:>7g}{found.rows:>8,}{found.passed:>9.3f}{found.refused:>9.3f}",
                flush=True,
            )


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:,g}" if value < 1 else f"{value:,}" for value in values)


if __name__ == "__main__":
    main()
