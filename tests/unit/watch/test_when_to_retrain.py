"""When readings start a run: once for the same data, with cooldown and budget on the data's clock."""

from assay.core.chain import GENESIS
from assay.core.digest import digest_of
from assay.core.events import Declined, Entry, Event, RunEnded, RunStarted, Triggered
from assay.core.history import History
from assay.core.pipeline import Retrain
from assay.core.plan import Plan
from assay.core.release import CodeVersion
from assay.core.watch import Reading, Trigger
from assay.watch import Ask, Rest, Retry, decide

DAY = 86400.0
MARCH, APRIL = digest_of(b"march"), digest_of(b"april")


def reading(state: str = "decayed", labelled: int = 100) -> Reading:
    return Reading("mae", 10.0, (9.5, 10.5), 100, labelled, "march.csv", MARCH, MARCH, "r1", 8.9, state, 0.0)


def history(*events: Event) -> History:
    return History.fold(
        Entry(seq, 0.0, "me", "p", event, GENESIS, GENESIS) for seq, event in enumerate(events, start=1)
    )


def started(run: int, trigger: Trigger) -> RunStarted:
    return RunStarted(run, trigger, Plan(()), CodeVersion("1.0.0"), MARCH)


def asked(data=MARCH, at_s: float = 0.0) -> Trigger:
    return Trigger("decay", "it decayed", data, at_s)


DECAYED = (reading(),)


def ask(*events: Event, readings=DECAYED, data=MARCH, now_s: float | None = 0.0, policy=None):
    return decide(readings, data, now_s, policy or Retrain(), history(*events))


def test_a_reading_that_has_decayed_asks_for_a_run_and_says_the_numbers():
    decision = ask()
    assert isinstance(decision, Ask)
    assert decision.trigger.kind == "decay"
    assert decision.trigger.why == "decay: mae 10 on march.csv, bound 9.5 past the limit 8.9"


def test_a_reading_that_is_well_asks_for_nothing():
    decision = ask(readings=(reading("ok"),))
    assert decision == Rest("mae 10 on march.csv: ok")


def test_only_the_last_reading_counts():
    assert isinstance(ask(readings=(reading(), reading("ok"))), Rest)


def test_without_any_reading_nothing_is_asked():
    assert ask(readings=()) == Rest("no reading of the live release yet")


def test_after_a_refusal_the_same_data_is_not_asked_about_again():
    trigger = asked()
    decision = ask(Triggered(trigger), started(2, trigger), RunEnded(2, "refused", 1.0))
    assert decision == Rest("the gate refused the model of run 2 on this data: waiting for new data")


def test_new_data_is_asked_about():
    trigger = asked()
    events = (Triggered(trigger), started(2, trigger), RunEnded(2, "refused", 1.0))
    assert isinstance(ask(*events, data=APRIL, now_s=31 * DAY), Ask)


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
    before = Triggered(asked(APRIL, at_s=0.0))
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
    before = [Triggered(asked(digest_of(bytes([day])), at_s=day * DAY)) for day in (0, 1)]
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
    assert isinstance(ask(readings=(reading("ok", labelled=0),), policy=policy), Rest)


def test_decay_that_the_file_does_not_want_to_act_on_is_left_alone():
    assert isinstance(ask(policy=Retrain(on=())), Rest)
