"""A history says what is so after some entries; folding on from a history is folding all of them."""

import msgspec
import pytest

from assay.core.events import Declined, Deployed, Judged, Promoted, ServeChanged, Triggered
from assay.core.history import SUMMARY_EVENTS, History
from assay.core.watch import Trigger
from assay.testing.memory import MemoryLedger
from assay.testing.samples import (
    PIPELINE,
    champion_by_gate,
    digest,
    judged,
    one_of_each,
    released,
    run_ended,
    run_started,
    step_ended,
)


@pytest.fixture
def ledger():
    return MemoryLedger()


def history(ledger):
    return History.fold(ledger.entries(PIPELINE))


def test_at_first_there_is_nothing(ledger):
    empty = history(ledger)
    assert (empty.champion, empty.champion_seq, empty.live, empty.last_run) == (None, 0, None, 0)
    assert empty.next_release == "r1"
    assert empty == History()


def test_a_champion_without_deployments_is_live(ledger):
    seq = champion_by_gate(ledger, "r1", "model of r1").seq
    assert (history(ledger).champion, history(ledger).champion_seq, history(ledger).live) == ("r1", seq, "r1")
    assert history(ledger).next_release == "r2"


def test_what_was_promoted_or_deployed_last_is_live(ledger):
    first = champion_by_gate(ledger, "r1", "model of r1")
    ledger.append(PIPELINE, Deployed("r1", "deploy"))
    second = champion_by_gate(ledger, "r2", "model of r2", "r1", "model of r1")
    assert (history(ledger).champion, history(ledger).live) == ("r2", "r2")
    ledger.append(PIPELINE, Promoted("r1", second.seq, "rollback"), Deployed("r1", "rollback"))
    assert (history(ledger).champion, history(ledger).live) == ("r1", "r1")
    assert history(ledger).was_rolled_back("r2")
    assert not history(ledger).was_rolled_back("r1")
    assert first.seq < second.seq


def judged_by_numbers(model: str) -> Judged:
    verdict = msgspec.structs.replace(judged(model).verdict, has_rows=False, rows=0)
    return Judged(1, "gate", verdict)


def marks(ledger):
    return [release.marks for release in history(ledger).releases]


def test_a_release_that_rests_on_a_metrics_file_alone_is_marked(ledger):
    (verdict,) = ledger.append(PIPELINE, judged_by_numbers("model of r1"))
    ledger.append(PIPELINE, released("r1", "model of r1", (verdict.seq,)))
    assert marks(ledger) == [("unprotected: no rows",)]
    assert history(ledger).title("r1") == "r1 [unprotected: no rows]"


def test_the_mark_stays_when_it_becomes_champion_and_stands_beside_an_override(ledger):
    (verdict,) = ledger.append(PIPELINE, judged_by_numbers("model of r1"))
    ledger.append(PIPELINE, released("r1", "model of r1", (verdict.seq,), override="it is urgent"))
    ledger.append(PIPELINE, Promoted("r1", 0, "release", override="it is urgent"))
    assert marks(ledger) == [("override: it is urgent", "unprotected: no rows")]


def test_a_release_that_rows_stand_behind_is_not_marked(ledger):
    on_rows, on_numbers = ledger.append(PIPELINE, judged("model of r1"), judged_by_numbers("model of r1"))
    ledger.append(PIPELINE, released("r1", "model of r1", (on_rows.seq, on_numbers.seq)))
    ledger.append(PIPELINE, released("r2", "model of r2", (), override="nothing judged it"))
    assert marks(ledger) == [(), ("override: nothing judged it",)]
    assert (history(ledger).title("r1"), history(ledger).title("r7")) == ("r1", "r7")


def test_the_mark_is_found_where_a_history_is_continued(ledger):
    (verdict,) = ledger.append(PIPELINE, judged_by_numbers("model of r1"))
    before = history(ledger)
    ledger.append(PIPELINE, released("r1", "model of r1", (verdict.seq,)))
    entries = ledger.entries(PIPELINE, after=before.head)
    assert History.fold(entries, before).releases == history(ledger).releases


def test_a_rollback_makes_the_old_release_champion_again(ledger):
    champion_by_gate(ledger, "r1", "model of r1")
    second = champion_by_gate(ledger, "r2", "model of r2", "r1", "model of r1")
    ledger.append(PIPELINE, Promoted("r1", second.seq, "rollback"))
    assert history(ledger).champion == "r1"
    assert [release.was_champion for release in history(ledger).releases] == [True, True]


def test_a_run_without_an_end_is_open(ledger):
    ledger.append(PIPELINE, run_started(1), run_ended(1), run_started(2))
    assert history(ledger).open_runs == (2,)
    assert history(ledger).last_run == 2
    assert [(started.seq, ended and ended.seq) for started, ended in history(ledger).runs] == [(1, 2), (3, None)]


def test_a_release_is_found_by_name_and_by_bill(ledger):
    champion_by_gate(ledger, "r1", "model of r1")
    found = history(ledger).release("r1")
    assert history(ledger).release_of_bill(digest("bill of r1")) == found
    assert history(ledger).release("r2") is None
    assert history(ledger).release_of_bill(digest("another")) is None


def test_an_override_is_marked_wherever_the_release_appears(ledger):
    ledger.append(PIPELINE, released("r1", "model of r1", override="the data were wrong"))
    assert history(ledger).releases[0].marks == ("override: the data were wrong",)


def test_a_verdict_is_found_by_its_number_only(ledger):
    ledger.append(PIPELINE, run_started(), judged("m"))
    assert history(ledger).verdict(2) == judged("m").verdict
    assert history(ledger).verdict(1) is None


def test_the_server_says_last_what_it_serves(ledger):
    ledger.append(PIPELINE, ServeChanged("r1", "live"), ServeChanged("r2", "failed", "no such file"))
    assert history(ledger).serving.event == ServeChanged("r2", "failed", "no such file")


def test_what_was_asked_for_and_declined_stands_in_one_order(ledger):
    trigger = Trigger("decay", "mae 16 > 9")
    ledger.append(PIPELINE, Triggered(trigger), Declined(trigger, "cooldown", "1 day"), Triggered(trigger))
    assert [entry.seq for entry in history(ledger).triggers] == [1, 2, 3]


@pytest.mark.parametrize("cut", range(8))
def test_folding_on_is_folding_all(ledger, cut):
    entries = ledger.append(PIPELINE, *one_of_each())
    assert History.fold(entries[cut:], onto=History.fold(entries[:cut])) == History.fold(entries)


def test_steps_results_leave_no_trace_but_the_head(ledger):
    (entry,) = ledger.append(PIPELINE, step_ended())
    assert History.fold([entry]) == History(head=1)
    assert not isinstance(entry.event, SUMMARY_EVENTS)


def test_rolling_back_twice_goes_two_champions_back(ledger):
    first = champion_by_gate(ledger, "r1", "model of r1")
    champion_by_gate(ledger, "r2", "model of r2", "r1", "model of r1")
    third = champion_by_gate(ledger, "r3", "model of r3", "r2", "model of r2")
    assert history(ledger).previous_champion == "r2"
    (back,) = ledger.append(PIPELINE, Promoted("r2", third.seq, "rollback"))
    assert history(ledger).previous_champion == "r1"
    (again,) = ledger.append(PIPELINE, Promoted("r1", back.seq, "rollback"))
    assert history(ledger).previous_champion is None
    assert [history(ledger).was_rolled_back(name) for name in ("r1", "r2", "r3")] == [False, True, True]
    ledger.append(PIPELINE, Promoted("r3", again.seq, "rollback"))
    assert [history(ledger).was_rolled_back(name) for name in ("r1", "r2", "r3")] == [False, True, False]
    assert first.seq < again.seq
