"""When a metric counts as decayed."""

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
    assert state_of(metric, 100, interval, 11.5) == state


def test_without_labels_or_limit_nothing_is_claimed():
    assert state_of("mae", 0, None, 11.5) == "no labels"
    assert state_of("mae", 3, None, 11.5) == "too few labels"
    assert state_of("mae", 100, (20.0, 21.0), None) == "no limit"
