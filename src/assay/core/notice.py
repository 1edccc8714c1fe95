"""Notices: what people are told of, and the letters that bring it to each of them.

A notice is derived from the ledger: whoever reads it again finds the same notices under the same ids.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from assay.core.digest import hex_of
from assay.core.events import Deployed, Entry, Measured, Promoted, RunEnded, RunStarted
from assay.core.history import History
from assay.core.pipeline import NoticeKind, Notify
from assay.core.problem import Problem
from assay.core.run import StepResult
from assay.core.watch import Reading

FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 6 * 3600.0
GIVE_UP_S = 3 * 24 * 3600.0
"""So long after it was written a letter is given up."""


class Notice(msgspec.Struct, frozen=True):
    """One thing that happened, as it is told: the body of what is posted. Fields are only added."""

    id: str
    """The same for every recipient and every attempt: whoever got it twice knows it by this."""
    kind: NoticeKind
    pipeline: str
    text: str
    """All of it in a sentence, as chats show it."""
    at_s: float
    """When it happened, seconds since the epoch."""
    run: int | None = None
    step: str | None = None
    release: str | None = None
    why: str = ""
    """What started the run, or why it was rolled back."""
    problem: Problem | None = None
    reading: Reading | None = None
    schema: Literal["assay.notice/1"] = "assay.notice/1"


class Letter(msgspec.Struct, frozen=True):
    """A notice on its way to one recipient."""

    notice: Notice
    to: Notify
    """As it is declared: what ``${...}`` stands for is not known here."""
    number: int
    """The recipient's place in `notify:`."""
    written_s: float
    attempts: int = 0
    due_s: float = 0.0
    """Not to be tried before that."""
    error: str = ""
    """Why the last attempt failed."""
    is_given_up: bool = False

    @property
    def name(self) -> str:
        """Of its file: one for each notice and recipient."""
        return f"{self.notice.id}-{self.number}"

    @property
    def recipient(self) -> str:
        """As it is declared."""
        return self.to.url or self.to.run or ""


def wants(recipient: Notify, notice: Notice) -> bool:
    """The recipient asked to be told of this."""
    return not recipient.on or notice.kind in recipient.on


def after_failure(letter: Letter, now_s: float, error: str) -> Letter:
    """The letter after an attempt that failed: tried again after twice as long a wait, or given up."""
    wait_s = min(FIRST_WAIT_S * 2**letter.attempts, LONGEST_WAIT_S)
    is_given_up = now_s - letter.written_s > GIVE_UP_S
    changes = {"attempts": letter.attempts + 1, "due_s": now_s + wait_s, "error": error, "is_given_up": is_given_up}
    return msgspec.structs.replace(letter, **changes)


def notices_after(seq: int, history: History, failed: Mapping[int, StepResult]) -> tuple[Notice, ...]:
    """What the entries after ``seq`` tell, in their order. ``failed``: the first failed step of runs."""
    ends = [(started, ended) for started, ended in history.runs if ended is not None and ended.seq > seq]
    found = [(ended.seq, _of_run(started, ended, failed)) for started, ended in ends]
    found += [(entry.seq, _of_reading(entry, history.live)) for entry in history.readings if entry.seq > seq]
    found += [(entry.seq, _of_rollback(entry, history)) for entry in history.deployments if entry.seq > seq]
    return tuple(notice for _, notice in sorted(found, key=lambda each: each[0]) if notice is not None)


def _of_run(started: Entry, ended: Entry, failed: Mapping[int, StepResult]) -> Notice | None:
    assert isinstance(started.event, RunStarted)
    assert isinstance(ended.event, RunEnded)
    run, outcome = ended.event.run, ended.event.outcome
    result = failed.get(run)
    problem = ended.event.problem or (result.problem if result else None)
    if outcome == "ok" or (outcome == "interrupted" and problem is None):
        return None
    kind: NoticeKind = "refused" if outcome == "refused" else "failed"
    step = result.step if result else None
    said = "was refused" if kind == "refused" else "failed"
    where = f" at {step}" if step else ""
    cause = f": {problem.what}" if problem else ""
    text = f"run {run} {said}{where}{cause}" if outcome != "interrupted" else str(problem and problem.what)
    why = started.event.trigger.why
    return _noticed(ended, kind, text, run=run, step=step, why=why, problem=problem)


def _of_reading(entry: Entry, live: str | None) -> Notice | None:
    assert isinstance(entry.event, Measured)
    reading = entry.event.reading
    if reading.state != "decayed" or reading.release != live or reading.value is None:
        return None
    limit = "" if reading.limit is None else f", limit {reading.limit:.4g}"
    text = f"{live} has decayed: {reading.metric} {reading.value:.4g} on {reading.batch}{limit}"
    return _noticed(entry, "decay", text, release=live, reading=reading)


def _of_rollback(entry: Entry, history: History) -> Notice | None:
    assert isinstance(entry.event, Deployed)
    if entry.event.by != "rollback":
        return None
    promoted = next((each.event for each in history.promotions if each.seq == entry.seq - 1), None)
    why = promoted.reason if isinstance(promoted, Promoted) else ""
    text = f"rolled back to {history.title(entry.event.release)}{f': {why}' if why else ''}"
    return _noticed(entry, "rolled back", text, release=entry.event.release, why=why)


def _noticed(
    entry: Entry,
    kind: NoticeKind,
    text: str,
    *,
    run: int | None = None,
    step: str | None = None,
    release: str | None = None,
    why: str = "",
    problem: Problem | None = None,
    reading: Reading | None = None,
) -> Notice:
    name = hex_of(entry.digest)[:32]
    told = f"{entry.pipeline}: {text}"
    return Notice(name, kind, entry.pipeline, told, entry.at_s, run, step, release, why, problem, reading)
