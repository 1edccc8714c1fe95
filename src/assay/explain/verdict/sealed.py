"""What a sealed verdict may tell: its outcome, and numbers in which no label had a part."""

from collections.abc import Iterable

from msgspec.structs import replace

from assay.core.verdict import SentenceVerdict, Verdict


def tellable(verdict: Verdict) -> Verdict:
    """The verdict without what a seal covers. The gate leaves nothing there; a face does not rely on that."""
    archived = tuple(replace(each, sentences=_bare(each.sentences)) for each in verdict.archived)
    open_ = replace(verdict, sentences=_bare(verdict.sentences), archived=archived)
    if verdict.reveal != "verdict":
        return open_
    return replace(open_, measured={}, calibration_error=None, weakest=())


def _bare(sentences: Iterable[SentenceVerdict]) -> tuple[SentenceVerdict, ...]:
    return tuple(
        SentenceVerdict(each.sentence, each.verdict, each.reason) if each.verdict == "sealed" else each
        for each in sentences
    )
