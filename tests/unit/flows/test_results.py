"""Earlier results: which of those under one key is meant."""

import pytest

from assay.core.artifact import Artifact
from assay.core.digest import Digest, digest_of
from assay.core.events import StepEnded
from assay.core.run import StepResult
from assay.execute import StandingStep
from assay.flows.results import LedgerPast
from assay.testing.memory import MemoryLedger

KEY = digest_of(b"key")


def made_from(data: bytes) -> StepResult:
    """Of the same key each time: what it read was not declared."""
    read = Artifact("data.csv", digest_of(data), "file", len(data))
    return StepResult("Fit", "ok", "", key=KEY, seconds=5.0, discovered=(read,), outputs=(read,))


@pytest.fixture
def ledger():
    kept = MemoryLedger()
    for run, data in enumerate((b"1", b"22"), 1):
        kept.append("p", StepEnded(run, made_from(data)))
    return kept


def short(**fields) -> StepResult:
    return StepResult("Train", "reused", "it stands", key=KEY, **fields)


def test_a_result_told_in_short_is_the_one_in_its_entry_whatever_came_later_under_its_key(ledger):
    whole = LedgerPast(ledger, "p").whole(short(entry=1))
    assert whole.discovered == made_from(b"1").discovered
    assert (whole.step, whole.outcome, whole.reason, whole.seconds) == ("Train", "reused", "it stands", 0.0)


def test_of_one_told_before_entries_were_recorded_the_newest_under_its_key_is_meant(ledger):
    assert LedgerPast(ledger, "p").whole(short()).discovered == made_from(b"22").discovered


def test_what_ran_and_what_is_nowhere_is_left_as_it_is(ledger):
    past = LedgerPast(ledger, "p")
    for result in (made_from(b"1"), short(entry=9), StepResult("Train", "reused", "frozen")):
        assert past.whole(result) is result


def test_each_result_under_a_key_says_in_which_entry_it_was_found(ledger):
    assert [result.entry for result in LedgerPast(ledger, "p").of_key(KEY)] == [2, 1]


def test_the_last_good_result_is_the_one_that_stood(ledger):
    stood = {"Fit": StandingStep(KEY, (), (), 1, is_strict=True)}
    assert LedgerPast(ledger, "p", stood).last_good("Fit").discovered == made_from(b"1").discovered
    assert LedgerPast(ledger, "p").last_good("Fit").discovered == made_from(b"22").discovered
    gone = {"Fit": StandingStep(Digest("b3:x"), (), (), 1, is_strict=True)}
    assert LedgerPast(ledger, "p", gone).last_good("Fit").discovered == made_from(b"22").discovered
