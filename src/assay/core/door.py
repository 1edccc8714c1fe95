"""The only door: what the ledger itself refuses to record.

Every ledger calls ``admit`` for each event, in the transaction that appends it. So no command, no flow and no caller of the
Python interface can make a release champion without a recorded pass that names the challenger, the champion of that moment,
the test set and the gate; and of two that race, one is refused.
"""

from assay.core.digest import short
from assay.core.events import Deployed, Event, Judged, Promoted, Released, RunEnded, RunStarted
from assay.core.history import History, ReleaseState
from assay.core.problem import Conflict, DoorError, Problem
from assay.core.verdict import Verdict


def admit(event: Event, history: History) -> None:
    """Return if ``event`` may follow ``history``; else raise ``DoorError``, or ``Conflict`` where another was first."""
    match event:
        case RunStarted():
            if event.run != history.last_run + 1:
                raise _conflict(f"run {event.run} is not the next run", f"the last run is {history.last_run}")
        case RunEnded():
            if event.run not in history.open_runs:
                raise _conflict(f"run {event.run} has ended already", "its end is recorded")
        case Judged():
            _admit_charge(event.verdict, history)
        case Released():
            _admit_release(event, history)
        case Promoted():
            _admit_promotion(event, history)
        case Deployed():
            release = _known(event.release, history)
            if not release.was_champion:
                raise _refusal(
                    f"{event.release} cannot be deployed: it never was champion",
                    ("only a release that passed the gate and became champion gets live traffic",),
                )


def _admit_charge(verdict: Verdict, history: History) -> None:
    """A decision on rows counts those before it on the same rows. Which rows overlap is told by the store, not here."""
    charge = verdict.charge
    if charge is None:
        return
    known = {entry.seq: entry.event.verdict for entry in history.verdicts if isinstance(entry.event, Judged)}
    uncounted = [
        seq
        for seq, other in known.items()
        if other.charge is not None and other.charge.rows == charge.rows and seq not in charge.earlier
    ]
    if uncounted:
        raise _conflict(
            "the same rows were judged meanwhile", f"event {uncounted[0]} decided on them, and was not counted"
        )
    counted = [known[seq] for seq in charge.earlier if seq in known]
    least, passed = sum(each.decisions for each in counted), sum(each.passed for each in counted)
    if charge.before < least or charge.passes < passed:
        raise DoorError(
            Problem(
                "decisions-not-counted",
                "a verdict counts fewer decisions on its rows than there were",
                (
                    f"it counts {charge.before} with {charge.passes} passes",
                    f"the events that it names are {least} with {passed}",
                ),
                "let the gate judge it: assay run",
            )
        )


def _admit_release(event: Released, history: History) -> None:
    if event.release != history.next_release:
        raise _conflict(f"{event.release} is not the next release", f"the next one is {history.next_release}")
    if event.override is not None:
        if not event.override.strip():
            raise _refusal("an override needs a reason", ("the reason was empty",))
        return
    for seq in event.verdicts:
        _demand_verdict(event, seq, history)


def _admit_promotion(event: Promoted, history: History) -> None:
    release = _known(event.release, history)
    if event.after != history.champion_seq:
        raise _conflict(
            f"{event.release} was not made champion: the champion changed meanwhile",
            f"decided after event {event.after}, but the champion is {history.champion} since event {history.champion_seq}",
        )
    if event.cause == "rollback":
        if not release.was_champion:
            raise _refusal(
                f"cannot roll back to {event.release}: it never was champion",
                ("a rollback goes only to a release that was champion before, by the pass recorded then",),
            )
        return
    if event.override is not None:
        if not event.override.strip():
            raise _refusal("an override needs a reason", ("the reason was empty",))
        return
    if history.was_rolled_back(event.release):
        raise _refusal(
            f"{event.release} was rolled back",
            ("only a rollback to it, or an override with a reason, brings it back",),
        )
    _demand_pass(event, release, history)


def _demand_pass(event: Promoted, release: ReleaseState, history: History) -> None:
    """The promotion names a pass of the release's own, against the champion that is in force now."""
    if event.verdict is None or event.verdict not in release.released.verdicts:
        raise _refusal(f"{event.release} has no recorded verdict behind it", (f"verdict named: {event.verdict}",))
    verdict = _demand_verdict(release.released, event.verdict, history)
    if verdict.champion_release != history.champion:
        raise _conflict(
            f"{event.release} was judged against another champion",
            f"judged against {verdict.champion_release}, the champion is {history.champion}",
        )
    champion = None if history.champion is None else history.release(history.champion)
    if verdict.champion != (None if champion is None else champion.released.model):
        raise _refusal(
            f"the pass of event {event.verdict} names another champion's model",
            (f"the champion is {history.champion}",),
        )


def _demand_verdict(released: Released, seq: int, history: History) -> Verdict:
    """The recorded verdict under that number: a pass, and for this model with this code."""
    verdict = history.verdict(seq)
    if verdict is None:
        raise _refusal(f"{released.release} names a verdict that is not recorded", (f"event {seq}",))
    if verdict.outcome != "pass":
        raise _refusal(f"{released.release} did not pass its gate", (f"event {seq} says {verdict.outcome}",))
    if verdict.challenger != released.model:
        raise _refusal(
            f"the pass of event {seq} is for another model",
            (f"it judged {short(verdict.challenger)}, {released.release} holds {short(released.model)}",),
        )
    if None not in (verdict.code, released.code) and verdict.code != released.code:
        raise _refusal(f"the pass of event {seq} is for other code", ("the code changed after the gate had judged it",))
    return verdict


def _known(name: str, history: History) -> ReleaseState:
    release = history.release(name)
    if release is None:
        raise _refusal(
            f"there is no release {name}", (f"known: {', '.join(r.name for r in history.releases) or 'none'}",)
        )
    return release


def _refusal(what: str, because: tuple[str, ...]) -> DoorError:
    return DoorError(Problem("no-recorded-pass", what, because, "let the gate judge it: assay run"))


def _conflict(what: str, because: str) -> Conflict:
    return Conflict(Problem("ledger-moved", what, (because,), "run the command again"))
