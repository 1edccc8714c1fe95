"""Text that neither a digest nor the ledger could hold is spelt so that they can; names of files are found again by it."""

import pytest

from assay.core.text import as_named, recordable, recordable_text


@pytest.mark.parametrize(
    "text, spelt",
    [("plain", "plain"), ("é ✓", "é ✓"), ("d\udcff.csv", "d\\xff.csv"), ("x\ud83d", "x\\ud83d"), ("\\xff", "\\xff")],
)
def test_only_halves_of_characters_are_spelt(text, spelt):
    assert recordable_text(text) == spelt
    assert recordable({text: [text, 1, None]}) == {spelt: [spelt, 1, None]}
    recordable_text(text).encode()


def test_a_name_is_found_by_its_spelling():
    assert as_named(recordable_text("d\udcff\udc80.csv")) == "d\udcff\udc80.csv"
    assert as_named("plain\\x41") == "plain\\x41"
