"""Shares, levels and ranges, as options take them."""

import click
import pytest
from click.testing import CliRunner

from assay.cli.parameters import level, low_and_high, number_or_share, share


def read(callback, text):
    """What the option holds, or what is said instead."""
    seen = []
    command = click.Command(
        "c",
        params=[click.Option(["--it"], callback=callback)],
        callback=lambda **options: seen.extend(options.values()),
    )
    result = CliRunner().invoke(command, ["--it", text] if text is not None else [])
    return seen[0] if seen else result.output


@pytest.mark.parametrize(
    "callback, text, value",
    [
        (share(), "5%", 0.05),
        (share(), "0.05", 0.05),
        (share(), "99.9 %", 0.999),
        (share(), None, None),
        (level, "99%", 0.99),
        (level, "99", 0.99),
        (level, None, None),
        (number_or_share, "14.2", 14.2),
        (number_or_share, "90%", 0.9),
        (low_and_high, "0,5", (0.0, 5.0)),
        (low_and_high, "-1, 1", (-1.0, 1.0)),
        (low_and_high, None, None),
    ],
)
def test_it_reads_as_people_write_it(callback, text, value):
    assert read(callback, text) == value


@pytest.mark.parametrize(
    "callback, text, said",
    [
        (share(), "105%", "no share from 0% to 100%"),
        (share(0.5, 0.9999), "100%", "no share from 50% to 99.99%"),
        (share(), "nan", "no share"),
        (share(), "five", "no share"),
        (level, "40%", "over 50% and below 100%"),
        (level, "0.99", "over 50% and below 100%"),
        (number_or_share, "inf", "no number"),
        (low_and_high, "5,0", "the lower first"),
        (low_and_high, "5", "two numbers"),
        (low_and_high, "a,b", "two numbers"),
    ],
)
def test_what_does_not_read_says_what_would_have_been_right(callback, text, said):
    assert said in read(callback, text)
