"""The evidence as labelled facts, in the same words for every face. All texts are visible ones, on one line, and not escaped."""

from assay.core.counted import counted
from assay.core.digest import short
from assay.core.problem import Problem
from assay.core.verdict import ArchivedVerdict, SentenceVerdict, SliceVerdict, Verdict, WeakSlice
from assay.explain.amounts import SHARE
from assay.explain.texts import clipped, some, visible
from assay.explain.verdict.asked import Asked, asked_by, champion_name, scale_of
from assay.explain.verdict.levels import say_allowed, say_labels, say_p
from assay.explain.verdict.words import ICONS, rows_used, wanted_row

Fact = tuple[str, str]
"""A label and what it says."""

LONGEST_NAME = 60
LONGEST_REASON = 600


def sentence_facts(sentence: SentenceVerdict, verdict: Verdict) -> list[Fact]:
    """What was measured, how it was tested, at which level and why."""
    asked = asked_by(sentence.sentence)
    facts = [
        ("measured", say_measured(sentence, asked, champion_name(verdict.champion_release))),
        ("estimate", _say_estimate(sentence, asked, champion_name(verdict.champion_release))),
        ("p", say_p(sentence)),
        ("allowed", "" if _is_counted(sentence, asked) else say_allowed(sentence, asked, verdict)),
        (f"{asked.unit}s", f"{sentence.rows:,}" if sentence.rows else ""),
        ("method", visible(sentence.method)),
        ("needs", say_labels(sentence.labels_needed_total, sentence.labels_more, wanted_row([sentence]))),
        ("would see", _say_harm(sentence, asked)),
    ]
    return [fact for fact in facts if fact[1]]


def verdict_facts(verdict: Verdict) -> list[Fact]:
    """What holds for all sentences together: the rows, what protects them, the labels that are missing."""
    facts = [
        ("against", _say_against(verdict)),
        ("rows", _say_rows(verdict)),
        ("protection", verdict.protection),
        ("set aside", _say_set_aside(verdict)),
        ("worn out", verdict.exhaustion),
        *(("note", _say_note(note)) for note in verdict.notes),
        _needed(verdict),
        ("label first", _say_label_first(verdict.label_first)),
        ("disagreement", _say_disagreement(verdict.disagreement)),
        ("measured", _say_all_measured(verdict)),
        ("calibration", _say_calibration(verdict.calibration_error)),
    ]
    return [fact for fact in facts if fact[1]]


def _say_note(note: Problem) -> str:
    """``700 of the 800 labelled rows are a copy of an earlier one: compared by x, y; fix: take the copies out``"""
    because = "; ".join(note.because)
    fix = f". Fix: {note.fix}" if note.fix else ""
    return clipped(f"{note.what}{': ' if because else ''}{because}{fix}", LONGEST_REASON)


def digests(verdict: Verdict) -> list[Fact]:
    """What the verdict rests on, by the first digits of its name."""
    named = (
        ("challenger", verdict.challenger),
        ("champion", verdict.champion),
        ("rows", verdict.test_set),
        ("gate", verdict.gate),
        ("code", verdict.code),
    )
    return [(name, short(digest)) for name, digest in named if digest]


def say_reason(reason: str) -> str:
    """The reason as it was given, on one line."""
    return clipped(reason, LONGEST_REASON)


def say_slice(name: str) -> str:
    """A slice's name, short enough for a table."""
    return clipped(name, LONGEST_NAME)


def say_measured(sentence: SentenceVerdict | SliceVerdict, asked: Asked, champion: str) -> str:
    """``challenger 93.50 %, r2 91.50 %``; of a behaviour ``12 of 4,000 cases broken``"""
    if asked.is_of_behaviour and sentence.challenger is not None:
        return f"{round(sentence.challenger * sentence.rows):,} of {counted(sentence.rows, asked.unit)} broken"
    parts = [("challenger", sentence.challenger), (champion, sentence.champion)]
    told = ", ".join(f"{who} {asked.values.say(value)}" for who, value in parts if value is not None)
    weakest = sentence.slices[0].slice if isinstance(sentence, SentenceVerdict) and sentence.slices else ""
    return f"{told} ({say_slice(weakest)}, the weakest)" if told and weakest and not asked.is_of_gap else told


def say_counted(sentence: SentenceVerdict, asked: Asked) -> str:
    """``2,000`` rows; ``600 calls``, ``4,000 cases``"""
    if not sentence.rows:
        return ""
    return f"{sentence.rows:,}" if asked.unit == "row" else counted(sentence.rows, asked.unit)


def say_pooled(part: SliceVerdict, most: int) -> str:
    """``carrier=other pools 3 values: HA, OO, YV``"""
    names = [say_slice(each) for each in part.pooled[:most]]
    rest = len(part.pooled) - len(names)
    more = f" and {rest:,} more" if rest else ""
    return f"{say_slice(part.slice)} pools {counted(len(part.pooled), 'value')}: {', '.join(names)}{more}"


def say_weak(part: WeakSlice) -> tuple[str, str]:
    """``81.20 %``, ``92.50 %``: the weak slice's value, and what the rows have overall."""
    scale = scale_of(part.metric)
    return scale.say(part.value), scale.say(part.overall)


def say_archived(archived: ArchivedVerdict) -> str:
    """``passed 2 of 3 sentences``"""
    passed = sum(each.verdict == "pass" for each in archived.sentences)
    if not archived.sentences or all(each.verdict == "sealed" for each in archived.sentences):
        return ""
    return f"passed {passed} of {counted(len(archived.sentences), 'sentence')}"


def say_archived_sentence(sentence: SentenceVerdict) -> str:
    """``✓ accuracy > champion.accuracy: +2.00 points [+0.62, +3.38]``"""
    text = f"{ICONS[sentence.verdict]} {clipped(sentence.sentence, 100)}"
    if sentence.estimate is None:
        return text
    return f"{text}: {asked_by(sentence.sentence).tested.say_estimate(sentence.estimate, sentence.interval)}"


def _say_estimate(sentence: SentenceVerdict, asked: Asked, champion: str) -> str:
    if sentence.estimate is None:
        return ""
    of = f" ({asked.say_tested(champion)})" if asked.is_relative and asked.tested.times == 1 else ""
    bar = f"; {asked.say_bar()}" if asked.say_bar() else ""
    return f"{asked.tested.say_estimate(sentence.estimate, sentence.interval)}{of}{bar}"


def _is_counted(sentence: SentenceVerdict, asked: Asked) -> bool:
    """Nothing was tested: no level had a part in it."""
    return asked.is_of_behaviour and sentence.p_value is None


def _needed(verdict: Verdict) -> Fact:
    noun = wanted_row(verdict.sentences)
    label = "rows needed" if noun == "row" else "labels needed"
    return label, say_labels(verdict.labels_needed_total, verdict.labels_more, noun)


def _say_harm(sentence: SentenceVerdict, asked: Asked) -> str:
    """The power of a ``no``."""
    if sentence.smallest_harm is None:
        return ""
    size = asked.tested.say(abs(sentence.smallest_harm)).removeprefix("+")
    unit = size.replace(" %", " points") if asked.tested.unit == "%" else size
    return f"a harm of {unit} beyond what is forbidden, 9 times in 10"


def _say_against(verdict: Verdict) -> str:
    if verdict.champion is None and verdict.champion_release is None:
        return "nobody: there is no champion yet"
    return champion_name(verdict.champion_release)


def _say_rows(verdict: Verdict) -> str:
    if not verdict.has_rows:
        return ""
    used = f"{counted(rows_used(verdict), 'labelled row')}, {verdict.unlabelled:,} without a label"
    if verdict.clustered_by is None:
        return f"{used}; rows are taken as independent"
    column = clipped(verdict.clustered_by, LONGEST_NAME)
    one = f"day (by {column})" if verdict.is_by_day else column
    noun = "day" if verdict.is_by_day else "group"
    count = "" if verdict.clusters is None else f": {counted(verdict.clusters, noun)}"
    return f"{used}; rows of one {one} are taken together{count}"


def _say_set_aside(verdict: Verdict) -> str:
    if verdict.charge is None or not verdict.charge.set_aside:
        return ""
    rows = counted(verdict.charge.set_aside, "labelled row")
    return f"{rows} that earlier decisions had seen: the others alone show more"


def _say_label_first(count: int | None) -> str:
    if not count:
        return ""
    return f"the {counted(count, 'unlabelled row')} on which the two models differ"


_AMOUNTS = 0.95
"""Amounts differ on nearly all rows: to say so tells nothing."""


def _say_disagreement(share: float | None) -> str:
    if share is None or share > _AMOUNTS:
        return ""
    return f"the two models answer differently on {SHARE.say(share)} of all rows"


def _say_all_measured(verdict: Verdict) -> str:
    """The values behind sentences that did not apply; the others tell their own."""
    if all(each.verdict != "not applicable" for each in verdict.sentences):
        return ""
    parts = [
        f"{clipped(name, LONGEST_NAME)} {scale_of(name).say(value)}" for name, value in sorted(verdict.measured.items())
    ]
    return some(parts, 30)


def _say_calibration(error: float | None) -> str:
    return f"calibration error {SHARE.say(error)}; reported, never required" if error is not None else ""
