"""Digests are plain BLAKE3 under a prefix."""

from assay.core.digest import Digest, digest_of, hex_of, short

EMPTY = Digest("b3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")


def test_a_digest_is_what_b3sum_prints():
    """The value for no bytes stands in BLAKE3's own test vectors."""
    assert digest_of(b"") == EMPTY


def test_a_digest_shows_its_digits_whole_and_short():
    assert hex_of(EMPTY) == EMPTY[3:]
    assert short(EMPTY) == "af1349b9"
