"""Settings are spelled as whoever asks would type them."""

import pytest

from assay.flows.spelling import spell


@pytest.mark.parametrize(
    "text, option, argument",
    [
        ("write `positive: yes`", "write `--positive yes`", "write `positive='yes'`"),
        ("write `positive: CLASS` in the gate", "write `--positive CLASS`", "write `positive=CLASS`"),
        ("speaks of `positive: 1`, which", "speaks of `--positive 1`, which", "speaks of `positive=1`, which"),
        ("take `score_range:` out", "take `--score-range` out", "take `score_range=` out"),
        ("correct `cost:` of the gate, or", "correct `--cost`, or", "correct `cost=`, or"),
        ("the sentence `mae <= 3` holds", "the sentence `mae <= 3` holds", "the sentence `mae <= 3` holds"),
    ],
)
def test_a_key_is_an_option_or_an_argument(text, option, argument):
    assert (spell(text, "option"), spell(text, "argument")) == (option, argument)
