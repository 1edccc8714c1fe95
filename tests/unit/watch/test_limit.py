"""When a metric counts as decayed."""

import msgspec
import pytest

from assay.core.digest import digest_of
from assay.core.pipeline import Performance
from assay.core.verdict import SentenceVerdict, Verdict
from assay.watch.limit import decay_limit, reference_value, state_of

ANY = digest_of(b"")


def verdict(*sentences: SentenceVerdict) -> Verdict:
    return Verdict("pass", sentences, ANY, ANY, ANY, None, None, 100)


def test_the_reference_is_the_challengers_value_in_the_sentence_about_that_metric():
    found = verdict(
        SentenceVerdict("accuracy >= 0.8", "pass", "", challenger=0.9),
        SentenceVerdict("mae < champion.mae", "pass", "", challenger=7.5),
    )
    assert reference_value(found, "mae") == 7.5
    assert reference_value(found, "rmse") is None
    assert reference_value(None, "mae") is None


def test_a_metric_whose_sentence_did_not_apply_has_been_measured_all_the_same():
    first = verdict(SentenceVerdict("mae < champion.mae", "not applicable", ""))
    assert reference_value(msgspec.structs.replace(first, measured={"mae": 7.5}), "mae") == 7.5


def test_decay_is_counted_upwards_where_lower_is_better_and_downwards_where_higher_is():
    assert decay_limit(Performance("mae", 0.15), 10.0) == pytest.approx(11.5)
    assert decay_limit(Performance("accuracy", 0.15), 0.8) == pytest.approx(0.68)
    assert decay_limit(Performance("mae", 0.15), None) is None


@pytest.mark.parametrize(
    "metric, interval, state",
    [
        ("mae", (11.6, 12.9), "decayed"),
        ("mae", (11.4, 12.9), "ok"),
        ("mae", (11.5, 12.9), "ok"),
        ("accuracy", (5.0, 11.4), "decayed"),
        ("accuracy", (5.0, 11.6), "ok"),
    ],
)
def test_decay_must_be_shown_not_only_seen(metric, interval, state):
    assert state_of(metric, 100, 100, interval, 11.5) == state


def test_without_labels_or_limit_nothing_is_claimed():
    assert state_of("mae", 100, 0, None, 11.5) == "no labels"
    assert state_of("mae", 100, 3, None, 11.5) == "too few labels"
    assert state_of("mae", 100, 100, (20.0, 21.0), None) == "no limit"


def test_a_batch_is_tested_when_four_fifths_of_its_labels_have_come():
    assert state_of("mae", 100, 79, (20.0, 21.0), 11.5) == "provisional"
    assert state_of("mae", 100, 80, (20.0, 21.0), 11.5) == "decayed"
    assert state_of("mae", 100, 79, (1.0, 2.0), 11.5) == "provisional"
