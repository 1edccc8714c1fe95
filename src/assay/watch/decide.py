"""Shall a run be started: a pure decision over readings, earlier triggers and earlier runs.

Times are on the data's clock, so that a replay of a year's batches behaves as the year did. The same data is asked about
once: after a refusal the answer is that it was refused, until there is new data.
"""

from typing import TypeAlias

import msgspec

from assay.core.digest import Digest
from assay.core.events import Declined, RunEnded, RunStarted, Triggered
from assay.core.history import History
from assay.core.pipeline import Retrain
from assay.core.watch import Reading, Trigger


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
    readings: tuple[Reading, ...], data: Digest, now_s: float | None, policy: Retrain, history: History
) -> Decision:
    """What to do about the readings of the live release.

    ``readings`` are the live release's, oldest first; ``data`` is the digest over all batches and labels that are there;
    ``now_s`` is the data's clock: the latest time of any row.
    """
    trigger = _trigger(readings, data, now_s, policy, history)
    if trigger is None:
        return Rest(_all_well(readings))
    asked = [
        entry for entry in history.triggers if isinstance(entry.event, Triggered) and entry.event.trigger.data == data
    ]
    if asked:
        return _asked_before(asked[-1].seq, trigger, history)
    held = _held_back(trigger, now_s, policy, history)
    if held is None:
        return Ask(trigger)
    return Rest(held.detail, None if _is_told(held, history) else held)


def _trigger(
    readings: tuple[Reading, ...], data: Digest, now_s: float | None, policy: Retrain, history: History
) -> Trigger | None:
    latest = readings[-1] if readings else None
    if "decay" in policy.on and latest is not None and latest.state == "decayed":
        assert latest.value is not None
        why = (
            f"decay: {latest.metric} {latest.value:.4g} on {latest.batch}, "
            f"bound {_worse_end(latest):.4g} past the limit {latest.limit:.4g}"
        )
        return Trigger("decay", why, data, now_s)
    if "data" in policy.on and latest is not None and latest.labelled and not _is_run_on(data, history):
        return Trigger("data", f"new data: {latest.batch}, {latest.labelled:,} labelled rows", data, now_s)
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
            return Rest(f"run {run} retrained on this data")
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


def _is_run_on(data: Digest, history: History) -> bool:
    runs = (started.event for started, _ in history.runs if isinstance(started.event, RunStarted))
    return any(run.trigger.data == data for run in runs)


def _all_well(readings: tuple[Reading, ...]) -> str:
    if not readings:
        return "no reading of the live release yet"
    latest = readings[-1]
    if latest.value is None:
        return f"{latest.batch} has no labels yet"
    return f"{latest.metric} {latest.value:.4g} on {latest.batch}: {latest.state}"


def _days(seconds: float) -> str:
    return f"{seconds / 86400:.1f} days"
