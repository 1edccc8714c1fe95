"""Archived releases, judged against the champion by the gate's own sentences, when the challenger has not passed.

Each is one more decision on the rows, and has the level that is left after those before it: so the ledger's sum bounds them
all together, however many there are, and no further correction is owed.
"""

from collections.abc import Callable

import msgspec

from assay.core.pipeline import GateAction
from assay.core.verdict import ArchivedVerdict, SentenceVerdict, Verdict
from assay.core.wear import Wear
from assay.judge.evidence import Archived, Evidence

Judge = Callable[[GateAction, Evidence, Wear | None, Evidence], Verdict]
"""The gate's decision on the evidence; the last is that with the rows that were set aside."""


def with_archived(
    verdict: Verdict, gate: GateAction, evidence: Evidence, wear: Wear | None, whole: Evidence, judge: Judge
) -> Verdict:
    """The verdict on a challenger that did not pass, with those on the archived releases, and the best of them that beats the
    champion; the first of these under a seal, which ranks none by labels. ``wear`` is the rows' before the challenger was judged."""
    of_rows = tuple(sentence for sentence in gate.require if sentence.is_of_rows)
    asked = msgspec.structs.replace(gate, require=of_rows, against=("champion",))
    found: list[tuple[ArchivedVerdict, float]] = []
    for each, on_whole in zip(evidence.archived, whole.archived, strict=True) if of_rows else ():
        passes = sum(judged.outcome == "pass" for judged, _ in found)
        left = None if wear is None else Wear(wear.decisions + 1 + len(found), wear.passes + passes)
        judged = judge(asked, _as_challenger(evidence, each), left, _as_challenger(whole, on_whole))
        found.append((ArchivedVerdict(each.release, judged.outcome, judged.sentences), _doubt(asked, judged)))
    better = [(doubt, judged.release) for judged, doubt in found if judged.outcome == "pass" and doubt < 1]
    restore = min(better, key=lambda each: each[0])[1] if better else None
    return msgspec.structs.replace(verdict, archived=tuple(judged for judged, _ in found), restore=restore)


def _as_challenger(evidence: Evidence, archived: Archived) -> Evidence:
    return msgspec.structs.replace(
        evidence,
        challenger=archived.prediction,
        challenger_score=archived.score,
        challenger_digest=archived.model,
        archived=(),
    )


def _doubt(gate: GateAction, verdict: Verdict) -> float:
    """The greatest p of the sentences that ask for more than the champion; 1 where none does."""
    asked = zip(gate.require, verdict.sentences, strict=True)
    return max((_p(judged) for said, judged in asked if said.is_relative and not said.is_forbidding), default=1.0)


def _p(judged: SentenceVerdict) -> float:
    if judged.verdict == "sealed":
        return 0.0
    return 1.0 if judged.p_value is None else judged.p_value
