"""Behaviour, latency and size as a verdict shows them: cases that are broken, calls that were timed, MB that are counted."""

import numpy as np
import pytest
from msgspec.structs import replace

from assay.core.sentence import parse_sentence
from assay.explain.verdict import headline, sentence_facts, verdict_facts, verdict_markdown, verdict_page
from assay.judge.resources import judge_latency, judge_size
from assay.judge.violations import judge_violations

INVARIANT = "violations(invariant tail) <= 1%"


def violations(text, broken, cases):
    return judge_violations(parse_sentence(text), np.arange(cases) < broken, 0.05, None)


def latency(text, *slow):
    ours, theirs = (np.repeat([2.0, 30.0], [2200 - count, count]) for count in (*slow, 0)[:2])
    return judge_latency(parse_sentence(text), ours, theirs, 0.05, "r2")


@pytest.fixture
def told(verdicts):
    """A verdict on these sentences alone."""

    def of(*sentences):
        order = ("fail", "undecided", "pass")
        outcome = min((each.verdict for each in sentences), key=order.index)
        more = max((each.labels_more or 0 for each in sentences if each.verdict == "undecided"), default=0) or None
        return replace(
            verdicts["fail"], outcome=outcome, sentences=sentences, labels_needed_total=None, labels_more=more
        )

    return of


def facts(verdict, at=0):
    return dict(sentence_facts(verdict.sentences[at], verdict))


def test_a_share_of_violations_is_told_with_its_count_and_bounds(told):
    assert facts(told(violations(INVARIANT, 12, 4000))) == {
        "measured": "12 of 4,000 cases broken",
        "estimate": "0.30 % [0.17, 0.49]; at most 1.00 % is asked",
        "p": "1.9e-07",
        "allowed": "0.05, at 95 %: the gate's level",
        "cases": "4,000",
        "method": "exact binomial test of the cases, taken as independent",
    }


def test_where_none_may_be_broken_no_level_is_told_and_small_bounds_are_not_zero(told):
    assert facts(told(violations("violations(invariant tail) <= 0", 1, 4000))) == {
        "measured": "1 of 4,000 cases broken",
        "estimate": "0.025 % [0.0013, 0.12]; at most 0 % is asked",
        "cases": "4,000",
        "method": "counted as they are",
    }


def test_cases_of_a_file_are_told_by_their_count(told):
    assert facts(told(violations("violations(cases c.csv) <= 10%", 1, 10))) == {
        "measured": "1 of 10 cases broken",
        "estimate": "10.00 %; at most 10.00 % is asked",
        "cases": "10",
        "method": "counted as they are",
    }


def test_a_latency_is_told_in_ms_and_by_calls(told):
    seen = facts(told(latency("latency_p99_ms <= 20", 5)))
    assert seen["measured"] == "challenger 2 ms"
    assert seen["estimate"] == "2 ms [2, 2]; at most 20 ms is asked"
    assert seen["calls"] == "2,200"
    assert "rows" not in seen


def test_a_latency_beside_the_champions_is_a_signed_difference(told):
    seen = facts(told(latency("latency_p99_ms <= champion.latency_p99_ms + 5", 100, 5)))
    assert seen["measured"] == "challenger 30 ms, r2 2 ms"
    assert seen["estimate"] == "+28 ms [+28, +28] (challenger - r2); at most +5 ms is asked"


def test_a_size_is_told_in_mb_at_no_level(told):
    sentence = judge_size(parse_sentence("model_size_mb <= champion.model_size_mb * 1.1"), 31.2, 20.0, "r2")
    assert facts(told(sentence)) == {
        "measured": "challenger 31.2 MB, r2 20 MB",
        "estimate": "+9.2 MB (challenger - 1.1 x r2); at most 0 MB is asked",
        "method": "compared as it is",
    }


@pytest.mark.parametrize(
    "sentence, said",
    [
        (violations(INVARIANT, 30, 400), f"FAIL: `{INVARIANT}` was shown to be false on 400 cases"),
        (
            violations("violations(missing tail) <= 1%", 30, 4000),
            "FAIL: `violations(missing tail) <= 1%` was not shown on 4,000 cases, though a share clearly below the limit would have been",
        ),
        (
            violations("violations(invariant tail) <= 0", 12, 4000),
            "FAIL: `violations(invariant tail) <= 0` does not hold: 12 of 4,000 cases broken",
        ),
        (
            violations("violations(cases c.csv) <= 0", 1, 10),
            "FAIL: `violations(cases c.csv) <= 0` does not hold: 1 of 10 cases broken",
        ),
        (
            violations(INVARIANT, 0, 200),
            "UNDECIDED: 4,930 more rows needed to tell whether the challenger is good enough",
        ),
        (
            violations(INVARIANT, 0, 0),
            f"UNDECIDED: `{INVARIANT}` could not be judged: no case could be tried: no two rows differ in tail",
        ),
        (latency("latency_p99_ms <= 20", 100), "FAIL: `latency_p99_ms <= 20` was shown to be false on 2,200 calls"),
        (
            judge_size(parse_sentence("model_size_mb <= 20"), 31.2, None, "r2"),
            "FAIL: `model_size_mb <= 20` does not hold: it is 31.2 MB",
        ),
    ],
)
def test_the_first_line_names_cases_and_calls_for_what_they_are(told, sentence, said):
    assert headline(told(sentence)) == said


def test_rows_that_are_missing_need_no_label_unless_another_sentence_reads_one(told, verdicts):
    unlabelled = violations(INVARIANT, 0, 200)
    alone = replace(told(unlabelled), labels_needed_total=5330)
    assert dict(verdict_facts(alone))["rows needed"] == "5,330 rows to decide it: 4,930 more than there are"
    assert facts(alone)["needs"] == "5,330 rows to decide it: 4,930 more than there are"
    both = replace(told(unlabelled, verdicts["undecided"].sentences[0]), labels_needed_total=5330)
    assert dict(verdict_facts(both))["labels needed"].startswith("5,330 labelled rows")
    assert "labelled rows needed" in headline(both)


def test_every_face_shows_them(told):
    verdict = told(
        violations(INVARIANT, 12, 4000),
        violations("violations(x up, prediction up) <= 0", 0, 800),
        latency("latency_p99_ms <= 20", 5),
        judge_size(parse_sentence("model_size_mb <= 20"), 3.1, None, "r2"),
    )
    markdown = verdict_markdown(verdict)
    assert "| ✓ pass | `violations(invariant tail) <= 1%` | 0.30 % |" in markdown
    for text in ("4,000 cases |", "2,200 calls |", "3.1 MB"):
        assert text in markdown
    page = verdict_page(verdict)
    for text in ("share of cases that are broken, in %", "latency_p99_ms, in ms", "model_size_mb, in MB"):
        assert text in page
    assert "12 of 4,000 cases broken" in page
