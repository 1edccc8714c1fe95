"""Sequential tests beside what is usually done with a canary: how often a good one is rolled back, how soon a bad one is.

    python bench/sequential.py

Everything is looked at after every request (or as each rule says), with fixed seeds. ``shown`` is the share of the streams in which a test
said yes; the median and the ninth decile are requests until then, among those. Prints CPU seconds a table.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import NormalDist

import numpy as np

from assay.judge.sequential import (
    MeanAbove,
    MeanRise,
    RateRise,
    ShareAbove,
    canary_is_not_worse,
    canary_is_worse,
    share_of_slow,
)
from assay.judge.sequential.mean import log_growth, log_mixture

STREAMS, REQUESTS, ALPHA = 600, 20_000, 0.01
STABLE = 0.01
NEVER = math.inf
DAYS, DAY_ROWS, SERIES, CHANGE = 100, 1_000, 1_000, 30


def main() -> None:
    with table(
        f"canary: error rate, stable {STABLE:.0%}, alpha {ALPHA}, {STREAMS} streams of {REQUESTS:,} requests, seed 0"
    ):
        canary()
    with table(f"latency: at most {STABLE:.0%} over budget, alpha {ALPHA}, {STREAMS} streams, seed 1"):
        latency()
    with table(f"early accept: not worse by a point, alpha {ALPHA}, {STREAMS} streams, seed 2"):
        early_accept()
    with table(
        f"decay: {SERIES} series of {DAYS} days of {DAY_ROWS:,} rows, rate .20, rise on day {CHANGE + 1}, seed 3"
    ):
        decay()
    with table("run length to a false alarm, in batches; runs are cut at 20 times the threshold; seed 4"):
        run_lengths()


@contextmanager
def table(title: str) -> Iterator[None]:
    start = time.process_time()
    print(f"\n{title}")
    yield
    print(f"  ({time.process_time() - start:.1f} CPU s)")


def canary() -> None:
    rng = np.random.default_rng(0)
    limits = boundary(ShareAbove(0.5), 3_000)
    print_head("shown when canary error rate is")
    for share in (STABLE, 0.012, 0.015, 0.02, 0.03, 0.05):
        new = rng.random((STREAMS, REQUESTS)) < share
        old = rng.random((STREAMS, REQUESTS)) < STABLE
        nine = rng.binomial(9, STABLE, (STREAMS, REQUESTS))
        print_row(f"{share:.3f} mixture e-process on disagreeing pairs 1:1", first_on_pairs(new, old, limits))
        print_row("      betting on canary - mean of 9 stable", first_by_betting(canary_is_worse(), new - nine / 9))
        for level in (0.05, 0.01):
            print_row(f"      z-test p < {level} every 100 requests", first_by_z(new, nine, level))
        print_row("      window of 100 over 3 % errors, failureLimit 3", first_by_window(new))


def latency() -> None:
    rng = np.random.default_rng(1)
    limits = boundary(share_of_slow(STABLE), REQUESTS)
    flat = boundary(ShareAbove(STABLE), REQUESTS)
    print_head("shown when the share over budget is")
    for share in (STABLE, 0.015, 0.02, 0.03, 0.05):
        slow = rng.random((STREAMS, REQUESTS)) < share
        print_row(f"{share:.3f} share_of_slow", first_over(slow, limits))
        print_row("      the same with a flat prior", first_over(slow, flat))
        counted = np.cumsum(slow, axis=1)[:, 99::100]
        n = np.arange(100, REQUESTS + 1, 100)
        z = (counted / n - STABLE) / np.sqrt(STABLE * (1 - STABLE) / n)
        print_row("      z-test p < 0.01 every 100 requests", 100 * first(z > NormalDist().inv_cdf(0.99)))


def early_accept() -> None:
    rng = np.random.default_rng(2)
    print_head("accepted when canary error rate is")
    for share in (STABLE, 0.015, 0.02):
        new = rng.random((STREAMS, REQUESTS)) < share
        nine = rng.binomial(9, STABLE, (STREAMS, REQUESTS))
        print_row(f"{share:.3f} canary_is_not_worse(.01)", first_by_betting(canary_is_not_worse(0.01), nine / 9 - new))


def decay() -> None:
    rng = np.random.default_rng(3)
    print(f"  {'rate after the change':<48}{'alarm before':>14}{'found':>8}{'median days':>13}")
    for rate in (0.20, 0.22, 0.24, 0.30):
        rates = np.where(np.arange(DAYS) < CHANGE, 0.20, rate)
        counts = rng.binomial(DAY_ROWS, rates, (SERIES, DAYS))
        z = (counts / DAY_ROWS - 0.20) / math.sqrt(0.16 / DAY_ROWS)
        running = np.cumsum(z, axis=1) / np.sqrt(np.arange(1, DAYS + 1))
        alarms = np.array([first_alarm(row.tolist(), 1_000) for row in counts])
        print_decay(f"{rate:.2f} RateRise, run length 1,000 days", alarms)
        print_decay("     z-test each day, p < .05 (two-sided)", first(np.abs(z) > 1.96))
        print_decay("     z-test of all so far, p < .05 (two-sided)", first(np.abs(running) > 1.96))


def run_lengths() -> None:
    rng = np.random.default_rng(4)
    for threshold in (20, 100):
        most = 20 * threshold
        rate = [first_alarm(rng.binomial(200, 0.2, most).tolist(), threshold, 200) for _ in range(400)]
        print_runs(f"RateRise, threshold {threshold}", np.minimum(rate, most))
        mean = [first_mean_alarm(rng.random((most, 50)), threshold) for _ in range(100)]
        print_runs(f"MeanRise (50 even values a batch), threshold {threshold}", np.minimum(mean, most))


# ---- tests -----------------------------------------------------------------------------------------------------------------


def boundary(test: ShareAbove, rows: int) -> np.ndarray:
    """For each number of rows from 1, the least count that shows it."""
    counts, count = np.empty(rows, int), 0
    for n in range(1, rows + 1):
        while count <= n and ShareAbove(test.share, test.prior_a, test.prior_b, count, n).log_e < -math.log(ALPHA):
            count += 1
        counts[n - 1] = count
    return counts


def first_on_pairs(new: np.ndarray, old: np.ndarray, limits: np.ndarray) -> np.ndarray:
    wins, pairs = np.cumsum(new & ~old, axis=1), np.cumsum(new != old, axis=1)
    return first((pairs > 0) & (wins >= limits[np.maximum(pairs, 1) - 1]))


def first_over(hits: np.ndarray, limits: np.ndarray) -> np.ndarray:
    return first(np.cumsum(hits, axis=1) >= limits)


def first_by_betting(test: MeanAbove, streams: np.ndarray) -> np.ndarray:
    return np.array([first(path(test, values)[None] >= -math.log(ALPHA))[0] for values in streams])


def path(test: MeanAbove, values: np.ndarray) -> np.ndarray:
    return log_mixture(np.cumsum(log_growth(values, test.target, test.low, test.high), axis=1))


def first_by_z(new: np.ndarray, nine: np.ndarray, level: float) -> np.ndarray:
    n = np.arange(100, REQUESTS + 1, 100)
    a, b = np.cumsum(new, axis=1)[:, 99::100], np.cumsum(nine, axis=1)[:, 99::100]
    pooled = (a + b) / (10 * n)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-9) * (1 / n + 1 / (9 * n)))
    return 100 * first((a / n - b / (9 * n)) / error > NormalDist().inv_cdf(1 - level))


def first_by_window(new: np.ndarray) -> np.ndarray:
    windows = new.reshape(len(new), -1, 100).mean(axis=2)
    return 100 * first(np.cumsum(windows > 0.03, axis=1) > 3)


def first_alarm(counts: list[int], run_length: float, rows: int = DAY_ROWS) -> float:
    detector = RateRise(0.20)
    for batch, count in enumerate(counts, 1):
        detector = detector.update(count, rows)
        if detector.is_alarmed(run_length):
            return batch
    return NEVER


def first_mean_alarm(batches: np.ndarray, run_length: float) -> float:
    detector = MeanRise(0.5)
    for batch, values in enumerate(batches, 1):
        detector = detector.update(values)
        if detector.is_alarmed(run_length):
            return batch
    return NEVER


def first(shown: np.ndarray) -> np.ndarray:
    """For each stream, the first place (from 1) where it is shown; infinity for never."""
    return np.where(shown.any(axis=1), shown.argmax(axis=1) + 1.0, NEVER)


# ---- print -----------------------------------------------------------------------------------------------------------------


def print_head(what: str) -> None:
    print(f"  {what:<54}{'shown':>8}{'median':>9}{'ninth decile':>14}")


def print_row(name: str, found: np.ndarray) -> None:
    hits = found[found < NEVER]
    middle, late = (f"{np.quantile(hits, share):,.0f}" if len(hits) else "-" for share in (0.5, 0.9))
    print(f"  {name:<54}{len(hits) / len(found):>8.3f}{middle:>9}{late:>14}", flush=True)


def print_runs(name: str, lengths: np.ndarray) -> None:
    print(f"  {name:<54} mean {lengths.mean():>6,.0f} batches, median {np.median(lengths):>6,.0f}", flush=True)


def print_decay(name: str, found: np.ndarray) -> None:
    early = found <= CHANGE
    late = found[~early] - CHANGE
    hits = late[late < NEVER]
    median = f"{np.median(hits):.0f}" if len(hits) else "-"
    share = f"{len(hits) / len(late):.3f}" if len(late) else "-"
    print(f"  {name:<48}{early.mean():>14.3f}{share:>8}{median:>13}", flush=True)


if __name__ == "__main__":
    main()
