"""A verdict as one HTML page that stands alone: no script, no network, no font or picture from elsewhere.

Everything that others wrote (sentences, columns, values, names) is escaped. The page stays below 300 kB: what does not fit is
counted, and stands in the JSON.
"""

from collections.abc import Mapping
from html import escape

from assay.core.counted import counted
from assay.core.verdict import ArchivedVerdict, SentenceVerdict, SliceVerdict, Verdict
from assay.explain.amounts import probability
from assay.explain.markup import END, fact_list, heads, left_out_note, named_ids, note, opening, rich, row, table
from assay.explain.style import STYLE
from assay.explain.texts import clipped, fitting
from assay.explain.verdict.asked import Asked, asked_by, champion_name
from assay.explain.verdict.facts import (
    digests,
    say_archived,
    say_archived_sentence,
    say_pooled,
    say_reason,
    say_slice,
    say_weak,
    sentence_facts,
    verdict_facts,
)
from assay.explain.verdict.picture import (
    Axis,
    css_class,
    draw_sentences,
    draw_slice,
    draw_slice_axis,
    slice_axis,
)
from assay.explain.verdict.sealed import tellable
from assay.explain.verdict.style import PICTURES
from assay.explain.verdict.words import ICONS, headline

MOST_SLICES = 200
MOST_POOLED = 60
MOST_EARLIER = 12
PAGE_BYTES, SENTENCES_BYTES, PICTURES_BYTES, TABLES_BYTES = 290_000, 50_000, 36_000, 12_000
"""What the page and each kind of part may take; the slices get what is left."""
CARD_BYTES, FOREST_BYTES = 120, 2_500
"""What a sentence takes beside its words, and a table of slices beside its rows."""


def verdict_page(verdict: Verdict, title: str = "Gate", when: str = "", ids: Mapping[str, str] | None = None) -> str:
    """The page: first the answer, then the picture, then sentence by sentence.

    ``when`` is told as it is given; ``ids`` names what else belongs to it, as ``{"run": "18"}``.
    """
    verdict, name = tellable(verdict), clipped(title, 200)
    before = [
        opening(f"{name}: {verdict.outcome}", STYLE + PICTURES),
        _answer(verdict),
        note(" · ".join([name, *([clipped(when, 100)] if when else [])])),
        fact_list(verdict_facts(verdict)),
        *_pictures(verdict),
        "<h2>Sentence by sentence</h2>",
    ]
    after = [*_weakest(verdict), *_archived(verdict), _footer(verdict, ids or {}), END]
    room = PAGE_BYTES - sum(len(part.encode()) + 1 for part in (*before, *after))
    return "\n".join(part for part in (*before, *_sentences(verdict, room), *after) if part)


def _answer(verdict: Verdict) -> str:
    icon = f'<span class="word">{ICONS[verdict.outcome]}</span>'
    return f'<h1 class="{css_class(verdict.outcome)}">{icon} {rich(headline(verdict))}</h1>'


def _pictures(verdict: Verdict) -> list[str]:
    drawn, undrawn = draw_sentences(verdict)
    if not drawn:
        return []
    figures, left_out = fitting((f"<figure>{svg}</figure>" for svg in drawn), PICTURES_BYTES)
    rest = "".join(
        f'<p class="soft">{counted(count, what)} not drawn.</p>'
        for count, what in ((undrawn, "more sentence"), (left_out, "more picture"))
        if count
    )
    return ["<h2>The intervals</h2>", *figures, rest, f'<p class="soft">{_LEGEND}</p>']


_LEGEND = (
    "The dot is the estimate (hollow where the sentence did not pass), the whisker its interval: each end holds with the "
    "confidence that the sentence asks for. The thick line is what the sentence asks, and its flag points to the side that "
    "passes, which is shaded; a sentence that forbids passes unless its whole interval lies on the other. The dashed line is no "
    "difference from the champion."
)


def _sentences(verdict: Verdict, room: int) -> list[str]:
    """A card a sentence; their slices share what is left of the page."""
    heads, left_out = fitting((_head(each, verdict) for each in verdict.sentences), SENTENCES_BYTES)
    room -= sum(len(head.encode()) + CARD_BYTES for head in heads)
    shown = verdict.sentences[: len(heads)]
    cards = []
    for at, (sentence, head) in enumerate(zip(shown, heads, strict=True)):
        still = sum(bool(each.slices) for each in shown[at:])
        slices = _slices(sentence, verdict, f"s{at}", room // still) if sentence.slices else ""
        room -= len(slices.encode())
        cards.append(f"<section{_long(slices)}>{head}{slices}</section>")
    if left_out:
        cards.append(note(f"{left_out:,} more sentences are left out here: they are in the JSON."))
    return cards


def _long(slices: str) -> str:
    return ' class="long"' if slices else ""


def _head(sentence: SentenceVerdict, verdict: Verdict) -> str:
    reason = f"<p>{escape(say_reason(sentence.reason))}</p>" if sentence.reason else ""
    code = escape(clipped(sentence.sentence, 400))
    return f"<h3>{_word(sentence)} <code>{code}</code></h3>{reason}{fact_list(sentence_facts(sentence, verdict))}"


def _slices(sentence: SentenceVerdict, verdict: Verdict, name: str, size_bytes: int) -> str:
    """The forest: a row a slice, the weakest first, each drawn on the axis at the top."""
    if size_bytes < FOREST_BYTES:
        return note(f"{counted(len(sentence.slices), 'slice')} left out here: they are in the JSON.")
    asked, first = asked_by(sentence.sentence), sentence.slices[:MOST_SLICES]
    axis = slice_axis(first, asked)
    has_champion = any(each.champion is not None for each in first)
    notes = (note(say_pooled(each, MOST_POOLED)) for each in sentence.slices if each.pooled)
    pooled, _ = fitting(notes, size_bytes // 4)
    size_bytes -= FOREST_BYTES + sum(len(note.encode()) for note in pooled)
    rows, left_out = fitting((_slice(each, asked, axis, name, has_champion) for each in first), size_bytes)
    left_out += len(sentence.slices) - len(first)
    champion = [champion_name(verdict.champion_release)] if has_champion else []
    head = heads(("", "slice"), ("rows", "challenger", *champion, "estimate", "p"))
    head += f"<th>{draw_slice_axis(axis, asked, name)}</th>" if axis else ""
    rest = note(f"{left_out:,} more slices, all of them stronger, are left out here.") if left_out else ""
    return f"{table(head, rows, 'forest')}{rest}{''.join(pooled)}"


def _slice(part: SliceVerdict, asked: Asked, axis: Axis | None, name: str, has_champion: bool) -> str:
    measured = (part.challenger, part.champion) if has_champion else (part.challenger,)
    values = [asked.values.say(each) if each is not None else "" for each in measured]
    estimate = asked.tested.say_estimate(part.estimate, part.interval) if part.estimate is not None else ""
    p_value = probability(part.p_value) if part.p_value is not None else ""
    numbers = "".join(f"<td>{each}</td>" for each in (f"{part.rows:,}", *values, estimate, p_value))
    why = f"<small>{escape(clipped(part.reason, 160))}</small>" if part.reason and part.verdict != "pass" else ""
    drawn = f"<td>{draw_slice(part, axis, name)}</td>" if axis else ""
    return (
        f'<tr class="{css_class(part.verdict)}"><td>{ICONS[part.verdict]} {part.verdict}</td>'
        f"<td><code>{escape(say_slice(part.slice))}</code>{why}</td>{numbers}{drawn}</tr>"
    )


def _weakest(verdict: Verdict) -> list[str]:
    if not verdict.weakest:
        return []
    head = heads(("part", "metric"), ("rows", "here", "overall", "p"))
    rows, left_out = fitting(
        (
            row(
                (say_slice(each.slice), clipped(each.metric, 60)),
                (f"{each.rows:,}", *say_weak(each), probability(each.p_value)),
            )
            for each in verdict.weakest
        ),
        TABLES_BYTES,
    )
    return [
        "<h2>Where the challenger is weakest</h2>",
        '<p class="soft">Found on one half of the rows and measured on the other; reported, never required.</p>',
        f"<section>{table(head, rows)}{left_out_note(left_out)}</section>",
    ]


def _archived(verdict: Verdict) -> list[str]:
    if not verdict.archived:
        return []
    head = heads(("", "release", "sentences"), ())
    rows, left_out = fitting((_earlier(each) for each in verdict.archived), TABLES_BYTES)
    return [
        "<h2>Earlier champions by the same sentences</h2>",
        f"<section>{table(head, rows)}{left_out_note(left_out)}</section>",
    ]


def _earlier(archived: ArchivedVerdict) -> str:
    """An earlier champion, with its estimate for each sentence."""
    told = "".join(
        f"<small>{escape(say_archived_sentence(each))}</small>" for each in archived.sentences[:MOST_EARLIER]
    )
    outcome = f'<span class="word">{ICONS[archived.outcome]} {archived.outcome}</span>'
    return (
        f'<tr class="{css_class(archived.outcome)}"><td>{outcome}</td><td>{escape(clipped(archived.release, 60))}</td>'
        f"<td>{escape(say_archived(archived))}{told}</td></tr>"
    )


def _footer(verdict: Verdict, ids: Mapping[str, str]) -> str:
    named = [*ids.items(), *digests(verdict)]
    said = named_ids((clipped(name, 60), clipped(value, 100)) for name, value in named[:16])
    return f"<footer><p>{said}</p></footer>"


def _word(judged: SentenceVerdict | SliceVerdict) -> str:
    return f'<span class="word {css_class(judged.verdict)}">{ICONS[judged.verdict]} {judged.verdict}</span>'
