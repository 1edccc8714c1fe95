"""How long a letter waits, and when it is given up."""

import msgspec
import pytest

from assay.core.notice import GIVE_UP_S, LONGEST_WAIT_S, Letter, Notice, after_failure, wants
from assay.core.pipeline import Notify

NOTICE = Notice("0f", "failed", "delays", "delays: run 1 failed", 0.0, run=1)
LETTER = Letter(NOTICE, Notify(url="https://example.com"), 0, 0.0)


def test_each_wait_is_twice_as_long_up_to_a_limit():
    letter, now_s, waits = LETTER, 0.0, []
    for _ in range(11):
        letter = after_failure(letter, now_s, "it answered 500")
        waits.append(letter.due_s - now_s)
        now_s = letter.due_s
    assert waits[:4] == [60, 120, 240, 480]
    assert waits[-1] == LONGEST_WAIT_S


def test_after_days_it_is_given_up():
    assert not after_failure(LETTER, GIVE_UP_S, "no answer").is_given_up
    assert after_failure(LETTER, GIVE_UP_S + 1, "no answer").is_given_up


@pytest.mark.parametrize(("on", "is_wanted"), [((), True), (("failed", "drift"), True), (("refused",), False)])
def test_who_wants_what(on, is_wanted):
    assert wants(Notify(run="true", on=on), NOTICE) is is_wanted


def test_a_letter_reads_back_as_it_was_written():
    assert msgspec.json.decode(msgspec.json.encode(LETTER), type=Letter) == LETTER
