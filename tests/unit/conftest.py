"""Verdicts as gates give them and findings as checks do, for the tests of every face: ``verdicts["pass"]``, ``reports["broken"]``."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from assay.core.artifact import Artifact
from assay.core.digest import Digest, digest_of
from assay.core.drift import ColumnDrift, DriftReport, Gap, Spread, ValueShift, drift_line
from assay.core.finding import CheckReport, Finding, Proposal, SliceCount, ValueCount
from assay.core.verdict import ArchivedVerdict, Charge, SentenceVerdict, SliceVerdict, Verdict, WeakSlice

ACCURACY = "accuracy > champion.accuracy at 99%"
CARRIERS = "every slice(carrier).accuracy >= 0.80"
NO_HARM = "no slice(carrier).accuracy < champion.accuracy - 0.05 at 99%"
LATENCY = "latency_p99_ms <= 20"
HOSTILE = "<script>alert(1)</script>\x1b[2J|`@everyone`|\u202e[x](https://evil.example/a.png)\\| &amp; \"quoted\" 'it'"


def name_of(what: str) -> Digest:
    return digest_of(what.encode())


def make_verdict(**fields: Any) -> Verdict:
    """A verdict against r2 on 2,000 rows, where ``fields`` says nothing else."""
    usual: dict[str, Any] = {
        "outcome": "pass",
        "sentences": (),
        "gate": name_of("gate"),
        "test_set": name_of("rows"),
        "challenger": name_of("challenger"),
        "champion": name_of("champion"),
        "champion_release": "r2",
        "rows": 2000,
        "code": name_of("code"),
    }
    return Verdict(**{**usual, **fields})


MCNEMAR = "exact McNemar test, paired"
BETTER = SentenceVerdict(
    ACCURACY,
    "pass",
    "2.00 points better than r2; at least 0.65 points with 99 % confidence",
    MCNEMAR,
    p_value=0.000456556,
    delta=0.01,
    challenger=0.895,
    champion=0.875,
    estimate=0.02,
    interval=(0.00648, 0.0331),
    rows=2000,
)
HIGH_ENOUGH = SentenceVerdict(
    "accuracy >= 0.85",
    "pass",
    "accuracy 89.50 %; at least 88.30 % with 95 % confidence",
    "exact binomial test",
    p_value=4.1e-09,
    delta=0.05,
    challenger=0.895,
    estimate=0.895,
    interval=(0.883, 0.9061),
    rows=2000,
)
QUICK = SentenceVerdict(
    LATENCY,
    "pass",
    "latency_p99_ms 14.2; at most 16.9 with 95 % confidence",
    "exact binomial test on exceedances",
    p_value=0.0113,
    delta=0.05,
    challenger=14.2,
    estimate=14.2,
    interval=(13.1, 16.9),
    rows=600,
)
NO_CHAMPION = SentenceVerdict(ACCURACY, "not applicable", "nothing to compare: there is no champion yet")


def carrier(name: str, new: float, old: float, rows: int, half: float = 0.03) -> SliceVerdict:
    """How a carrier fared in ``NO_HARM``."""
    gain = round(new - old, 6)
    interval = (round(gain - half, 6), round(gain + half, 6))
    verdict = "fail" if interval[1] < -0.05 else "undecided" if interval[0] < -0.05 else "pass"
    reason = {"fail": "harm shown: more than 5.00 points worse than r2", "undecided": "too few rows to tell"}.get(
        verdict, ""
    )
    pooled = ("HA", "OO", "YV") if name == "other" else ()
    p_value = 0.0004 if verdict == "fail" else 0.61
    return SliceVerdict(f"carrier={name}", verdict, rows, reason, p_value, new, old, gain, interval, None, pooled)


def every_carrier() -> SentenceVerdict:
    """Undecided at two of six; one is missing."""
    values = (("YV", 0.741, 104, 0.082), ("FL", 0.823, 212, 0.05), ("AA", 0.881, 610, 0.027), ("UA", 0.902, 655, 0.024))
    slices = [
        SliceVerdict(
            f"carrier={name}",
            "pass" if value - half >= 0.8 else "undecided",
            rows,
            "" if value - half >= 0.8 else "not shown",
            p_value=0.0002 if value - half >= 0.8 else 0.19,
            challenger=value,
            estimate=value,
            interval=(round(value - half, 4), round(value + half, 4)),
            labels_more=None if value - half >= 0.8 else 940,
        )
        for name, value, rows, half in values
    ]
    slices.append(SliceVerdict("carrier=HA", "undecided", 0, "no row has this value"))
    other = SliceVerdict(
        "carrier=other", "pass", 190, "", 0.011, 0.868, None, 0.868, (0.806, 0.914), None, ("OO", "AS", "VX")
    )
    return SentenceVerdict(
        CARRIERS,
        "undecided",
        "not shown for carrier=YV, carrier=FL and carrier=HA",
        "exact binomial test in each slice, Holm",
        p_value=0.19,
        delta=0.05,
        challenger=0.741,
        estimate=0.741,
        interval=(0.659, 0.823),
        rows=1771,
        labels_needed_total=2711,
        labels_more=940,
        slices=(*slices, other),
    )


def no_harm(count: int) -> SentenceVerdict:
    """A ``no`` about so many carriers, of which the first is harmed."""
    harmed = carrier("AA", 0.79, 0.905, 412)
    rest = [
        carrier(f"C{at:03}", 0.85 + 0.0002 * at, 0.862, 100 + at, half=0.02 + 0.0001 * at) for at in range(count - 2)
    ]
    return SentenceVerdict(
        NO_HARM,
        "fail",
        "harm was shown for carrier=AA: 11.50 points worse than r2",
        "exact conditional binomial test with a bound on disagreement (Berger-Boos), paired; Holm",
        p_value=0.0004,
        delta=0.01,
        challenger=0.79,
        champion=0.905,
        estimate=-0.115,
        interval=(-0.145, -0.085),
        rows=60_000,
        smallest_harm=0.031,
        slices=(harmed, *rest, carrier("other", 0.86, 0.862, 88)),
    )


def hostile() -> Verdict:
    """Whatever others may name, they have named badly."""
    part = SliceVerdict(
        HOSTILE, "fail", 120, HOSTILE, 0.5, 0.5, 0.6, -0.1, (-0.2, 0.0), pooled=(HOSTILE, "<b>", "x" * 5000)
    )
    sentence = SentenceVerdict(
        f'every slice("{HOSTILE}").accuracy > champion.accuracy', "fail", HOSTILE, HOSTILE, 0.4, 0.05, 0.5, 0.6, -0.1,
        (float("-inf"), float("nan")), 120, slices=(part, part),
    )  # fmt: skip
    return make_verdict(
        outcome="fail",
        sentences=(sentence, SentenceVerdict("<img src=x onerror=alert(1)>" * 300, "undecided", "x" * 100_000)),
        champion_release=HOSTILE,
        clustered_by=HOSTILE,
        restore=HOSTILE,
        measured={HOSTILE: 0.5},
        weakest=(WeakSlice(HOSTILE, HOSTILE, 10, 0.1, 0.2, 0.3),),
        archived=(ArchivedVerdict(HOSTILE, "pass", (sentence,)),),
    )


def all_verdicts() -> dict[str, Verdict]:
    short = SentenceVerdict(
        ACCURACY, "undecided",
        "not shown: gain 2.00 points over r2, lower bound -0.34 points with 99 % confidence; 2,322 more labels would show a gain "
        "of 2.00 points",
        MCNEMAR, 0.028444, 0.01, 0.91, 0.89, 0.02, (-0.0034, 0.0433), 1000, 3322, 2322,
    )  # fmt: skip
    enough = SentenceVerdict(
        ACCURACY, "fail",
        "not shown: gain 0.20 points over r2, lower bound -0.51 points with 99 % confidence; 1,660 rows are enough to show a gain "
        "of 2.00 points",
        MCNEMAR, 0.2858, 0.01, 0.877, 0.875, 0.002, (-0.0051, 0.0091), 2000, 1660, 0,
    )  # fmt: skip
    slower = SentenceVerdict(
        "mae <= champion.mae * 1.05", "fail",
        "shown to be false: 0.92 worse than 1.05 x r2; at least 0.31 worse with 99.9833 % confidence",
        "paired t test of absolute errors, approximate", 1.0, 0.01 / 60, 14.31, 12.75, 0.9225, (0.3094, 1.5356), 2000,
    )  # fmt: skip
    sealed = tuple(SentenceVerdict(text, "sealed", "") for text in (ACCURACY, CARRIERS))
    worn = Charge(name_of("hashes"), (3, 8, 13, 21), 4)
    return {
        "pass": make_verdict(
            sentences=(
                replace(BETTER, delta=0.0025, interval=(0.0043, 0.0351)),
                replace(HIGH_ENOUGH, delta=0.0125, interval=(0.8789, 0.9094)),
                QUICK,
            ),
            unlabelled=0,
            charge=Charge(name_of("hashes")),
            disagreement=0.07,
            calibration_error=0.0312,
            clustered_by="customer_id",
            weakest=(
                WeakSlice("dep_hour=5 and carrier=B6", "accuracy", 61, 0.754, 0.893, 0.0009),
                WeakSlice("origin=EWR", "accuracy", 322, 0.861, 0.893, 0.031),
            ),
        ),
        "fail": make_verdict(outcome="fail", sentences=(enough, HIGH_ENOUGH), labels_needed_total=1660, labels_more=0),
        "refuted": make_verdict(outcome="fail", sentences=(slower, enough), charge=worn),
        "undecided": make_verdict(
            outcome="undecided",
            sentences=(replace(short, delta=0.01 / 60, interval=(-0.0151, 0.0541)), replace(every_carrier(), delta=0.05 / 60), QUICK),
            rows=1312,
            unlabelled=312,
            disagreement=0.1034,
            label_first=32,
            labels_needed_total=3322,
            labels_more=2322,
            charge=worn,
        ),
        "first": make_verdict(
            sentences=(NO_CHAMPION, HIGH_ENOUGH), champion=None, champion_release=None, measured={"accuracy": 0.895, "mae": 12.0}
        ),
        "sealed": make_verdict(
            outcome="undecided",
            sentences=sealed,
            reveal="verdict",
            charge=Charge(name_of("hashes"), tuple(range(11)), 11, 2),
            disagreement=0.07,
            labels_needed_total=3322,
            labels_more=1322,
        ),
        "metrics file": make_verdict(
            sentences=(
                SentenceVerdict("accuracy > champion.accuracy", "pass", "91.00 % is more than 89.00 %", "compared as they are",
                                challenger=0.91, champion=0.89, estimate=0.02),
                SentenceVerdict("bleu >= 31", "pass", "33.4 is at least 31", "compared as it is", challenger=33.4, estimate=33.4),
            ),
            has_rows=False,
            rows=0,
        ),
        "restore": make_verdict(
            outcome="fail",
            sentences=(enough,),
            champion_release="r3",
            archived=(ArchivedVerdict("r1", "pass", (BETTER,)), ArchivedVerdict("r2", "undecided", (short,))),
            restore="r1",
        ),
        "many slices": make_verdict(outcome="fail", sentences=(no_harm(500), BETTER), rows=60_000),
        "hostile": hostile(),
    }  # fmt: skip


@pytest.fixture(scope="session")
def verdicts() -> Mapping[str, Verdict]:
    """One of every kind, by name."""
    return all_verdicts()


FLIGHTS = 336_776
AIRLINES = "carrier: str in data/airlines.parquet:carrier"


def flight(at: int, **cells: Any) -> dict[str, Any]:
    """A row of nineteen columns."""
    usual: dict[str, Any] = {
        "year": 2013,
        "month": 1,
        "day": at,
        "dep_time": 517 + at,
        "sched_dep_time": 515,
        "dep_delay": 2.5,
        "arr_time": 830,
        "sched_arr_time": 819,
        "arr_delay": None,
        "carrier": "UA",
        "flight": 1545 + at,
        "tailnum": "N14228",
        "origin": "EWR",
        "dest": "IAH",
        "air_time": 227,
        "distance": 1400,
        "hour": 5,
        "minute": 15,
        "time_hour": f"2013-01-{at:02d}T10:00:00",
    }
    return {**usual, **cells}


def held(rule: str, detail: str = "", rows: int = FLIGHTS) -> Finding:
    return Finding(rule, True, "error", detail, rule.partition(":")[0], rows=rows)


HOLDING = (
    held("unique: [time_hour, carrier, flight]"),
    held("day: int 1..31"),
    held("distance: int 50..5000, allow 1 row", "1 of 336,776 rows (<0.1 %) break it, 1 may"),
)
STRANGERS = Finding(
    AIRLINES,
    False,
    "error",
    '15 of 336,776 rows (<0.1 %) not in data/airlines.parquet:carrier: "ZZ", "MQ "',
    "carrier",
    15,
    FLIGHTS,
    tuple(flight(at + 1, carrier="ZZ" if at else "MQ ") for at in range(10)),
    (ValueCount("ZZ", 14), ValueCount("MQ ", 1)),
    (
        SliceCount("carrier", "ZZ", 14, 14),
        SliceCount("carrier", "MQ ", 1, 1),
        SliceCount("month", 1, 9, 27_004),
        SliceCount("month", 12, 6, 28_135),
    ),
    "flights@7f3a9c1e, run 17",
    Proposal("new carrier ZZ, 14 rows", "carrier", "str in [AA, MQ, UA, ZZ]"),
)
SCHEDULE = Finding(
    "sched: sched_dep_time = hour*100 + minute",
    False,
    "error",
    "29 of 336,776 rows (<0.1 %) break it",
    None,
    29,
    FLIGHTS,
    (flight(1, sched_dep_time=601, hour=6, minute=0), flight(2, sched_dep_time=None)),
)
GONE = Finding("gate: str", False, "error", "no column `gate`; did you mean `date`?", "gate", rows=FLIGHTS)
NO_TAIL = Finding(
    "no_tail: {if: dep_time is not null, then: tailnum is not null}",
    False,
    "warn",
    "2,512 of 336,776 rows (0.7 %) break it",
    None,
    2512,
    FLIGHTS,
    (flight(3, tailnum=None),),
)
TWO_WAYS = (
    Finding(
        "tail: str? len 6",
        False,
        "error",
        '1 of 4 rows (25 %) not of length 6: "N1"',
        "tail",
        1,
        4,
        ({"flight": 4, "tail": "N1"},),
    ),
    Finding(
        "tail: str? len 6", False, "error", "1 of 4 rows (25 %) are NULL", "tail", 1, 4, ({"flight": 2, "tail": None},)
    ),
)


def make_report(*findings: Finding, path: str = "data/flights.parquet", rows: int = FLIGHTS) -> CheckReport:
    """Findings on a dataset."""
    return CheckReport(Artifact(path, name_of(path), "file", 5_768_006), rows, findings)


SINCE = "; since data/2024-0*.parquet (2024-0*@2e02d86b)"
TIP = ColumnDrift(
    "tip",
    "number",
    "drifted",
    "tip: median 1.78 -> 2.27, KS .31, limit .12",
    spread=Spread((0.5, 1.5, 2.5), (0.3, 0.4, 0.2, 0.1), (0.1, 0.2, 0.3, 0.4)),
)
ZONE = ColumnDrift(
    "zone",
    "category",
    "drifted",
    f"zone: {HOSTILE} 0 % -> 12 %, total variation .12, limit .05; NULL 0 % -> 3 %, difference .03, limit .01",
    nulls=Gap(0.03, 0.001, 0.01),
    null_shares=(0.0, 0.03),
    shifts=(ValueShift(HOSTILE, 0.0, 0.12), ValueShift(None, 0.4, 0.28)),
)


def drifted_report() -> CheckReport:
    """Two columns moved, a number and a category with NULLs."""
    moved = [
        Finding(drift_line(each.column), False, "warn", f"{each.told.partition(': ')[2]}{SINCE}", each.column, rows=4)
        for each in (TIP, ZONE)
    ]
    return replace(make_report(*moved, *HOLDING), drift=DriftReport((TIP, ZONE), 60, 7, 1.25, 0.01))


def hostile_finding() -> Finding:
    """What people who know no mercy write into names, rules and cells."""
    row = {HOSTILE: HOSTILE, "plain": "\x00\x0b\ufffe\r\n\t", "": ""}
    return Finding(
        f"{HOSTILE}: str in [{HOSTILE}]",
        False,
        "error",
        f"3 of 10 rows (30 %) not in the set: {HOSTILE}",
        HOSTILE,
        3,
        10,
        (row, row),
        (ValueCount(HOSTILE, 2), ValueCount("", 1)),
        (SliceCount(HOSTILE, HOSTILE, 1, 2),),
        HOSTILE,
        Proposal(HOSTILE, HOSTILE, HOSTILE),
    )


@pytest.fixture
def reports() -> Mapping[str, tuple[CheckReport, ...]]:
    """One of every kind, by name."""
    broken = make_report(GONE, *HOLDING[:2], STRANGERS, HOLDING[2], NO_TAIL, SCHEDULE)
    small = make_report(*TWO_WAYS, held("unique: [flight]", rows=4), path="data/small.csv", rows=4)
    hostile = make_report(hostile_finding(), held(f"{HOSTILE}: int"), path=f"data/{HOSTILE}.csv", rows=10)
    return {
        "broken": (broken,),
        "two ways": (small,),
        "warns": (make_report(NO_TAIL, *HOLDING),),
        "holds": (make_report(*HOLDING),),
        "one rule": (make_report(HOLDING[0]),),
        "no rule": (make_report(),),
        "several": (make_report(*HOLDING, path="data/airports.csv"), small, broken),
        "hostile": (hostile,),
        "drifted": (drifted_report(),),
    }
