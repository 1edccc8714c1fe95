"""A verdict as Markdown, fit for a job summary or a comment: the answer, one table, and the rest folded away.

Column values and sentences are others' texts: they stand in code spans, where nothing is read as Markdown, as a mention or as a
link, or have what Markdown reads taken from them.
"""

import re
from collections.abc import Iterable, Sequence

from assay.core.verdict import SentenceVerdict, SliceVerdict, Verdict, WeakSlice
from assay.explain.verdict.amounts import probability
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
from assay.explain.verdict.texts import clipped, fitting, visible
from assay.explain.verdict.words import ICONS, headline

MOST_SLICES = 20
MOST_POOLED = 12
TABLE_BYTES, DETAILS_BYTES, WEAKEST_BYTES = 16_000, 26_000, 6_000
"""A comment on GitHub holds 65,536 characters."""

_READ = re.compile(r"([\\`*_\[\]<>~$&!])")
_LINKED = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)")
_BAR = re.compile(r"(\\?)\|")
_EMPTY = "\N{EN DASH}"


def verdict_markdown(verdict: Verdict, title: str = "Gate") -> str:
    """The verdict in GitHub's Markdown: first the answer in one line, then a table with a row a sentence, then the details.

    At most 20 slices a sentence are told and the rest is counted; all of it stays below 65,536 characters.
    """
    verdict = tellable(verdict)
    parts = [
        f"### {ICONS[verdict.outcome]} {_rich(headline(verdict))}",
        f"**{_text(clipped(title, 200))}**. {_about(verdict)}",
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
    return " ".join(_text(f"{part[:1].upper()}{part[1:]}.") for part in parts)


def _table(verdict: Verdict) -> str:
    names = ["", "sentence", "challenger", champion_name(verdict.champion_release), "estimate", "p", "allowed", "rows"]
    if all(each.verdict == "sealed" for each in verdict.sentences):
        names = names[:2]
    rows, left_out = fitting((_row(_cells(each)[: len(names)]) for each in verdict.sentences), TABLE_BYTES)
    rest = f"\n\n{left_out:,} more sentences are not shown here." if left_out else ""
    return "\n".join([*_head(names, words=2), *rows]) + rest


def _cells(sentence: SentenceVerdict) -> list[str]:
    asked = asked_by(sentence.sentence)
    return [
        _outcome(sentence),
        _code(clipped(sentence.sentence, 300)),
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
    return [*values, _EMPTY if estimate is None else _text(asked.tested.say_estimate(estimate, measured.interval))]


def _details(verdict: Verdict) -> list[str]:
    blocks, left_out = fitting((_sentence(each, verdict) for each in verdict.sentences), DETAILS_BYTES)
    if left_out:
        blocks.append(f"The details of {left_out:,} more sentences are not shown here: they are in the JSON.")
    folded = [_folded("Sentence by sentence: why", blocks)]
    if verdict.weakest:
        folded.append(_folded("Where the challenger is weakest", [_weakest(verdict)]))
    if verdict.archived:
        folded.append(_folded("Earlier champions by the same sentences", [_archived(verdict)]))
    return [*folded, _folded("About this verdict", [_list([*verdict_facts(verdict), *_named(verdict)])])]


def _sentence(sentence: SentenceVerdict, verdict: Verdict) -> str:
    parts = [f"**{_outcome(sentence)}** {_code(clipped(sentence.sentence, 300))}"]
    if sentence.reason:
        parts.append(_text(say_reason(sentence.reason)))
    parts.append(_list(sentence_facts(sentence, verdict)))
    if sentence.slices:
        parts.append(_slices(sentence, verdict))
    return "\n\n".join(part for part in parts if part)


def _slices(sentence: SentenceVerdict, verdict: Verdict) -> str:
    asked = asked_by(sentence.sentence)
    champion = champion_name(verdict.champion_release)
    lines = _head(["", "slice", "rows", "challenger", champion, "estimate", "p"], words=2)
    shown = sentence.slices[:MOST_SLICES]
    lines += [_row(_slice(each, asked)) for each in shown]
    rest = len(sentence.slices) - len(shown)
    notes = [f"{rest:,} more slices, all of them stronger, are not shown here."] if rest else []
    notes += [_text(say_pooled(each, MOST_POOLED)) for each in sentence.slices if each.pooled][:3]
    return "\n\n".join(["\n".join(lines), *notes])


def _slice(part: SliceVerdict, asked: Asked) -> list[str]:
    values = _values(part, asked)
    if part.estimate is None and part.reason:
        values[-1] = _text(clipped(part.reason, 120))
    p_value = probability(part.p_value) if part.p_value is not None else _EMPTY
    return [_outcome(part), _code(say_slice(part.slice)), f"{part.rows:,}", *values, p_value]


def _weakest(verdict: Verdict) -> str:
    lines = _head(["part", "metric", "rows", "here", "overall", "p"], words=2)
    rows, left_out = fitting((_row(_weak(each)) for each in verdict.weakest[:MOST_SLICES]), WEAKEST_BYTES)
    left_out += max(0, len(verdict.weakest) - MOST_SLICES)
    rest = f"\n\n{left_out:,} more are not shown here." if left_out else ""
    note = "Found on one half of the rows and measured on the other; reported, never required."
    return "\n".join([note, "", *lines, *rows]) + rest


def _weak(part: WeakSlice) -> list[str]:
    name, metric = _code(say_slice(part.slice)), _text(clipped(part.metric, 60))
    return [name, metric, f"{part.rows:,}", *say_weak(part), probability(part.p_value)]


def _archived(verdict: Verdict) -> str:
    lines = _head(["", "release", "sentences"], words=3)
    for each in verdict.archived[:MOST_SLICES]:
        outcome = f"{ICONS[each.outcome]} {each.outcome}"
        lines.append(_row([outcome, _text(clipped(each.release, 60)), say_archived(each) or _EMPTY]))
    rest = len(verdict.archived) - MOST_SLICES
    return "\n".join(lines) + (f"\n\n{rest:,} more are not shown here." if rest > 0 else "")


def _named(verdict: Verdict) -> list[tuple[str, str]]:
    return [(f"digest of the {name}", digest) for name, digest in digests(verdict)]


def _outcome(judged: SentenceVerdict | SliceVerdict) -> str:
    return f"{ICONS[judged.verdict]} {judged.verdict}"


def _folded(summary: str, blocks: Iterable[str]) -> str:
    inside = "\n\n".join(block for block in blocks if block)
    return f"<details>\n<summary>{summary}</summary>\n\n{inside}\n\n</details>"


def _list(facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- {_text(label)}: {_text(text)}" for label, text in facts)


def _head(names: Sequence[str], words: int) -> list[str]:
    """A table's head; after so many columns of words, numbers stand to the right."""
    return [_row(_text(name) for name in names), f"|{'---|' * words}{'---:|' * (len(names) - words)}"]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_BAR.sub(_escaped_bar, cell) for cell in cells)} |"


def _escaped_bar(bar: re.Match[str]) -> str:
    """A backslash before it would undo its own."""
    return f"{bar[1]}\N{ZERO WIDTH SPACE}\\|" if bar[1] else r"\|"


def _rich(text: str) -> str:
    """A line in which sentences stand in backticks."""
    return "".join(_code(part) if at % 2 else _text(part) for at, part in enumerate(text.split("`")))


def _code(text: str) -> str:
    """A code span: a fence of more backticks than it holds."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence, pad = "`" * (longest + 1), " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _text(text: str) -> str:
    """Plain words: nothing in them is read as Markdown, mentions anyone or becomes a link."""
    return _LINKED.sub("\N{ZERO WIDTH SPACE}", _READ.sub(r"\\\1", visible(text)))
