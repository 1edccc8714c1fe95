"""Digests are plain BLAKE3 under a prefix."""

import pytest

from assay.core.digest import digest_of, hex_of, parse_digest, short

EMPTY = "b3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"


def test_a_digest_is_what_b3sum_prints():
    """The value for no bytes stands in BLAKE3's own test vectors."""
    assert digest_of(b"") == EMPTY


def test_a_digest_reads_back_and_shows_eight_digits():
    assert parse_digest(EMPTY) == EMPTY
    assert hex_of(parse_digest(EMPTY)) == EMPTY[3:]
    assert short(parse_digest(EMPTY)) == "af1349b9"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b3:",
        EMPTY[3:],
        EMPTY + "0",
        EMPTY[:-1],
        EMPTY.upper(),
        EMPTY + "\n",
        " " + EMPTY,
        EMPTY.replace("b3", "sha256"),
    ],
)
def test_anything_else_is_no_digest(text):
    with pytest.raises(ValueError, match="not a digest"):
        parse_digest(text)
