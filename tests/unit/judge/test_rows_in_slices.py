"""Rows are cut into slices once, and only the columns that somebody reads are taken."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError
from assay.core.sentence import SliceOf, parse_sentence
from assay.judge import Evidence, decide, labelled_rows
from assay.judge.slices import by_value, slice_of, slices_of

D = "b3:" + "0" * 64
CARRIERS = np.array(["UA", "AA", None, "UA", "HA", "AA", "UA", "OO"], object)


class Columns(dict):
    """Columns that note who was read."""

    def __init__(self, **columns):
        super().__init__(columns)
        self.read = []

    def __getitem__(self, name):
        self.read.append(name)
        return super().__getitem__(name)


def rows(labels=(0, 1, 2, 3, 4, 5, 6, 7), group=None, **columns):
    labels = np.array(labels, object if None in labels else int)
    count = len(labels)
    given = Columns(**{"carrier": CARRIERS, "wide": np.arange(count), **columns})
    evidence = Evidence(labels, np.arange(count), np.arange(count) * 2, D, D, D, D, columns=given)
    return labelled_rows(evidence, group, sliced_by=["carrier"]), given


def cut(labelled, min_rows=1):
    slices = slices_of("carrier", *labelled.values_of("carrier"), min_rows)
    return {each.name: part for each, part in zip(slices, labelled.in_slices(slices), strict=True)}


def test_each_slice_has_the_rows_of_its_value_in_their_order():
    labelled, _ = rows()
    parts = cut(labelled)
    assert {name: part.labels.tolist() for name, part in parts.items()} == {
        "carrier=AA": [1, 5],
        "carrier=HA": [4],
        "carrier=OO": [7],
        "carrier=UA": [0, 3, 6],
        "carrier=(none)": [2],
    }
    assert parts["carrier=UA"].champion.prediction.tolist() == [0, 6, 12]
    assert parts["carrier=UA"].columns["wide"].tolist() == [0, 3, 6]


def test_rows_of_pooled_values_keep_their_order_too():
    labelled, _ = rows()
    assert cut(labelled, 2)["carrier=other"].labels.tolist() == [2, 4, 7]


def test_rows_without_a_label_belong_to_no_labelled_slice():
    labelled, _ = rows(labels=(0, 1, 2, None, 4, None, 6, 7))
    parts = cut(labelled)
    assert [part.labels.tolist() for part in parts.values()] == [[1], [4], [7], [0, 6], [2]]
    assert parts["carrier=UA"].columns["wide"].tolist() == [0, 6]


def test_a_column_that_nobody_reads_is_never_taken_and_the_one_sliced_by_is_taken_once():
    labelled, given = rows()
    for min_rows in (1, 2, 3):
        cut(labelled, min_rows)
    assert given.read == ["carrier"]


def test_a_part_still_knows_the_names_of_all_columns():
    labelled, given = rows()
    part = cut(labelled)["carrier=AA"]
    assert list(part.columns) == ["carrier", "wide"]
    assert "wide" in part.columns
    assert len(part.columns) == 2
    assert given.read == ["carrier"]


def test_clusters_of_a_slice_are_numbered_from_0_without_gaps():
    labelled, _ = rows(group="user", user=np.array([9, 9, 3, 3, 5, 5, 9, 7]))
    assert {name: part.clusters.tolist() for name, part in cut(labelled).items()} == {
        "carrier=AA": [1, 0],
        "carrier=HA": [0],
        "carrier=OO": [0],
        "carrier=UA": [1, 0, 1],
        "carrier=(none)": [0],
    }


def test_a_column_that_is_not_there_is_an_error_with_the_near_miss():
    labelled, _ = rows()
    with pytest.raises(EvidenceError, match="have no column 'carier'") as caught:
        labelled.values_of("carier")
    assert "'carrier'" in caught.value.problem.fix


@pytest.mark.parametrize("kind", [object, np.int64, np.float64, np.str_])
def test_values_of_any_type_come_in_order_and_as_people_write_them(kind):
    values = np.array([3, 1, 20, 1], kind)
    found = by_value(values)
    assert [found.names[at] for at in found.of_row] == ["3", "1", "20", "1"]
    assert found.names == (["1", "20", "3"] if kind in (object, np.str_) else ["1", "3", "20"])


def test_rows_without_a_value_and_rows_with_the_text_none_are_two_slices():
    carriers = np.array(["(none)", None, "a", "(none)", None, "a"], object)
    labelled, _ = rows(labels=(0, 1, 2, None, None, 5), carrier=carriers)
    slices = slices_of("carrier", *labelled.values_of("carrier"), 1)
    assert [(each.name, each.rows.tolist(), each.rest.tolist()) for each in slices] == [
        ("carrier=(none)", [0], [0]),
        ("carrier=a", [2, 3], []),
        ("carrier=((none))", [1], [1]),
    ]


def test_a_text_that_only_unlabelled_rows_have_is_not_taken_for_no_value():
    values, rest = by_value(np.array(["a", None], object)), by_value(np.array(["(none)", "a"], object))
    found = slice_of(SliceOf("carrier", "(none)"), values, rest)
    assert (found.rows.tolist(), found.rest.tolist()) == ([1], [])


def test_a_slice_named_none_cannot_hide_behind_the_rows_without_a_value():
    plan = np.array(["(none)"] * 400 + [None] * 400 + ["a"] * 400, object)
    right = np.array([0] * 400 + [1] * 800)
    evidence = Evidence(np.ones(1200, int), right, None, D, D, D, columns={"plan": plan})
    (judged,) = decide(GateAction(None, (parse_sentence("every slice(plan).accuracy >= 0.7"),)), evidence).sentences
    assert (judged.verdict, len(judged.slices)) == ("fail", 3)


def test_more_values_than_a_byte_counts_are_told_apart():
    values = np.arange(70_000)[::-1].copy()
    found = by_value(values)
    assert found.of_row.tolist() == values.tolist()
    (pooled,) = slices_of("id", found, None, 2)
    assert pooled.rows.tolist() == list(range(70_000))


@pytest.mark.parametrize("unit", ["D", "s"])
def test_days_without_a_time_are_named_as_days(unit):
    days = np.array(["2020-01-01", "2020-01-02"], f"datetime64[{unit}]").astype("datetime64[us]").astype(object)
    assert by_value(days).names == ["2020-01-01", "2020-01-02"]
