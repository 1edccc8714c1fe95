"""A question that was asked before is answered as it was: it is not asked twice, and costs the rows nothing."""

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.events import Judged
from assay.core.history import History
from assay.flows.actions.gate.scoring import Released


def known_verdict(
    history: History,
    gate: Digest,
    test_set: Digest,
    challenger: Artifact,
    code: Artifact,
    champion: Released | None,
) -> tuple[int, Judged] | None:
    """The verdict on the identical question, if it was asked before, and where it is recorded."""
    asked = (gate, test_set, challenger.digest, code.digest, champion.name if champion else None)
    for entry in reversed(history.verdicts):
        assert isinstance(entry.event, Judged)
        verdict = entry.event.verdict
        same = (verdict.gate, verdict.test_set, verdict.challenger, verdict.code, verdict.champion_release)
        if same == asked:
            return entry.seq, entry.event
    return None
