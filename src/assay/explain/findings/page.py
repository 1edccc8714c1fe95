"""Findings as one HTML page that stands alone: no script, no network, no font or picture from elsewhere.

Everything that others wrote (rules, columns, values, paths) is escaped. The page stays below 300 kB whatever the data: each part has a
budget, what does not fit is told more briefly, then counted, and stands in the JSON.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from types import MappingProxyType

from assay.core.counted import counted, percent
from assay.core.digest import short
from assay.core.drift import drift_line
from assay.core.finding import CheckReport, Finding, SliceCount
from assay.core.problem import Problem
from assay.core.profile import Profile
from assay.explain.findings.cells import are_numbers, columns_of, in_order, key_of, shown, subjects, telling_columns
from assay.explain.findings.columns import column_cards
from assay.explain.findings.facts import (
    PROPOSAL,
    VALUES,
    WHERE,
    WOULD_READ,
    finding_facts,
    places_by_column,
    say_accepted,
    say_detail,
    say_proposal,
    say_rule,
)
from assay.explain.findings.picture import draw_bar
from assay.explain.findings.style import FINDINGS
from assay.explain.findings.then_and_now import then_and_now
from assay.explain.findings.told import (
    ICONS,
    Outcome,
    ToldRule,
    failing,
    of_outcome,
    outcome_of,
    told_rules,
    worst_first,
)
from assay.explain.findings.words import dataset_line, headline
from assay.explain.markup import END, fact_list, heads, named_ids, note, opening, rich, table
from assay.explain.style import STYLE
from assay.explain.texts import clipped, fitting

PAGE_BYTES = 290_000
GLANCE_SHARE, HOLDING_SHARE, CARDS_SHARE = 0.12, 0.06, 0.55
"""Shares of a dataset's room; the columns get what is left."""
DATASET_BYTES, _MOST_SHARES = 16_000, 4
"""With less room a dataset is not begun; of several, the first may take a quarter."""
FEW = 3
"""So many failing rules need no table of their own."""
SAMPLE_BYTES, COUNTS_BYTES, FRAME_BYTES, LEAST_BYTES = 9_000, 9_000, 200, 1_500
"""Of a finding: its rows, its values and places, what stands around them; with less than the last nothing of it is tried."""
_CLASSES: dict[Outcome, str] = {"broken": "fail", "warns": "open", "holds": "pass"}
_LONGEST_CELL = 80
_MOST_TELLING, _MOST_COLUMNS, _ON_PAPER = 12, 40, 9
_TABULATED = frozenset({WHERE, VALUES, PROPOSAL, WOULD_READ})


def findings_page(
    reports: Sequence[CheckReport],
    title: str = "Data checks",
    when: str = "",
    ids: Mapping[str, str] | None = None,
    profiles: Mapping[str, Profile | Problem] | None = None,
) -> str:
    """The page: first the answer, then the broken rules, the warnings, what holds, and how the columns are distributed.

    ``profiles`` are those of the datasets, by their paths, or what was in the way of one. ``when`` is told as it is given; ``ids`` names what else belongs to it, as
    ``{"run": "18"}``.
    """
    name = clipped(title, 200)
    told = worst_first(reports)
    before = [
        opening(f"{name}: {headline(reports)}", STYLE + FINDINGS),
        _answer(reports),
        note(" · ".join([name, *([clipped(when, 100)] if when else [])])),
    ]
    after = [_footer(told, ids or {}), END]
    room = PAGE_BYTES - sum(len(part.encode()) + 1 for part in (*before, *after)) - LEAST_BYTES
    parts: list[str] = []
    for at, report in enumerate(told):
        if room < DATASET_BYTES:
            parts.append(note(f"{counted(len(told) - at, 'more dataset')} left out here: they are in the JSON."))
            break
        profile = (profiles or {}).get(report.dataset.path)
        mine = room // min(len(told) - at, _MOST_SHARES)
        part = "\n".join(_dataset(report, profile, f"d{at}", mine, is_alone=len(told) == 1))
        room -= len(part.encode()) + 1
        parts.append(part)
    return "\n".join(part for part in (*before, *parts, *after) if part)


def _answer(reports: Sequence[CheckReport]) -> str:
    outcome = outcome_of(reports)
    return f'<h1 class="{_CLASSES[outcome]}"><span class="word">{ICONS[outcome]}</span> {rich(headline(reports, quote="`"))}</h1>'


def _dataset(
    report: CheckReport, profile: Profile | Problem | None, name: str, room: int, *, is_alone: bool
) -> Iterator[str]:
    """One dataset in so many bytes."""
    rules = told_rules(report)
    head = _about(report, is_alone=is_alone)
    yield head
    room -= len(head.encode()) + 400
    bad = failing(rules)
    cards, anchored = _cards(bad, report, name, int(room * CARDS_SHARE))
    glance = _glance(bad, name, anchored, int(room * GLANCE_SHARE)) if len(bad) > FEW else ""
    holding = _holding(of_outcome(rules, "holds"), int(room * HOLDING_SHARE), is_open=not bad)
    room -= sum(len(part.encode()) for part in (cards, glance, holding))
    yield from (glance, cards, holding)
    if isinstance(profile, Problem):
        why = "; ".join((profile.what, *profile.because))
        yield f"<h2>The columns</h2>{note(f'They are not shown: {clipped(why, 600)}')}"
    elif profile is not None and profile.columns:
        size = f"{counted(len(profile.columns), 'column')}, {counted(profile.rows, 'row')}"
        yield f'<h2>The columns <span class="soft">{size}</span></h2>'
        yield column_cards(profile, _fared(rules), room)


def _about(report: CheckReport, *, is_alone: bool) -> str:
    path = f"<code>{escape(clipped(report.dataset.path, 300))}</code>"
    if is_alone:
        return f'<p class="soft">{path}</p>'
    outcome = outcome_of([report])
    word = f'<span class="word {_CLASSES[outcome]}">{ICONS[outcome]}</span>'
    return f"<h2>{word} {path}</h2><p>{escape(dataset_line(report))}</p>"


def _glance(rules: Sequence[ToldRule], name: str, anchored: int, size_bytes: int) -> str:
    """All failing rules in a table, each a way to its card."""
    rows, left_out = fitting(
        (_glance_row(rule, f"{name}r{at}" if at < anchored else "") for at, rule in enumerate(rules)), size_bytes - 500
    )
    head = heads(("", "rule"), ("rows", "share"))
    more = note(f"and {counted(left_out, 'more rule')}.") if left_out else ""
    return f"<section>{table(head, rows, 'glance')}{more}</section>"


def _glance_row(rule: ToldRule, anchor: str) -> str:
    text = f"<code>{escape(clipped(rule.rule, 120))}</code>"
    linked = f'<a href="#{anchor}">{text}</a>' if anchor else text
    rows = max((finding.rows for finding in rule.findings), default=0)
    number, part = (
        (f"{rule.failing_rows:,}", escape(percent(rule.failing_rows, rows))) if rule.failing_rows else ("", "")
    )
    return (
        f'<tr class="{_CLASSES[rule.outcome]}"><td>{_word(rule.outcome)}</td><td>{linked}</td>'
        f'<td class="n">{number}</td><td class="n">{part}</td></tr>'
    )


def _cards(rules: Sequence[ToldRule], report: CheckReport, name: str, size_bytes: int) -> tuple[str, int]:
    """A card a failing rule, and how many there are. As many as can be are told before any is told whole, with
    places, values and rows; but the worst always are."""
    key, moved = key_of(report), _moved(report)
    briefs, left_out = fitting((_card(rule, f"{name}r{at}") for at, rule in enumerate(rules)), int(size_bytes * 0.7))
    size_bytes -= sum(len(brief.encode()) for brief in briefs)
    cards = []
    for at, (rule, brief) in enumerate(zip(rules, briefs, strict=False)):
        card = _card(rule, f"{name}r{at}", key, size_bytes, moved) if size_bytes > LEAST_BYTES else brief
        size_bytes -= len(card.encode()) - len(brief.encode())
        cards.append(card)
    if left_out:
        cards.append(note(f"{counted(left_out, 'more rule')} left out here: they are in the JSON."))
    return "".join(cards), len(briefs)


def _moved(report: CheckReport) -> dict[str, str]:
    """By their rules, pictures of the columns that drifted."""
    drifted = () if report.drift is None else report.drift.drifted
    return {drift_line(each.column): then_and_now(each) for each in drifted}


def _card(
    rule: ToldRule,
    anchor: str,
    key: Sequence[str] = (),
    size_bytes: int = 0,
    moved: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A rule and what was seen, with as much of what is known besides as so many bytes hold."""
    failed = [finding for finding in rule.findings if not finding.passed]
    picture = moved.get(rule.rule, "")
    if len(picture.encode()) > size_bytes:
        picture = ""
    size_bytes -= len(picture.encode())
    inside = "".join(_seen(finding) + _known(finding, key, size_bytes // len(failed)) for finding in failed) + picture
    return (
        f'<section class="{_CLASSES[rule.outcome]} long" id="{anchor}"><h3 class="head">{_word(rule.outcome)}'
        f"<code>{escape(say_rule(rule.rule))}</code></h3>{inside}</section>"
    )


def _seen(finding: Finding) -> str:
    return f'<p class="seen">{rich(say_detail(finding))}</p>'


def _known(finding: Finding, key: Sequence[str], size_bytes: int) -> str:
    """Since when, which values, where, the first rows, and what could be accepted."""
    facts = fact_list(fact for fact in finding_facts(finding) if fact[0] not in _TABULATED)
    offer = _offer(finding)
    size_bytes -= len(f"{facts}{offer}".encode()) + FRAME_BYTES
    if size_bytes < 0:
        return ""
    tables = (_values(finding), *(_places(*each) for each in places_by_column(finding)))
    shown_tables, _ = fitting((each for each in tables if each), min(size_bytes // 2, COUNTS_BYTES))
    counts = f'<div class="counts">{"".join(shown_tables)}</div>' if shown_tables else ""
    return f"{facts}{counts}{_sample(finding, key, min(size_bytes - len(counts.encode()), SAMPLE_BYTES))}{offer}"


def _values(finding: Finding) -> str:
    """The failing values, the most frequent first."""
    if not finding.values:
        return ""
    most = max(each.rows for each in finding.values) or 1
    rows = [(shown(each.value), counted(each.rows, "row"), each.rows / most) for each in finding.values[:10]]
    rest = finding.failing_rows - sum(each.rows for each in finding.values[:10])
    return _counts("failing values", [*rows, *([("other values", counted(rest, "row"), 0.0)] if rest > 0 else [])])


def _places(column: str, parts: Sequence[SliceCount]) -> str:
    """Where rows fail. The bar is the share of the place's own rows: a place of which all fail stands out however small it is."""
    shares = [each.rows / each.of_rows if each.of_rows else 0.0 for each in parts]
    most = max(shares, default=0.0) or 1.0
    rows = [
        (shown(each.value), f"{each.rows:,} of {each.of_rows:,} ({percent(each.rows, each.of_rows)})", part / most)
        for each, part in zip(parts[:10], shares, strict=False)
    ]
    return _counts(f"by {column}", rows)


def _counts(caption: str, rows: Sequence[tuple[str, str, float]]) -> str:
    body = "".join(
        f'<tr><td><code>{escape(value)}</code></td><td>{draw_bar(part, "failing")}</td><td class="n">{escape(told)}</td></tr>'
        for value, told, part in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{body}</tbody></table>"


def _sample(finding: Finding, key: Sequence[str], size_bytes: int) -> str:
    """The first rows: all columns where they fit, those first by which a row is found and of which the rule speaks."""
    if not finding.sample:
        return ""
    first = in_order(telling_columns(finding, key, _MOST_TELLING), finding, key)
    everything = columns_of(finding)
    names = tuple(dict.fromkeys((*first, *everything[:_MOST_COLUMNS])))[:_MOST_COLUMNS]
    for columns, rows in ((_MOST_COLUMNS, 10), (24, 10), (8, 10), (4, 5), (1, 3)):
        made = _sample_table(finding, names[:columns], rows)
        if len(made.encode()) <= size_bytes:
            break
    else:
        return ""
    left_out = len(everything) - len(names[:columns])
    told = counted(min(rows, len(finding.sample)), "failing row")
    first_of = f"the first {told}" if max(finding.failing_rows, len(finding.sample)) > rows else told
    more = f", without {counted(left_out, 'column')}" if left_out else ""
    return f'<p class="soft">{first_of}{more}</p>{made}'


def _sample_table(finding: Finding, names: Sequence[str], rows: int) -> str:
    spoken = set(subjects(finding, names))
    kinds = [_kinds(finding, name, spoken) for name in names]
    head = "".join(
        f"<th{_classed(kind)}>{escape(shown(name, _LONGEST_CELL))}</th>"
        for name, kind in zip(names, kinds, strict=True)
    )
    return table(
        head,
        [_sample_row(row, names, kinds) for row in finding.sample[:rows]],
        "plain many" if len(names) > _ON_PAPER else "plain",
    )


def _sample_row(row: Mapping[str, object], names: Sequence[str], kinds: Sequence[Sequence[str]]) -> str:
    cells = (
        f"<td{_classed(kind if row.get(name) is not None else [*kind, 'null'])}>{escape(shown(row.get(name), _LONGEST_CELL))}</td>"
        for name, kind in zip(names, kinds, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _kinds(finding: Finding, name: str, spoken: set[str]) -> list[str]:
    """The classes of a column: of numbers, of what the rule speaks of."""
    return [kind for kind, holds in (("n", are_numbers(finding, name)), ("of", name in spoken)) if holds]


def _classed(kinds: Sequence[str]) -> str:
    return f' class="{" ".join(kinds)}"' if kinds else ""


def _offer(finding: Finding) -> str:
    """What could be accepted, and how."""
    if finding.proposal is None:
        return ""
    line = say_accepted(finding)
    would = f"<p>the rule would read <code>{escape(line)}</code></p>" if line else ""
    says = escape(say_proposal(finding))
    return f'<div class="offer"><p>{says} <code>{escape(finding.proposal.command)}</code></p>{would}</div>'


def _holding(rules: Sequence[ToldRule], size_bytes: int, *, is_open: bool) -> str:
    if not rules:
        return ""
    items, left_out = fitting((_held(rule) for rule in rules), size_bytes - 400)
    more = f"<p>and {left_out:,} more.</p>" if left_out else ""
    told = f"{counted(len(rules), 'rule')} {'holds' if len(rules) == 1 else 'hold'}"
    return (
        f'<details{" open" if is_open else ""}><summary><span class="word pass">{ICONS["holds"]}</span> {told}</summary>'
        f"<ul>{''.join(items)}</ul>{more}</details>"
    )


def _held(rule: ToldRule) -> str:
    details = "; ".join(say_detail(finding) for finding in rule.findings if finding.detail)
    beside = f' <span class="soft">{escape(details)}</span>' if details else ""
    return f"<li><code>{escape(say_rule(rule.rule))}</code>{beside}</li>"


def _fared(rules: Sequence[ToldRule]) -> dict[str, Outcome]:
    """How the rules on each column fared: what the worst of them says."""
    fared: dict[str, Outcome] = {}
    for rule in rules:
        for finding in rule.findings:
            if finding.column is not None:
                fared.setdefault(finding.column, rule.outcome)
    return fared


def _word(outcome: Outcome) -> str:
    return f'<span class="word">{ICONS[outcome]} {outcome}</span>'


def _footer(reports: Sequence[CheckReport], ids: Mapping[str, str]) -> str:
    digests = [(report.dataset.name, short(report.dataset.digest)) for report in reports]
    said = named_ids((clipped(name, 60), clipped(value, 100)) for name, value in [*ids.items(), *digests][:16])
    return f"<footer><p>{said}</p></footer>"
