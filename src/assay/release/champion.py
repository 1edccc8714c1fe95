"""Who may become champion, as questions to the history."""

from assay.core.events import Promoted
from assay.core.history import History, ReleaseState


def previous_champion(history: History) -> str | None:
    """The release that was champion before the one in force: where ``rollback`` goes. None where there was none."""
    names = [entry.event.release for entry in history.promotions if isinstance(entry.event, Promoted)]
    return next((name for name in reversed(names) if name != history.champion), None)


def verdict_for(release: ReleaseState, history: History) -> int | None:
    """Sequence number of the pass that lets the release become champion now: against the champion in force."""
    for seq in reversed(release.released.verdicts):
        verdict = history.verdict(seq)
        if verdict is not None and verdict.outcome == "pass" and verdict.champion_release == history.champion:
            return seq
    return None
