"""Gate sentences are read exactly, and a mistake names its place and what would have been right."""

import pytest

from assay.core.metrics import METRICS, UNBUILT_METRICS
from assay.core.sentence import Reference, Sentence, SentenceMistake, parse_sentence


@pytest.mark.parametrize(
    "text, expected",
    [
        ("accuracy >= 0.80", Sentence("accuracy", ">=", Reference(0.8))),
        ("mae<=15", Sentence("mae", "<=", Reference(15.0))),
        ("rmse < 1.5e1", Sentence("rmse", "<", Reference(15.0))),
        ("accuracy > champion.accuracy", Sentence("accuracy", ">", Reference(0.0, "accuracy"))),
        ("accuracy > champion.accuracy at 99%", Sentence("accuracy", ">", Reference(0.0, "accuracy"), 0.99)),
        ("error_rate < champion.error_rate - .01", Sentence("error_rate", "<", Reference(0.01, "error_rate", "-"))),
        ("mae < champion.mae + 0.5", Sentence("mae", "<", Reference(0.5, "mae", "+"))),
        ("mae < champion.mae * 0.95 at 99.9 %", Sentence("mae", "<", Reference(0.95, "mae", "*"), 0.999)),
        ("mae < champion.mae \N{MULTIPLICATION SIGN} 0.95", Sentence("mae", "<", Reference(0.95, "mae", "*"))),
    ],
)
def test_a_sentence_reads_as_what_it_says(text, expected):
    read = parse_sentence(f"  {text} ")
    assert read == Sentence(expected.metric, expected.comparison, expected.right, expected.confidence, text)


def test_only_a_sentence_about_the_champion_is_relative():
    assert parse_sentence("mae < champion.mae").is_relative
    assert not parse_sentence("mae < 15").is_relative


@pytest.mark.parametrize(
    "text, offset, expected",
    [
        ("", 0, "a metric (accuracy, error_rate, mae, rmse)"),
        ("acuracy > 0.8", 0, "a metric (accuracy, error_rate, mae, rmse; did you mean accuracy?)"),
        ("Accuracy > 0.8", 0, "a metric (accuracy, error_rate, mae, rmse; did you mean accuracy?)"),
        ("champion.mae > mae", 0, "a metric (accuracy, error_rate, mae, rmse)"),
        ("accuracy", 8, "one of > >= < <="),
        ("accuracy = 0.8", 9, "one of > >= < <="),
        ("accuracy => 0.8", 9, "one of > >= < <="),
        ("accuracy > ", 11, "a number or champion.accuracy"),
        ("accuracy > good", 11, "a number or champion.accuracy"),
        ("accuracy > -0.5", 11, "a number or champion.accuracy"),
        ("accuracy > accuracy", 11, "champion.accuracy"),
        ("accuracy > champion", 19, ".accuracy"),
        ("accuracy > champion.acuracy", 20, "a metric (accuracy, error_rate, mae, rmse; did you mean accuracy?)"),
        ("mae < champion.rmse", 15, "mae, the metric on the left"),
        ("mae < champion.mae - much", 21, "a number"),
        ("mae < champion.mae * 0", 21, "a factor over 0"),
        ("mae < 1e999", 6, "a number or champion.mae"),
        ("accuracy >= 90", 12, "a share from 0 to 1 (0.9 for 90%)"),
        ("accuracy >= 0.9%", 12, "a share from 0 to 1 (0.9 for 90%)"),
        ("accuracy >= 0.9 at", 18, "a level such as 99%"),
        ("accuracy >= 0.9 at 0.99", 19, "a level over 50% and below 100%, such as 99%"),
        ("accuracy >= 0.9 at 100%", 19, "a level over 50% and below 100%, such as 99%"),
        ("accuracy >= 0.9 at 50%", 19, "a level over 50% and below 100%, such as 99%"),
        ("accuracy >= 0.9 and mae < 3", 16, "the end, or a level such as at 99%"),
        ("mae < champion.mae / 2", 19, "the end, or a level such as at 99%"),
    ],
)
def test_a_mistake_names_its_place_and_what_was_expected(text, offset, expected):
    with pytest.raises(SentenceMistake) as caught:
        parse_sentence(text)
    assert (caught.value.offset, caught.value.expected) == (offset, expected)
    assert caught.value.because == ""
    assert str(caught.value) == f"expected {expected} at {text[offset:] or 'the end'!r}"


@pytest.mark.parametrize(
    "text, word, offset",
    [
        ("every slice(carrier).accuracy >= 0.80", "every", 0),
        ("no accuracy < champion.accuracy - 0.01", "no", 0),
        (" slice(carrier=UA).accuracy >= 0.80", "slice", 1),
        ("latency_p99_ms <= 20", "latency_p99_ms", 0),
        ("model_size_mb <= 20", "model_size_mb", 0),
        ("auc >= 0.8 at 95%", "auc", 0),
        ("accuracy > champion.auc", "auc", 20),
        ("drift(hour) <= 0.1", "drift", 0),
    ],
)
def test_a_known_word_that_is_not_built_is_refused_as_such(text, word, offset):
    with pytest.raises(SentenceMistake, match=f"^'{word}' is not built yet; expected ") as caught:
        parse_sentence(text)
    assert caught.value.offset == offset


def test_no_metric_is_both_built_and_not():
    assert not UNBUILT_METRICS & METRICS.keys()
