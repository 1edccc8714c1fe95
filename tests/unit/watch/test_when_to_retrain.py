"""When readings start a run: once for the same data, with cooldown and budget on the data's clock."""

import pytest

from assay.core.chain import GENESIS
from assay.core.digest import Digest, digest_of
from assay.core.events import Declined, Deployed, Entry, Event, Released, RunEnded, RunStarted, Triggered
from assay.core.history import History
from assay.core.pipeline import Retrain
from assay.core.plan import Plan
from assay.core.release import CodeVersion
from assay.core.watch import Reading, Trigger
from assay.watch import Ask, Rest, Retry, batch_of, decide
from assay.watch.batches import labelled_data

DAY = 86400.0
MARCH = digest_of(b"march.csv")


def reading(state: str = "decayed", labelled: int = 100, batch: str = "march.csv") -> Reading:
    interval = (9.5, 10.5) if labelled else None
    value = 10.0 if labelled else None
    digest = digest_of(batch.encode())
    return Reading("mae", value, interval, 100, labelled, batch, digest, digest, "r1", 8.9, state, 0.0)


def history(*events: Event) -> History:
    return History.fold(
        Entry(seq, 0.0, "me", "p", event, GENESIS, GENESIS) for seq, event in enumerate(events, start=1)
    )


def started(run: int, trigger: Trigger) -> RunStarted:
    return RunStarted(run, trigger, Plan(()), CodeVersion("1.0.0"), MARCH)


DECAYED = (reading(),)


def data_of(*readings: Reading) -> Digest | None:
    return labelled_data(map(batch_of, readings))


def asked(readings=DECAYED, at_s: float = 0.0) -> Trigger:
    return Trigger("decay", "it decayed", data_of(*readings), at_s)


def ask(*events: Event, readings=DECAYED, others=(), now_s: float | None = 0.0, policy=None):
    """``others`` are readings of batches that another release predicted."""
    batches = tuple(map(batch_of, (*others, *readings)))
    return decide(readings, batches, now_s, policy or Retrain(), history(*events))


def test_a_reading_that_has_decayed_asks_for_a_run_and_says_the_numbers():
    decision = ask()
    assert isinstance(decision, Ask)
    assert decision.trigger.kind == "decay"
    assert decision.trigger.why == "decay: mae 10 on march.csv, bound 9.5 past the limit 8.9"


def test_a_reading_that_is_well_asks_for_nothing():
    decision = ask(readings=(reading("ok"),))
    assert decision == Rest("mae 10 on march.csv: ok")


def test_a_newer_reading_supersedes_an_older_one():
    assert isinstance(ask(readings=(reading(), reading("ok", batch="april.csv"))), Rest)


@pytest.mark.parametrize(
    "newer", [reading("no labels", 0, "april.csv"), reading("provisional", 60, "april.csv"), reading("no limit")]
)
def test_a_newer_batch_that_is_not_decided_hides_no_decay(newer):
    decision = ask(readings=(reading(), newer))
    assert isinstance(decision, Ask)
    assert "march.csv" in decision.trigger.why


def test_a_batch_whose_labels_trickle_in_says_what_it_waits_for():
    decision = ask(readings=(reading("ok"), reading("provisional", 79, "april.csv")))
    assert decision == Rest("april.csv: 79 % of the labels are there; decided at 80 %")
    assert ask(readings=(reading("no labels", 0, "april.csv"),)) == Rest("april.csv has no labels yet")


def test_without_any_reading_nothing_is_asked():
    assert ask(readings=()) == Rest("no reading of the live release yet")


def test_after_a_refusal_the_same_data_is_not_asked_about_again():
    trigger = asked()
    decision = ask(Triggered(trigger), started(2, trigger), RunEnded(2, "refused", 1.0))
    assert decision == Rest("the gate refused the model of run 2 on this data: waiting for new data")


def test_new_data_is_asked_about():
    trigger = asked()
    events = (Triggered(trigger), started(2, trigger), RunEnded(2, "refused", 1.0))
    readings = (*DECAYED, reading(batch="april.csv"))
    assert isinstance(ask(*events, readings=readings, now_s=31 * DAY), Ask)
    assert isinstance(ask(*events, others=(reading("ok", batch="april.csv"),)), Ask)


def test_a_batch_without_labels_is_no_new_data():
    trigger = asked()
    events = (Triggered(trigger), started(2, trigger), RunEnded(2, "refused", 1.0))
    readings = (*DECAYED, reading("no labels", 0, "april.csv"), reading("provisional", 60, "may.csv"))
    assert "refused the model of run 2" in ask(*events, readings=readings).why


def test_a_run_that_ended_well_is_told_by_what_it_made():
    trigger = asked()
    events = (Triggered(trigger), started(2, trigger))
    same = ask(*events, RunEnded(2, "ok", 1.0))
    assert same == Rest("run 2 on this data made the same model again: waiting for new data")
    made = ask(*events, Released("r2", 2, MARCH, MARCH, (), ()), RunEnded(2, "ok", 1.0))
    assert made == Rest("run 2 on this data released r2: waiting for new data")
    again = ask(*events, Deployed("r1", "deploy", 2), RunEnded(2, "ok", 1.0))
    assert again == Rest("run 2 on this data released r1: waiting for new data")


def test_a_run_that_failed_is_not_tried_again_by_itself():
    trigger = asked()
    decision = ask(Triggered(trigger), started(2, trigger), RunEnded(2, "failed", 1.0))
    assert decision == Rest("run 2 on this data ended with 'failed': assay why 2")


def test_a_trigger_whose_run_never_began_or_was_killed_is_tried_again():
    trigger = asked()
    assert isinstance(ask(Triggered(trigger)), Retry)
    assert isinstance(ask(Triggered(trigger), started(2, trigger), RunEnded(2, "interrupted", 1.0)), Retry)


def test_a_run_that_goes_on_is_waited_for():
    trigger = asked()
    assert ask(Triggered(trigger), started(2, trigger)) == Rest("run 2 on this data is going on")


def test_the_cooldown_is_counted_on_the_datas_clock_and_told_once():
    policy = Retrain(cooldown_s=7 * DAY)
    before = Triggered(asked((reading(batch="april.csv"),), at_s=0.0))
    decision = ask(before, now_s=3 * DAY, policy=policy)
    assert isinstance(decision, Rest)
    assert decision.declined is not None
    assert decision.declined.reason == "cooldown"
    assert decision.why == "cooldown: 4.0 days of the data's time to go"
    again = ask(before, decision.declined, now_s=3 * DAY, policy=policy)
    assert again == Rest(decision.why)
    assert isinstance(ask(before, now_s=7 * DAY, policy=policy), Ask)


def test_no_more_runs_than_the_budget_of_the_period():
    policy = Retrain(at_most=2, per_s=7 * DAY)
    before = [Triggered(asked((reading(batch=f"day-{day}"),), at_s=day * DAY)) for day in (0, 1)]
    decision = ask(*before, now_s=2 * DAY, policy=policy)
    assert isinstance(decision, Rest)
    assert isinstance(decision.declined, Declined)
    assert decision.declined.reason == "at most"
    assert isinstance(ask(*before, now_s=7.5 * DAY, policy=policy), Ask)


def test_new_labelled_data_asks_for_a_run_where_the_file_wants_it():
    policy = Retrain(on=("data",))
    decision = ask(readings=(reading("ok"),), policy=policy)
    assert isinstance(decision, Ask)
    assert decision.trigger.kind == "data"
    assert decision.trigger.why == "new data: march.csv, 100 labelled rows"
    assert isinstance(ask(readings=(reading("no labels", 0),), policy=policy), Rest)


def test_new_data_needs_no_reading():
    batches = (batch_of(reading()), batch_of(reading("no labels", 0, "april.csv")))
    policy = Retrain(on=("data",))
    decision = decide((), batches, None, policy, history())
    assert isinstance(decision, Ask)
    run = (Triggered(decision.trigger), started(2, decision.trigger), RunEnded(2, "refused", 1.0))
    assert "refused the model of run 2" in decide((), batches, None, policy, history(*run)).why
    assert decide((), batches[1:], None, policy, history()) == Rest("april.csv has no labels yet")


def test_a_run_on_new_data_that_was_killed_is_tried_again():
    policy = Retrain(on=("data",))
    trigger = Trigger("data", "new data", data_of(reading("ok")), 0.0)
    killed = (Triggered(trigger), started(2, trigger), RunEnded(2, "interrupted", 1.0))
    assert isinstance(ask(*killed, readings=(reading("ok"),), policy=policy), Retry)


def test_decay_that_the_file_does_not_want_to_act_on_is_left_alone():
    assert isinstance(ask(policy=Retrain(on=())), Rest)
