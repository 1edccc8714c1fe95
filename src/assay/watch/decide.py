"""Shall a run be started: a pure decision over readings, earlier triggers and earlier runs.

Times are on the data's clock, so that a replay of a year's batches behaves as the year did. The same data is asked about
once: after a refusal the answer is that it was refused, until there is new data. Data is new when another batch is labelled,
not when one arrives.
"""

from typing import TypeAlias

import msgspec

from assay.core.events import Declined, Deployed, RunEnded, RunStarted, Triggered
from assay.core.history import History
from assay.core.pipeline import Retrain
from assay.core.watch import Reading, Trigger
from assay.watch.batches import LabelledBatch, batch_of, labelled_data
from assay.watch.limit import DECIDED_COVERAGE


class Ask(msgspec.Struct, frozen=True):
    """Start a run for this trigger; it is to be recorded first."""

    trigger: Trigger


class Retry(msgspec.Struct, frozen=True):
    """Start a run for a trigger that is recorded, but whose run was killed before it ended."""

    trigger: Trigger


class Rest(msgspec.Struct, frozen=True):
    """Start nothing. ``declined`` is to be recorded where it is news."""

    why: str
    declined: Declined | None = None


Decision: TypeAlias = Ask | Retry | Rest


def decide(
    readings: tuple[Reading, ...],
    batches: tuple[LabelledBatch, ...],
    now_s: float | None,
    policy: Retrain,
    history: History,
) -> Decision:
    """What to do about the live release, and about what there is to learn from.

    ``readings`` are the newest of each batch that the live release predicted, oldest batch first. The newest that is decided
    (an interval, a limit, and 80 % of the labels) counts: newer batches whose labels have not come hide nothing.
    ``batches`` are all that were predicted, by whichever release; ``now_s`` is the data's clock: the latest time of any row.
    """
    trigger = _trigger(readings, batches, now_s, policy)
    if trigger is None:
        return Rest(_all_well(readings, batches, policy))
    asked = [
        entry
        for entry in history.triggers
        if isinstance(entry.event, Triggered) and entry.event.trigger.data == trigger.data
    ]
    if asked:
        return _asked_before(asked[-1].seq, trigger, history)
    held = _held_back(trigger, now_s, policy, history)
    if held is None:
        return Ask(trigger)
    return Rest(held.detail, None if _is_told(held, history) else held)


def decided_reading(readings: tuple[Reading, ...]) -> Reading | None:
    """The newest reading on which it can be decided whether the model has decayed."""
    return next((reading for reading in reversed(readings) if reading.state in ("ok", "decayed")), None)


def _trigger(
    readings: tuple[Reading, ...], batches: tuple[LabelledBatch, ...], now_s: float | None, policy: Retrain
) -> Trigger | None:
    data = labelled_data(batches)
    decided = decided_reading(readings)
    if "decay" in policy.on and decided is not None and decided.state == "decayed":
        assert decided.value is not None
        why = (
            f"decay: {decided.metric} {decided.value:.4g} on {decided.batch}, "
            f"bound {_worse_end(decided):.4g} past the limit {decided.limit:.4g}"
        )
        return Trigger("decay", why, data, now_s)
    if "data" in policy.on and data is not None:
        newest = next(batch for batch in reversed(batches) if batch.is_labelled)
        return Trigger("data", f"new data: {newest.batch}, {newest.labelled:,} labelled rows", data, now_s)
    return None


def _worse_end(reading: Reading) -> float:
    """The end of the interval that is nearest to the limit: the bound that passed it."""
    assert reading.interval is not None
    assert reading.limit is not None
    low, high = reading.interval
    return low if low > reading.limit else high


def _asked_before(seq: int, trigger: Trigger, history: History) -> Decision:
    """What became of the run that this data started."""
    for started, ended in history.runs:
        assert isinstance(started.event, RunStarted)
        if started.seq < seq or started.event.trigger.data != trigger.data:
            continue
        if ended is None:
            return Rest(f"run {started.event.run} on this data is going on")
        assert isinstance(ended.event, RunEnded)
        outcome = ended.event.outcome
        if outcome == "interrupted":
            continue
        run = started.event.run
        if outcome == "refused":
            return Rest(f"the gate refused the model of run {run} on this data: waiting for new data")
        if outcome == "ok":
            return Rest(_made(run, history))
        return Rest(f"run {run} on this data ended with {outcome!r}: assay why {run}")
    return Retry(trigger)


def _held_back(trigger: Trigger, now_s: float | None, policy: Retrain, history: History) -> Declined | None:
    past = [entry.event.trigger.data_time_s for entry in history.triggers if isinstance(entry.event, Triggered)]
    times = [time_s for time_s in past if time_s is not None]
    if now_s is None or not times:
        return None
    since_s = now_s - times[-1]
    if since_s < policy.cooldown_s:
        return Declined(trigger, "cooldown", f"cooldown: {_days(policy.cooldown_s - since_s)} of the data's time to go")
    if policy.at_most is not None and policy.per_s is not None:
        recent = sum(time_s > now_s - policy.per_s for time_s in times)
        if recent >= policy.at_most:
            return Declined(
                trigger, "at most", f"{recent} runs within {_days(policy.per_s)}: no more than {policy.at_most}"
            )
    return None


def _is_told(declined: Declined, history: History) -> bool:
    """The same was said about the same data before."""
    before = [entry.event for entry in history.triggers if isinstance(entry.event, Declined)]
    return any(one.reason == declined.reason and one.trigger.data == declined.trigger.data for one in before)


def _made(run: int, history: History) -> str:
    """What a run that ended well has brought."""
    releases = (entry.event for entry in history.deployments if isinstance(entry.event, Deployed))
    found = [event.release for event in releases if event.run == run]
    found += [release.name for release in history.releases if release.released.run == run]
    if found:
        return f"run {run} on this data released {found[0]}: waiting for new data"
    return f"run {run} on this data made the same model again: waiting for new data"


def _all_well(readings: tuple[Reading, ...], batches: tuple[LabelledBatch, ...], policy: Retrain) -> str:
    """Why nothing is due, by the newest batch."""
    if readings and readings[-1].interval is not None and readings[-1].state != "provisional":
        latest = readings[-1]
        return f"{latest.metric} {latest.value:.4g} on {latest.batch}: {latest.state}"
    newest = batch_of(readings[-1]) if readings else None
    if newest is None and "data" in policy.on and "decay" not in policy.on:
        newest = batches[-1] if batches else None
    return _awaited(newest) if newest else "no reading of the live release yet"


def _awaited(batch: LabelledBatch) -> str:
    if not batch.labelled:
        return f"{batch.batch} has no labels yet"
    if batch.is_labelled:
        return f"{batch.batch}: {batch.labelled:,} rows labelled, too few for a bound"
    share, least = 100 * batch.labelled // batch.rows, round(100 * DECIDED_COVERAGE)
    return f"{batch.batch}: {share} % of the labels are there; decided at {least} %"


def _days(seconds: float) -> str:
    return f"{seconds / 86400:.1f} days"
