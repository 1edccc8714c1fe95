"""A verdict as Markdown, fit for a job summary or a comment: the answer, one table, and the rest folded away."""

from assay.core.verdict import SentenceVerdict, SliceVerdict, Verdict, WeakSlice
from assay.explain.amounts import probability
from assay.explain.markdown import bullets, code, folded, plain, rich, table_head, table_row
from assay.explain.texts import clipped, fitting
from assay.explain.verdict.asked import Asked, asked_by, champion_name
from assay.explain.verdict.facts import (
    digests,
    say_archived,
    say_counted,
    say_pooled,
    say_reason,
    say_slice,
    say_weak,
    sentence_facts,
    verdict_facts,
)
from assay.explain.verdict.levels import say_p
from assay.explain.verdict.sealed import tellable
from assay.explain.verdict.words import ICONS, headline

MOST_SLICES = 20
MOST_POOLED = 12
TABLE_BYTES, DETAILS_BYTES, WEAKEST_BYTES = 16_000, 26_000, 6_000
"""A comment on GitHub holds 65,536 characters."""

_EMPTY = "\N{EN DASH}"


def verdict_markdown(verdict: Verdict, title: str = "Gate") -> str:
    """The verdict in GitHub's Markdown: first the answer in one line, then a table with a row a sentence, then the details.

    At most 20 slices a sentence are told and the rest is counted; all of it stays below 65,536 characters.
    """
    verdict = tellable(verdict)
    parts = [
        f"### {ICONS[verdict.outcome]} {rich(headline(verdict))}",
        f"**{plain(clipped(title, 200))}**. {_about(verdict)}",
        _table(verdict),
        *_details(verdict),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(verdict: Verdict) -> str:
    """The facts that one must know to believe the first line."""
    said = dict(verdict_facts(verdict))
    parts = [said[label] for label in ("rows", "protection") if label in said]
    parts += [f"{label}: {said[label]}" for label in ("labels needed", "rows needed", "label first") if label in said]
    parts += [f"note: {text}" for label, text in verdict_facts(verdict) if label == "note"]
    return " ".join(plain(f"{part[:1].upper()}{part[1:]}.") for part in parts)


def _table(verdict: Verdict) -> str:
    names = ["", "sentence", "challenger", champion_name(verdict.champion_release), "estimate", "p", "allowed", "rows"]
    if all(each.verdict == "sealed" for each in verdict.sentences):
        names = names[:2]
    rows, left_out = fitting((table_row(_cells(each)[: len(names)]) for each in verdict.sentences), TABLE_BYTES)
    rest = f"\n\n{left_out:,} more sentences are not shown here." if left_out else ""
    return "\n".join([*table_head(names, words=2), *rows]) + rest


def _cells(sentence: SentenceVerdict) -> list[str]:
    asked = asked_by(sentence.sentence)
    return [
        _outcome(sentence),
        code(clipped(sentence.sentence, 300)),
        *_values(sentence, asked),
        say_p(sentence) or _EMPTY,
        probability(sentence.delta) if sentence.delta is not None else _EMPTY,
        say_counted(sentence, asked) or _EMPTY,
    ]


def _values(measured: SentenceVerdict | SliceVerdict, asked: Asked) -> list[str]:
    values = [
        asked.values.say(each) if each is not None else _EMPTY for each in (measured.challenger, measured.champion)
    ]
    estimate = measured.estimate
    return [*values, _EMPTY if estimate is None else plain(asked.tested.say_estimate(estimate, measured.interval))]


def _details(verdict: Verdict) -> list[str]:
    blocks, left_out = fitting((_sentence(each, verdict) for each in verdict.sentences), DETAILS_BYTES)
    if left_out:
        blocks.append(f"The details of {left_out:,} more sentences are not shown here: they are in the JSON.")
    parts = [folded("Sentence by sentence: why", blocks)]
    if verdict.weakest:
        parts.append(folded("Where the challenger is weakest", [_weakest(verdict)]))
    if verdict.archived:
        parts.append(folded("Earlier champions by the same sentences", [_archived(verdict)]))
    return [*parts, folded("About this verdict", [bullets([*verdict_facts(verdict), *_named(verdict)])])]


def _sentence(sentence: SentenceVerdict, verdict: Verdict) -> str:
    parts = [f"**{_outcome(sentence)}** {code(clipped(sentence.sentence, 300))}"]
    if sentence.reason:
        parts.append(plain(say_reason(sentence.reason)))
    parts.append(bullets(sentence_facts(sentence, verdict)))
    if sentence.slices:
        parts.append(_slices(sentence, verdict))
    return "\n\n".join(part for part in parts if part)


def _slices(sentence: SentenceVerdict, verdict: Verdict) -> str:
    asked = asked_by(sentence.sentence)
    champion = champion_name(verdict.champion_release)
    lines = table_head(["", "slice", "rows", "challenger", champion, "estimate", "p"], words=2)
    shown = sentence.slices[:MOST_SLICES]
    lines += [table_row(_slice(each, asked)) for each in shown]
    rest = len(sentence.slices) - len(shown)
    notes = [f"{rest:,} more slices, all of them stronger, are not shown here."] if rest else []
    notes += [plain(say_pooled(each, MOST_POOLED)) for each in sentence.slices if each.pooled][:3]
    return "\n\n".join(["\n".join(lines), *notes])


def _slice(part: SliceVerdict, asked: Asked) -> list[str]:
    values = _values(part, asked)
    if part.estimate is None and part.reason:
        values[-1] = plain(clipped(part.reason, 120))
    p_value = probability(part.p_value) if part.p_value is not None else _EMPTY
    return [_outcome(part), code(say_slice(part.slice)), f"{part.rows:,}", *values, p_value]


def _weakest(verdict: Verdict) -> str:
    lines = table_head(["part", "metric", "rows", "here", "overall", "p"], words=2)
    rows, left_out = fitting((table_row(_weak(each)) for each in verdict.weakest[:MOST_SLICES]), WEAKEST_BYTES)
    left_out += max(0, len(verdict.weakest) - MOST_SLICES)
    rest = f"\n\n{left_out:,} more are not shown here." if left_out else ""
    note = "Found on one half of the rows and measured on the other; reported, never required."
    return "\n".join([note, "", *lines, *rows]) + rest


def _weak(part: WeakSlice) -> list[str]:
    name, metric = code(say_slice(part.slice)), plain(clipped(part.metric, 60))
    return [name, metric, f"{part.rows:,}", *say_weak(part), probability(part.p_value)]


def _archived(verdict: Verdict) -> str:
    lines = table_head(["", "release", "sentences"], words=3)
    for each in verdict.archived[:MOST_SLICES]:
        outcome = f"{ICONS[each.outcome]} {each.outcome}"
        lines.append(table_row([outcome, plain(clipped(each.release, 60)), say_archived(each) or _EMPTY]))
    rest = len(verdict.archived) - MOST_SLICES
    return "\n".join(lines) + (f"\n\n{rest:,} more are not shown here." if rest > 0 else "")


def _named(verdict: Verdict) -> list[tuple[str, str]]:
    return [(f"digest of the {name}", digest) for name, digest in digests(verdict)]


def _outcome(judged: SentenceVerdict | SliceVerdict) -> str:
    return f"{ICONS[judged.verdict]} {judged.verdict}"
