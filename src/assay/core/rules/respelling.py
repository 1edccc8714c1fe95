"""A column's line written anew where its rule has changed, and left as the person wrote it everywhere else."""

import msgspec

from assay.core.rules.column import Clause, column_clauses, parse_column
from assay.core.rules.nouns import Bounds, ColumnRule, QuantileBounds, RuleMistake
from assay.core.rules.writing import in_one_clause, line_of, members_clause, nulls_clause, quantile_word

_BEHIND_NULLS = ("allow", "severity")


def respelt(rule: ColumnRule) -> str | None:
    """The line of a rule that has changed since ``rule.text`` was written: clauses that say the same stay, others are spelt anew in their
    way, ``p95 <= 36`` as ``p95 <= 40``. Where there is no text, or it cannot be kept, the line is ``line_of`` the rule; None where no line
    says it, as of numbers beyond 64 bits."""
    was = _read(rule.column, rule.text)
    lines = [*([_edited(rule.text, was, rule)] if was else []), line_of(rule)]
    return next((line for line in lines if _is_spelt(rule, line)), None)


def _read(column: str, line: str) -> ColumnRule | None:
    try:
        return parse_column(column, line)
    except RuleMistake:
        return None


def _is_spelt(rule: ColumnRule, line: str) -> bool:
    found = _read(rule.column, line)
    return found is not None and msgspec.structs.replace(found, text=rule.text) == rule


def _edited(text: str, was: ColumnRule, now: ColumnRule) -> str:
    type_end, clauses = column_clauses(text)
    kept: dict[str, str] = {}
    for clause in clauses:
        kept.setdefault(_key(clause), _clause(text, clause, was, now))
    parts = [text[:type_end] + ("?" if now.nullable and not was.nullable else "")]
    end = type_end
    for clause in clauses:
        new = kept.pop(_key(clause), "") if _changed(clause, was, now) else text[clause.start : clause.end]
        if new:
            if clause.field in _BEHIND_NULLS and (nulls := _new_nulls(parts, was, now)):
                parts.append(nulls)
            parts.append(text[end : clause.start] + new)
        end = clause.end
    return "".join([*parts, _new_nulls(parts, was, now)])


def _key(clause: Clause) -> str:
    return f"{clause.field} {clause.share}"


def _changed(clause: Clause, was: ColumnRule, now: ColumnRule) -> bool:
    return _said(clause, was) != _said(clause, now)


def _said(clause: Clause, rule: ColumnRule) -> object:
    if clause.field != "quantiles":
        return getattr(rule, clause.field)
    return next((each for each in rule.quantiles if each.share == clause.share), None)


def _clause(text: str, clause: Clause, was: ColumnRule, now: ColumnRule) -> str:
    """The clause as it says what the rule says now."""
    written = text[clause.start : clause.end]
    said = _said(clause, now)
    match said:
        case _ if said == _said(clause, was):
            return written
        case Bounds() if clause.field == "bounds":
            return _ends(said, written)
        case Bounds() if clause.field in ("mean", "stddev"):
            return f"{clause.field} {_ends(said, written)}"
        case QuantileBounds():
            word = written.split()[0] if written.startswith("median") else quantile_word(said.share)
            return f"{word} {_ends(said.bounds, written)}"
        case tuple() if clause.field == "one_of":
            return members_clause(now)
        case float() if clause.field == "max_null_share":
            return nulls_clause(said)
        case _:
            return written


def _ends(bounds: Bounds, written: str) -> str:
    """A range, as comparisons where such were written."""
    if not set("<>") & set(written):
        return in_one_clause(bounds)
    low = None if bounds.low is None else f"{'>' if bounds.low_open else '>='} {bounds.low}"
    high = None if bounds.high is None else f"{'<' if bounds.high_open else '<='} {bounds.high}"
    return " ".join(side for side in (low, high) if side)


def _new_nulls(parts: list[str], was: ColumnRule, now: ColumnRule) -> str:
    """A limit of NULLs where none was written, unless it is among the parts."""
    if now.max_null_share is None or was.max_null_share is not None:
        return ""
    new = f", {nulls_clause(now.max_null_share)}"
    return "" if new in parts else new
