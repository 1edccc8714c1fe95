"""Ids are joined by what they spell."""

import pytest

from assay.watch import join_key


@pytest.mark.parametrize("value", [7, 7.0, "7", "007", " 7", "+7", "7.0"])
def test_whole_numbers_are_one_id_however_they_are_written(value):
    assert join_key(value) == "7"


@pytest.mark.parametrize(
    "value, key", [(0, "0"), ("-0", "0"), (-7, "-7"), ("000", "0"), (1e16, "1" + "0" * 16), (100, "100")]
)
def test_signs_zeros_and_size_are_kept(value, key):
    assert join_key(value) == key


@pytest.mark.parametrize("value", ["X1", "7a", "1_000", "7.5", "", "2-7", "1e3"])
def test_other_text_is_itself(value):
    assert join_key(value) == value


def test_a_whole_number_of_any_length_is_an_id():
    assert join_key("0" + "9" * 5000) == "9" * 5000
