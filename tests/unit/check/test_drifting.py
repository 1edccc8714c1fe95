"""A drift rule on a dataset: what is found, and what is said where nothing can be."""

import datetime as dt
import random
from pathlib import Path

import duckdb
import msgspec
import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check.drift_asked import Since
from assay.check.drifting import Drifted, drift
from assay.core.artifact import Artifact
from assay.core.dataset import DatabaseTable, Files
from assay.core.digest import digest_of
from assay.core.problem import EvidenceError
from assay.core.reference_profile import ReferenceProfile
from assay.core.rules import DriftRule

RULE = DriftRule("jan.csv", batch_s=86400, window_s=7 * 86400, time="day", ignore=("id",))
START = dt.date(2024, 1, 1)


def rows(days: int, *, late: float = 0, new: str = "", start: dt.date = START, seed: int = 1) -> str:
    """40 rows a day; in the last seven days delays are ``late`` greater and some carriers new."""
    draw = random.Random(seed)
    lines = ["id,day,carrier,delay"]
    for day in range(days):
        is_late = day >= days - 7
        for _ in range(40):
            delay = "" if draw.random() < 0.1 else f"{draw.gauss(3 + late * is_late, 4):.1f}"
            carriers = ["AA", "UA", "DL", *([new] if new and is_late else [])]
            lines.append(f"{len(lines)},{start + dt.timedelta(day)},{draw.choice(carriers)},{delay}")
    return "\n".join(lines) + "\n"


class Held:
    """Datasets as files, and rules on them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, text: str) -> Artifact:
        (self._folder / name).write_text(text)
        return Artifact(name, digest_of(text.encode()), "file", len(text))

    def source(self, data: Artifact) -> Files:
        return Files((self._folder / data.path,))

    def profile(self, data: Artifact, rule: DriftRule = RULE) -> ReferenceProfile:
        return self.against(data, Since("champion", missing="there is no champion yet"), rule).profile

    def against(self, data: Artifact, since: Since, rule: DriftRule = RULE) -> Drifted:
        return drift(data, self.source(data), rule, since, DuckdbEngine())


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path)


def details(found: Drifted) -> list[tuple[bool, str]]:
    return [(finding.passed, finding.detail) for finding in found.findings]


def test_drifted_columns_are_findings_and_the_rest_is_told_beside_them(held: Held) -> None:
    jan = held.put("jan.csv", rows(60))
    now = held.put("now.csv", rows(60, late=6, new="ZZ", start=dt.date(2024, 3, 1), seed=2))
    profile = held.profile(jan)
    found = held.against(now, Since("champion (jan@1)", jan.digest, profile))
    delay, carrier, summary = found.findings
    assert (delay.column, delay.passed, delay.severity) == ("delay", False, "warn")
    assert [each.rule for each in found.findings] == ["delay: drift", "carrier: drift", "drift: since champion (jan@1)"]
    assert delay.detail.startswith("median 3 -> 9.3, KS .60")
    assert delay.detail.endswith("; since champion (jan@1)")
    assert carrier.detail.startswith("ZZ 0 % -> 2")
    assert summary.passed
    assert summary.detail.startswith(
        "2 of 2 columns drifted: the newest 7 batches against 60 batches, each 1 day; measured on the reference: 0 of 54 windows"
    )
    assert found.report is not None
    assert {column.column: column.psi is not None for column in found.report.columns} == {
        "carrier": True,
        "delay": True,
    }
    msgspec.json.decode(msgspec.json.encode(found.report), type=type(found.report))
    assert found.profile.rows == 2400


def test_a_profile_and_the_rows_that_it_was_made_of_say_the_same(held: Held) -> None:
    jan = held.put("jan.csv", rows(40))
    now = held.put("now.csv", rows(30, late=6, seed=2))
    by_profile = held.against(now, Since("jan", jan.digest, held.profile(jan)))
    by_rows = held.against(now, Since("jan", jan.digest, source=held.source(jan)))
    assert by_profile.report == by_rows.report


def test_what_has_not_moved_is_ok(held: Held) -> None:
    jan = held.put("jan.csv", rows(60))
    found = held.against(held.put("now.csv", rows(30, seed=2)), Since("jan", jan.digest, held.profile(jan)))
    assert found.report is not None
    assert found.report.state == "ok"
    assert details(found)[0][1].startswith("0 of 2 columns drifted")


def test_a_small_reference_is_not_enough_and_never_ok(held: Held) -> None:
    jan = held.put("jan.csv", rows(20))
    found = held.against(held.put("now.csv", rows(30, late=9)), Since("jan", jan.digest, held.profile(jan)))
    ((passed, detail),) = details(found)
    assert passed
    assert detail.startswith("not enough reference: 20 batches, and 26 are needed for windows of 7")


def test_without_a_reference_there_is_a_finding_that_says_so(held: Held) -> None:
    now = held.put("now.csv", rows(3))
    assert details(held.against(now, Since("champion", missing="there is no champion yet"))) == [
        (True, "no reference yet: there is no champion yet")
    ]
    ((_, itself),) = details(held.against(now, Since("now", now.digest, held.profile(now))))
    assert itself == (
        f"no reference yet: {now.label} is the reference itself: nothing newer is there to hold against it"
    )
    hourly = held.profile(now, DriftRule(batch_s=3600, time="day", ignore=("id",)))
    ((_, other),) = details(held.against(held.put("b.csv", rows(3, seed=4)), Since("now", now.digest, hourly)))
    assert other == "no reference yet: that of now was counted in other batches, and its rows are not at hand"


def test_context_columns_and_undated_rows_are_told(held: Held) -> None:
    rule = msgspec.structs.replace(RULE, context=("carrier",), ignore=("id",))
    jan = held.put("jan.csv", rows(60))
    now = held.put("now.csv", rows(30, new="ZZ", seed=2) + "9999,,AA,1\n")
    found = held.against(now, Since("jan", jan.digest, held.profile(jan, rule)), rule)
    ((passed, detail),) = details(found)
    assert passed
    assert "; context: carrier;" in detail
    assert "1 of 1,201 rows have no time, or one still to come, and are in no batch" in detail


def test_columns_that_came_went_or_changed_their_type_are_told(held: Held) -> None:
    jan = held.put("jan.csv", rows(60))
    text = rows(30, seed=2).replace("id,day,carrier,delay", "id,day,airline,delay").replace(",3.", ",c3.")
    ((_, detail),) = details(held.against(held.put("now.csv", text), Since("jan", jan.digest, held.profile(jan))))
    assert "only in the reference: carrier" in detail
    assert "not in the reference: airline" in detail
    assert "of another type than in the reference: delay" in detail


def test_the_classifier_sees_rows_or_says_that_there_are_none(held: Held) -> None:
    rule = msgspec.structs.replace(RULE, classifier=True)
    jan = held.put("jan.csv", rows(60))
    now = held.put("now.csv", rows(30, late=6, seed=2))
    found = held.against(now, Since("jan", jan.digest, held.profile(jan), held.source(jan)), rule)
    assert found.report is not None
    assert found.report.separation is not None
    assert found.report.separation.auc > 0.7
    assert found.report.separation.has_whole_batches
    assert "classifier: AUC ." in details(found)[-1][1]
    without = held.against(now, Since("jan", jan.digest, held.profile(jan)), rule)
    assert details(without)[-1][1].endswith("classifier: not asked, as the rows of jan are not at hand")


def test_a_row_that_is_still_to_come_is_no_newest_batch(held: Held) -> None:
    jan = held.put("jan.csv", rows(60))
    profile = held.profile(jan)
    now = held.put("now.csv", rows(30, late=6, seed=2) + "9999,2099-01-01,AA,3.0\n")
    since, now_s = Since("jan", jan.digest, profile), dt.datetime(2024, 2, 1, tzinfo=dt.UTC).timestamp()
    found = drift(now, held.source(now), RULE, since, DuckdbEngine(), now_s=now_s)
    assert [finding.column for finding in found.findings if not finding.passed] == ["delay"]
    assert "1 of 1,201 rows have no time, or one still to come, and are in no batch" in details(found)[-1][1]
    assert all(finding.passed for finding in drift(now, held.source(now), RULE, since, DuckdbEngine()).findings)


def test_the_classifier_tells_nothing_apart_where_few_values_stand_often(held: Held, tmp_path: Path) -> None:
    query = "SELECT TIMESTAMP '2020-01-01' + to_days(CAST(i // 3000 AS INT)) AS day, chr(CAST(97 + hash(i) % 12 AS INT)) AS c"
    for name, span in (("before", "0, 120000"), ("now", "120000, 150000")):
        duckdb.execute(f"COPY ({query} FROM range({span}) AS r(i)) TO '{tmp_path / name}.parquet'")
    before, now = (Artifact(f"{name}.parquet", digest_of(name.encode()), "file", 1) for name in ("before", "now"))
    rule = msgspec.structs.replace(RULE, classifier=True)
    found = held.against(now, Since("before", before.digest, None, held.source(before)), rule)
    assert found.report is not None
    assert found.report.separation is not None
    assert abs(found.report.separation.auc - 0.5) < 0.02


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (DriftRule(batch_s=86400), "no-time-column"),
        (DriftRule(batch_s=86400, time="dya"), "no-time-column"),
        (DriftRule(batch_s=86400, time="carrier"), "no-time-column"),
        (DriftRule(window_s=86400), "drift-without-batch"),
        (DriftRule(batch_s=0.0001, time="day"), None),
    ],
)
def test_a_rule_without_sense_for_the_data_is_an_error(held: Held, rule: DriftRule, code: str | None) -> None:
    now = held.put("now.csv", rows(3))
    if code is None:
        assert held.against(now, Since("champion", missing="none")).profile.batches == 3
        return
    with pytest.raises(EvidenceError) as refused:
        held.against(now, Since("champion", missing="none"), rule)
    assert refused.value.problem.code == code


def test_whole_numbers_are_no_times(tmp_path: Path) -> None:
    place = tmp_path / "a.parquet"
    duckdb.sql("SELECT 1 AS day").write_parquet(str(place))
    data = Artifact("a.parquet", digest_of(b"a"), "file", 1)
    rule = DriftRule(batch_s=86400, time="day")
    with pytest.raises(EvidenceError, match="column 'day' holds no day and no time"):
        drift(data, Files((place,)), rule, Since("champion"), DuckdbEngine())


def test_a_table_has_no_files_to_be_batches() -> None:
    table = Artifact("a.duckdb#t", digest_of(b"t"), "table", 0, 0)
    with pytest.raises(EvidenceError, match="a table has no files"):
        drift(table, DatabaseTable("a.duckdb", "t"), DriftRule(), Since("champion"), DuckdbEngine())


def test_files_are_batches_where_none_is_said(tmp_path: Path) -> None:
    draw = random.Random(3)

    def put(name: str, late: float) -> Path:
        place = tmp_path / name
        place.write_text("delay\n" + "".join(f"{draw.gauss(late, 2):.1f}\n" for _ in range(100)))
        return place

    before = Files(tuple(put(f"before{number:02}.csv", 0) for number in range(24)))
    usual = [put(f"now{number}.csv", 0) for number in range(2)]
    since = Since("before", digest_of(b"before"), source=before)
    data = Artifact("now*.csv", digest_of(b"now"), "folder", 3, 3)
    rule = DriftRule("before*.csv")
    late = drift(data, Files((*usual, put("now2.csv", 4))), rule, since, DuckdbEngine())
    assert late.findings[0].detail.startswith("median ")
    assert late.findings[-1].detail.startswith(
        "1 of 1 column drifted: the newest 1 batch against 24 batches, each a file"
    )
    assert late.profile.batches == 3
    same = drift(data, Files((*usual, put("now2.csv", 0))), rule, since, DuckdbEngine())
    assert [finding.passed for finding in same.findings] == [True]


def test_a_number_that_drifted_is_told_in_bins_that_can_be_drawn(held: Held) -> None:
    jan = held.put("jan.csv", rows(60))
    now = held.put("now.csv", rows(60, late=6, new="ZZ", seed=2))
    report = held.against(now, Since("jan", jan.digest, held.profile(jan))).report
    assert report is not None
    spreads = {column.column: column.spread for column in report.columns}
    assert spreads["carrier"] is None
    delay = spreads["delay"]
    assert delay is not None
    assert len(delay.before) == len(delay.now) == len(delay.edges) + 1
    assert sum(delay.before) == pytest.approx(1, abs=1e-3)
    assert sum(delay.now) == pytest.approx(1, abs=1e-3)
    fullest = [side.index(max(side)) for side in (delay.before, delay.now)]
    assert delay.edges[fullest[0] - 1] == pytest.approx(3, abs=2)
    assert delay.edges[fullest[1] - 1] > delay.edges[fullest[0] - 1] + 2
