"""The answer in one line, for a reader who knows no statistics; and the mark that goes with each verdict."""

from collections.abc import Sequence

from assay.core.counted import counted
from assay.core.verdict import SentenceOutcome, SentenceVerdict, Verdict
from assay.explain.texts import clipped, some
from assay.explain.verdict.asked import Asked, asked_by, champion_name

ICONS: dict[SentenceOutcome, str] = {"pass": "✓", "fail": "✗", "undecided": "!", "not applicable": "·", "sealed": "·"}
"""A verdict is an icon and its word, and never a colour alone."""

_LONGEST_SENTENCE = 200
_NAMED_SLICES = 3


def headline(verdict: Verdict) -> str:
    """The answer: the outcome, what it means, and on what it rests. One line; sentences stand in backticks."""
    ends = [_answer(verdict)]
    if not verdict.has_rows:
        ends.append(verdict.protection)
    if verdict.restore:
        earlier, live = champion_name(verdict.restore), champion_name(verdict.champion_release)
        ends.append(f"{earlier}, an earlier champion, beats {live}: assay rollback {earlier}")
    return f"{verdict.outcome.upper()}: {'; '.join(ends)}"


def rows_used(verdict: Verdict) -> int:
    """The labelled rows that the gate was judged on."""
    return verdict.rows - verdict.unlabelled


def wanted_row(sentences: Sequence[SentenceVerdict]) -> str:
    """What is missing where sentences need more: ``labelled row``; ``row`` where only behaviour is asked, as no label is read."""
    wanting = [asked_by(each.sentence) for each in sentences if each.labels_more]
    return "row" if wanting and all(asked.is_of_behaviour for asked in wanting) else "labelled row"


def quoted(sentence: SentenceVerdict) -> str:
    """The sentence in backticks, on one line."""
    return f"`{_unticked(clipped(sentence.sentence, _LONGEST_SENTENCE))}`"


def _unticked(text: str) -> str:
    """Backticks are the headline's own."""
    return text.replace("`", "'")


def _answer(verdict: Verdict) -> str:
    match verdict.outcome:
        case "pass":
            return _say_pass(verdict)
        case "fail":
            return _say_fail(verdict)
        case "undecided":
            return _say_undecided(verdict)


def _say_pass(verdict: Verdict) -> str:
    if verdict.reveal == "verdict":
        return f"the challenger is good enough for this sealed gate{_on_rows(verdict)}"
    passed = [asked_by(each.sentence) for each in verdict.sentences if each.verdict == "pass"]
    return f"{_claim(passed, verdict)} ({_count(verdict)})"


def _claim(passed: Sequence[Asked], verdict: Verdict) -> str:
    champion = champion_name(verdict.champion_release)
    shown = [each for each in passed if not each.is_forbidding]
    if any(each.is_better for each in shown):
        return f"the challenger is better than {champion} as required"
    if any(each.is_better is False for each in shown):
        return f"the challenger is no more worse than {champion} than is allowed"
    if shown:
        alone = "" if verdict.champion else "; there is no champion to compare it with"
        return f"the challenger is as good as required{alone}"
    return "no harm that the gate forbids was found"


def _count(verdict: Verdict) -> str:
    """``2 of 2 sentences shown and 1 forbidden harm not found on 2,000 rows; 1 sentence did not apply``"""
    forbidding = {each.sentence: asked_by(each.sentence).is_forbidding for each in verdict.sentences}
    judged = [each for each in verdict.sentences if each.verdict != "not applicable"]
    asked = [each for each in judged if not forbidding[each.sentence]]
    harms = len(judged) - len(asked)
    shown = sum(each.verdict == "pass" for each in asked)
    does = "shown" if verdict.has_rows else "hold for the metrics file"
    parts = [f"{shown} of {counted(len(asked), 'sentence')} {does}"] if asked else []
    parts += [f"{counted(harms, 'forbidden harm')} not found"] if harms else []
    left = len(verdict.sentences) - len(judged)
    rest = f"; {counted(left, 'sentence')} did not apply" if left else ""
    return f"{' and '.join(parts)}{_on_rows(verdict)}{rest}"


def _say_fail(verdict: Verdict) -> str:
    failed = [each for each in verdict.sentences if each.verdict == "fail"]
    if verdict.reveal == "verdict" or not failed:
        sealed = " sealed" if verdict.reveal == "verdict" else ""
        return f"the challenger did not show what this{sealed} gate requires{_on_rows(verdict)}"
    others = len(failed) - 1
    more = f", and {counted(others, 'other sentence')} failed too" if others else ""
    return _why_failed(failed[0], verdict) + more


def _why_failed(sentence: SentenceVerdict, verdict: Verdict) -> str:
    asked, said = asked_by(sentence.sentence), quoted(sentence)
    on = f" on {counted(sentence.rows, asked.unit)}" if sentence.rows else ""
    where = _where(sentence)
    if asked.is_forbidding:
        return f"the harm that {said} forbids was shown{where}{on}"
    if sentence.p_value is None and not sentence.slices:
        if asked.is_of_behaviour and sentence.challenger is not None:
            broken = round(sentence.challenger * sentence.rows)
            return f"{said} does not hold: {broken:,} of {counted(sentence.rows, asked.unit)} broken"
        value = sentence.estimate if sentence.estimate is not None else sentence.challenger
        return f"{said} does not hold" + (f": it is {asked.tested.say(value)}" if value is not None else "")
    if _is_refuted(sentence, asked):
        return f"{_worse(asked, verdict)}{said} was shown to be false{where}{on}"
    return f"{said} was not shown{where}{on}{_could_have(sentence, asked)}"


def _worse(asked: Asked, verdict: Verdict) -> str:
    if asked.is_better is None or (asked.is_better and asked.bar != 0):
        return ""
    allowed = "" if asked.is_better else " by more than is allowed"
    return f"the challenger is worse than {champion_name(verdict.champion_release)}{allowed}: "


def _could_have(sentence: SentenceVerdict, asked: Asked) -> str:
    if sentence.labels_needed_total is None or sentence.labels_more:
        return ""
    if asked.is_relative:
        would = "a gain worth finding" if asked.is_better else "that of an equal model"
    else:
        would = "a share clearly below the limit" if asked.is_of_behaviour else "a value clearly past the bar"
    return f", though {would} would have been"


def _is_refuted(sentence: SentenceVerdict, asked: Asked) -> bool:
    """All of the interval lies on the wrong side of the bar."""
    if sentence.interval is None or asked.bar is None:
        return False
    low, high = sentence.interval
    return high < asked.bar if asked.is_above else low > asked.bar


def _where(sentence: SentenceVerdict) -> str:
    slices = [_unticked(clipped(each.slice, 60)) for each in sentence.slices if each.verdict == "fail"]
    return f" for {some(slices, _NAMED_SLICES)}" if slices else ""


def _say_undecided(verdict: Verdict) -> str:
    if verdict.exhaustion and verdict.charge is not None and verdict.fresh_needed is not None:
        times = "once" if verdict.charge.before == 1 else f"{verdict.charge.before:,} times"
        fresh = counted(verdict.fresh_needed, "fresh labelled row")
        return f"these rows were asked {times} before, and have too little left to decide it; {fresh} would"
    more = verdict.labels_more or max((each.labels_more or 0 for each in _undecided(verdict)), default=0)
    if more and not _undecided(verdict) and verdict.reveal == "metrics":
        rows = counted(more, f"more {wanted_row(verdict.sentences)}")
        return f"no harm that the gate forbids was found, but so few rows would hardly show it; {rows} would"
    if more:
        return f"{_wanted(more, verdict)} needed to tell whether the challenger is good enough{_so_far(verdict)}"
    if verdict.reveal == "verdict":
        return f"this sealed gate could not tell whether the challenger is good enough{_on_rows(verdict)}"
    undecided = _undecided(verdict)
    if undecided:
        return (
            f"{quoted(undecided[0])} could not be judged: {_unticked(clipped(undecided[0].reason, _LONGEST_SENTENCE))}"
        )
    return "nothing could be judged: no sentence of the gate applies without a champion"


def _wanted(more: int, verdict: Verdict) -> str:
    """``43 more labelled rows``; of one slice, where that is what lacks them."""
    undecided = _undecided(verdict)
    neediest = max(undecided, key=lambda each: each.labels_more or 0, default=None)
    parts = [] if neediest is None else [each for each in neediest.slices if each.labels_more and each.rows]
    if parts:
        part = max(parts, key=lambda each: (each.labels_more or 0) / each.rows)
        return f"{counted(part.labels_more or 0, 'more labelled row')} of {_unticked(clipped(part.slice, 60))}"
    return counted(more, f"more {wanted_row(undecided)}")


def _so_far(verdict: Verdict) -> str:
    """More labels cost money: a challenger that looks worse is not worth them."""
    asked = ((each, asked_by(each.sentence)) for each in _undecided(verdict) if each.estimate is not None)
    is_behind = any(
        said.is_better and (each.estimate or 0.0) * (1 if said.is_above else -1) < 0 for each, said in asked
    )
    return f"; so far it looks worse than {champion_name(verdict.champion_release)}" if is_behind else ""


def _undecided(verdict: Verdict) -> list[SentenceVerdict]:
    return [each for each in verdict.sentences if each.verdict == "undecided"]


def _on_rows(verdict: Verdict) -> str:
    return f" on {counted(rows_used(verdict), 'row')}" if verdict.has_rows else ""
