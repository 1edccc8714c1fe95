"""How a verdict is shown: the answer first, then sentence by sentence."""

from assay.cli.screen import Mark, marked, say, strong
from assay.core.verdict import SentenceVerdict, Verdict

_MARKS: dict[str, Mark] = {"pass": "ok", "fail": "failed", "undecided": "warn", "not applicable": "note"}


def show_verdict(verdict: Verdict) -> None:
    """The verdict and each sentence with its numbers."""
    against = f" against {verdict.champion_release}" if verdict.champion_release else ""
    say(strong(f"{verdict.outcome.upper()}{against} on {verdict.rows:,} rows"))
    for sentence in verdict.sentences:
        say(marked(_MARKS[sentence.verdict], f"{sentence.sentence}: {sentence.verdict}. {sentence.reason}"))
        numbers = _numbers(sentence)
        if numbers:
            say(f"     {numbers}")


def _numbers(sentence: SentenceVerdict) -> str:
    parts = []
    if sentence.challenger is not None:
        parts.append(f"challenger {sentence.challenger:.4g}")
    if sentence.champion is not None:
        parts.append(f"champion {sentence.champion:.4g}")
    if sentence.interval is not None:
        parts.append(f"estimate {sentence.estimate:.4g} [{sentence.interval[0]:.4g}, {sentence.interval[1]:.4g}]")
    if sentence.p_value is not None and sentence.delta is not None:
        parts.append(f"p {sentence.p_value:.2g}, allowed {sentence.delta:.2g}")
    if sentence.method:
        parts.append(sentence.method)
    return ", ".join(parts)
