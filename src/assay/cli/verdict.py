"""How a verdict is shown in a terminal: the answer first, then sentence by sentence, as wide as there is room."""

import shutil
from collections.abc import Iterable, Sequence
from textwrap import wrap

from assay.cli.screen import Mark, faint, marked, say, strong, table
from assay.core.verdict import Outcome, SentenceOutcome, SentenceVerdict, SliceVerdict, Verdict, WeakSlice
from assay.explain.amounts import probability
from assay.explain.texts import clipped, visible
from assay.explain.verdict import headline, sentence_facts, tellable, verdict_facts
from assay.explain.verdict.asked import Asked, asked_by, champion_name
from assay.explain.verdict.facts import Fact, say_archived, say_counted, say_pooled, say_reason, say_slice, say_weak
from assay.explain.verdict.levels import say_p

_MARKS: dict[SentenceOutcome | Outcome, Mark] = {
    "pass": "ok",
    "fail": "failed",
    "undecided": "warn",
    "not applicable": "note",
    "sealed": "note",
}
_MOST_SLICES = 20
_MOST_POOLED = 12
_NARROWEST = 30
_INDENT = 3
_LONGEST_SLICE = 28
_NO_BREAK = "\N{NO-BREAK SPACE}"
_IN_TABLE = frozenset({"measured", "estimate", "p", "rows", "cases", "calls"})


def show_verdict(verdict: Verdict, width: int | None = None) -> None:
    """The verdict and each sentence with its evidence, in lines of at most ``width`` columns; None: as the terminal is."""
    room = max(_NARROWEST, width or shutil.get_terminal_size().columns)
    verdict = tellable(verdict)
    for line in _wrapped(headline(verdict), room):
        say(strong(line))
    rows = _in_columns([_cells(each, verdict) for each in verdict.sentences], room)
    for at, sentence in enumerate(verdict.sentences):
        say()
        if rows:
            _show_row(rows[at + 1], rows[0] if at == 0 else "", sentence, verdict, room)
        else:
            _show_block(sentence, verdict, room)
        _show_slices(sentence, verdict, room)
    _show_weakest(verdict, room)
    _show_archived(verdict, room)
    say()
    _show_facts(verdict_facts(verdict), room, indent=1)


def _show_block(sentence: SentenceVerdict, verdict: Verdict, room: int) -> None:
    """A sentence where the terminal is narrow: its facts below each other."""
    first, *rest = _wrapped(f"{sentence.verdict}  {clipped(sentence.sentence, 400)}", room - _INDENT)
    say(marked(_MARKS[sentence.verdict], first))
    _show_lines(rest, _INDENT)
    _show_lines(_wrapped(say_reason(sentence.reason), room - _INDENT), _INDENT)
    _show_facts(sentence_facts(sentence, verdict), room, _INDENT)


def _show_row(row: str, head: str, sentence: SentenceVerdict, verdict: Verdict, room: int) -> None:
    """A sentence where the terminal is wide: a row of the table, and below it what has no column."""
    if head:
        say(" " * _INDENT + faint(head))
    say(marked(_MARKS[sentence.verdict], row))
    _show_lines(_wrapped(say_reason(sentence.reason), room - _INDENT), _INDENT)
    rest = [f"{label} {text}" for label, text in sentence_facts(sentence, verdict) if label not in _IN_TABLE]
    for line in _wrapped("; ".join(rest), room - _INDENT):
        say(" " * _INDENT + faint(line))


def _cells(sentence: SentenceVerdict, verdict: Verdict) -> tuple[str, ...]:
    asked = asked_by(sentence.sentence)
    delta = probability(sentence.delta) if sentence.delta is not None else ""
    rows = say_counted(sentence, asked)
    values = _values(sentence, asked)
    return (sentence.verdict, visible(sentence.sentence), *values, say_p(sentence), delta, rows)


def _values(measured: SentenceVerdict | SliceVerdict, asked: Asked) -> tuple[str, str, str]:
    """Challenger, champion, and the estimate with its interval."""
    new, old = (asked.values.say(each) if each is not None else "" for each in (measured.challenger, measured.champion))
    estimate = measured.estimate
    return new, old, asked.tested.say_estimate(estimate, measured.interval) if estimate is not None else ""


def _in_columns(rows: Sequence[tuple[str, ...]], room: int) -> list[str]:
    """The sentences as a table with its head; nothing where it does not fit, or has no numbers to show."""
    heads = ("", "sentence", "challenger", "champion", "estimate", "p", "allowed", "rows")
    if not any(row[4] for row in rows):
        return []
    lines = _filled([heads, *rows])
    return lines if max(len(line) for line in lines) <= room - _INDENT else []


def _filled(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The rows of a table in which every column holds something."""
    kept = [at for at in range(len(rows[0])) if any(row[at] for row in rows[1:])]
    return table([tuple(row[at] for at in kept) for row in rows], indent=0).split("\n")


def _show_slices(sentence: SentenceVerdict, verdict: Verdict, room: int) -> None:
    """The weakest slices, in as many columns as there is room for."""
    if not sentence.slices:
        return
    asked, shown = asked_by(sentence.sentence), sentence.slices[:_MOST_SLICES]
    head, *lines = _fitting_columns(
        ("", "slice", "rows", "challenger", champion_name(verdict.champion_release), "estimate", "p"),
        [_slice_cells(each, asked) for each in shown],
        room - 2 * _INDENT,
    )
    say(" " * (2 * _INDENT) + faint(head))
    for part, line in zip(shown, lines, strict=True):
        say(" " * _INDENT + marked(_MARKS[part.verdict], line))
    notes = [f"and {len(sentence.slices) - len(shown):,} more slices"] if len(sentence.slices) > len(shown) else []
    notes += [say_pooled(each, _MOST_POOLED) for each in sentence.slices if each.pooled][:3]
    for note in notes:
        _show_lines(_wrapped(note, room - 2 * _INDENT), 2 * _INDENT)


def _slice_cells(part: SliceVerdict, asked: Asked) -> tuple[str, ...]:
    new, old, estimate = _values(part, asked)
    p_value = probability(part.p_value) if part.p_value is not None else ""
    name = clipped(say_slice(part.slice), _LONGEST_SLICE)
    return (part.verdict, name, f"{part.rows:,}", new, old, estimate or clipped(part.reason, 60), p_value)


def _fitting_columns(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], room: int) -> list[str]:
    """The table without the columns that can be missed most easily: the models' own values, then p, rows, and the word."""
    left = list(range(len(head)))
    for drop in (4, 3, 6, 2, 5):
        lines = _filled([tuple(row[at] for at in left) for row in (head, *rows)])
        if max(len(line) for line in lines) <= room:
            return lines
        left.remove(drop)
    return [clipped(line, room) for line in _filled([tuple(row[at] for at in left) for row in (head, *rows)])]


def _show_weakest(verdict: Verdict, room: int) -> None:
    if not verdict.weakest:
        return
    say()
    _show_lines(_wrapped("weakest parts, found on one half of the rows and measured on the other:", room - 1), 1)
    head = ("part", "metric", "here", "overall", "rows", "p")
    lines = table([head, *map(_weak_cells, verdict.weakest[:_MOST_SLICES])], indent=0).split("\n")
    if max(map(len, lines)) <= room - _INDENT:
        _show_lines([faint(lines[0]), *lines[1:]], _INDENT)
        return
    for each in verdict.weakest[:_MOST_SLICES]:
        name, metric, here, overall, rows, p_value = _weak_cells(each)
        said = f"{name}: {metric} {here}, {overall} overall, on {rows} rows, p {p_value}"
        first, *rest = _wrapped(said, room - 2 * _INDENT)
        _show_lines([first], _INDENT)
        _show_lines(rest, 2 * _INDENT)


def _weak_cells(part: WeakSlice) -> tuple[str, ...]:
    here, overall = say_weak(part)
    return (say_slice(part.slice), clipped(part.metric, 20), here, overall, f"{part.rows:,}", probability(part.p_value))


def _show_archived(verdict: Verdict, room: int) -> None:
    if not verdict.archived:
        return
    say()
    _show_lines(_wrapped("earlier champions by the same sentences:", room - 1), 1)
    for each in verdict.archived[:_MOST_SLICES]:
        said = ", ".join(part for part in (each.outcome, say_archived(each)) if part)
        say(marked(_MARKS[each.outcome], clipped(f"{visible(each.release)}: {said}", room - _INDENT)))


def _show_facts(facts: Sequence[Fact], room: int, indent: int) -> None:
    """Labels in a column, and beside them what they say."""
    beside = indent + max((len(label) for label, _ in facts), default=0) + 2
    for label, text in facts:
        first, *rest = _wrapped(text, room - beside) or [""]
        say(" " * indent + faint(label.ljust(beside - indent)) + first)
        _show_lines(rest, beside)


def _show_lines(lines: Iterable[str], indent: int) -> None:
    for line in lines:
        say(" " * indent + line)


def _wrapped(text: str, room: int) -> list[str]:
    """Lines of so many columns; a number stays beside its unit."""
    bound = text.replace(" %", f"{_NO_BREAK}%").replace(" points", f"{_NO_BREAK}points")
    lines = wrap(bound, max(8, room), break_on_hyphens=False)
    return [line.replace(_NO_BREAK, " ") for line in lines]
