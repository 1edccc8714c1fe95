"""A word that opens no sentence is answered with what was most likely meant."""

import pytest

from assay.core.metrics import METRICS
from assay.core.unknown_word import _OPENERS, _SYNONYMS, metric_instead_of


def expected(word: str, *, is_first: bool = True) -> str:
    return metric_instead_of(word, is_plain=True, is_call=False, is_first=is_first)[0]


@pytest.mark.parametrize("word", _SYNONYMS)
def test_what_other_tools_call_it_leads_to_our_word(word):
    assert _SYNONYMS[word] in {*METRICS, *_OPENERS}
    assert word not in METRICS
    assert metric_instead_of(word, is_plain=True, is_call=False, is_first=True)[0] != expected("zzz")


def test_after_a_slice_no_other_opener_is_meant():
    assert expected("evry") == "every"
    assert expected("evry", is_first=False).startswith("a metric: accuracy, ")
