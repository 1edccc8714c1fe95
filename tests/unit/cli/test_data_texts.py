"""Values and pictures on one line."""

import pytest

from assay.cli.data_texts import bars, padded, said, said_bytes, said_share


def test_a_picture_shows_what_is_most_and_leaves_out_what_is_not():
    assert bars([0, 1, 400, 800]) == " ▁▄█"
    assert bars([]) == ""
    assert bars([0, 0]) == "  "


def test_many_bins_are_drawn_together():
    assert len(bars([1] * 60)) == 20
    assert len(bars([1] * 31, 12)) <= 12


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (True, "true"), ("", "''"), (2013, "2013"), (12.639, "12.6"), (1039.9, "1040"), (0.00001, "1e-05"),
        (5.9e19, "5.9e+19"), (0.0, "0"), ("2013-01-01T00:00:00", "2013-01-01"), ("2013-01-01T10:00:00", "2013-01-01 10:00:00"),
        ("TEST THIS", "TEST THIS"), ("\x1b[31mred\n", " red "), ("a\tb", "a  b"),
    ],
)  # fmt: skip
def test_values_are_told_short_and_cannot_command_the_terminal(value, text):
    assert said(value) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, ""), (1, "<0.1 %"), (5000, "50 %"), (9999, ">99.9 %"), (10_000, "100 %")]
)
def test_neither_nothing_nor_everything_is_rounded_to(count, text):
    assert said_share(count, 10_000) == text


@pytest.mark.parametrize(("size", "text"), [(4, "4 bytes"), (5_770_000, "5.77 MB"), (30_623_884, "30.6 MB")])
def test_sizes_have_units(size, text):
    assert said_bytes(size) == text


def test_wide_letters_take_two_columns():
    assert padded("日本", 6) == "日本  "
    assert padded("日本語テキスト", 6) == "日本… "
