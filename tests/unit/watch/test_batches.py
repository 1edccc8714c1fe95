"""What is known of each batch: readings supersede each other, and data is new when a batch is labelled."""

from assay.core.digest import digest_of
from assay.core.watch import Reading
from assay.watch import LabelledBatch, batch_of, is_news, newest_readings
from assay.watch.batches import labelled_data


def reading(batch: str, labelled: int = 100, value: float = 10.0, at_s: float | None = 0.0) -> Reading:
    labels = digest_of(f"{batch} {labelled} {value}".encode())
    return Reading("mae", value, None, 100, labelled, batch, digest_of(batch.encode()), labels, "r1", 8.9, "ok", at_s)


def batch(name: str, labelled: int = 100, labels: str = "") -> LabelledBatch:
    return LabelledBatch(
        name, digest_of(name.encode()), 100, labelled, digest_of(labels.encode()) if labelled else None
    )


def test_the_newest_reading_of_a_batch_supersedes_those_before_it():
    feb, march, corrected = reading("feb", at_s=2.0), reading("march", at_s=3.0), reading("feb", value=9.0, at_s=2.0)
    assert newest_readings([march, feb, corrected]) == (corrected, march)


def test_without_a_clock_a_correction_does_not_make_a_batch_newer():
    feb, march, corrected = reading("feb", at_s=None), reading("march", at_s=None), reading("feb", value=9.0, at_s=None)
    assert newest_readings([feb, march, corrected]) == (corrected, march)


def test_more_and_corrected_labels_are_news_and_the_same_again_is_none():
    assert is_news(reading("feb"), None)
    assert is_news(reading("feb", labelled=90), reading("feb", labelled=80))
    assert is_news(reading("feb", value=9.0), reading("feb"))
    assert not is_news(reading("feb"), reading("feb"))


def test_labels_that_have_gone_take_no_reading_back():
    assert not is_news(reading("feb", labelled=0), reading("feb"))


def test_an_unlabelled_batch_is_no_new_data():
    assert labelled_data([batch("feb")]) == labelled_data([batch("feb"), batch("march", labelled=79)])
    assert labelled_data([batch("march", labelled=0)]) is None


def test_a_labelled_batch_is_new_data_in_whichever_order_it_comes():
    both = labelled_data([batch("feb"), batch("march")])
    assert both != labelled_data([batch("feb")])
    assert both == labelled_data([batch("march"), batch("feb")])


def test_labels_that_trickle_in_are_new_data_when_they_are_all_there():
    first = labelled_data([batch("feb", labelled=80, labels="a")])
    assert first == labelled_data([batch("feb", labelled=90, labels="ab")])
    assert first != labelled_data([batch("feb", labelled=100, labels="abc")])


def test_corrected_labels_of_a_whole_batch_are_new_data():
    assert labelled_data([batch("feb", labels="a")]) != labelled_data([batch("feb", labels="b")])


def test_an_empty_batch_is_not_labelled():
    assert not LabelledBatch("empty", digest_of(b""), 0, 0, None).is_labelled


def test_a_reading_knows_its_batch():
    assert batch_of(reading("feb", labelled=90)).labelled == 90
