"""A column that drifted as a page pictures it: how its values were spread in the reference, and beside that how they are now."""

from collections.abc import Iterator
from html import escape

from assay.core.drift import ColumnDrift, Spread, ValueShift
from assay.explain.amounts import SHARE, number
from assay.explain.findings.cells import shown
from assay.explain.findings.picture import draw_bar, draw_over

_LONGEST_VALUE = 40


def then_and_now(drift: ColumnDrift) -> str:
    """The distribution of a number, or the values of a category that moved most; NULL, where its share is what moved."""
    distribution = "" if drift.spread is None else _distribution(drift.column, drift.spread)
    return distribution + _shares([*drift.shifts, *_nulls(drift)], has_null=bool(list(_nulls(drift))))


def _nulls(drift: ColumnDrift) -> Iterator[ValueShift]:
    if drift.nulls is not None and drift.nulls.is_over and drift.null_shares is not None:
        yield ValueShift(None, *drift.null_shares)


def _distribution(name: str, spread: Spread) -> str:
    first, last = number(spread.edges[0]), number(spread.edges[-1])
    ends = (first if spread.is_whole else f"up to {first}", f"over {last}")
    drawn = draw_over(name, spread.before, spread.now, ends)
    told = "".join(f"<span>{escape(end)}</span>" for end in ends)
    return (
        f'<div class="moved">{drawn}<div class="ends">{told}</div><p class="soft">filled: then; outlined: now</p></div>'
    )


def _shares(shifts: list[ValueShift], *, has_null: bool) -> str:
    if not shifts:
        return ""
    longest = max(max(each.before, each.now) for each in shifts) or 1.0
    names = ["other values" if each.value is None else shown(each.value, _LONGEST_VALUE) for each in shifts]
    if has_null:
        names[-1] = "NULL"
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td>{_share(each.before, longest, 'bars')}{_share(each.now, longest, 'failing')}</tr>"
        for name, each in zip(names, shifts, strict=True)
    )
    head = '<tr><th></th><th colspan="2">then</th><th colspan="2">now</th></tr>'
    return f'<div class="counts"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def _share(part: float, longest: float, kind: str) -> str:
    return f'<td>{draw_bar(part / longest, kind)}</td><td class="n">{SHARE.say(part)}</td>'
