"""A column's rule as the line that spells it: what ``parse_column`` reads back as the same rule."""

import re

from assay.core.rules.nouns import Bounds, ColumnRule, ColumnType, MembersOf, QuantileBounds, Scalar

_PLAIN_MEMBER = re.compile(r"[^\s,\[\]'\"#:{}&*!|>%@`~?-][^,\[\]'\"#:{}]*(?<!\s)")
_PLAIN_MEMBERS_OF = re.compile(r"[^\s,'\"]+")


def line_of(rule: ColumnRule) -> str:
    """The whole line, however long; what ``rule.text`` says does not matter."""
    words = [f"{rule.type}{'?' if rule.nullable else ''}"]
    if rule.bounds is not None:
        words.append(str(rule.bounds))
    if rule.one_of is not None:
        words.append(members_clause(rule))
    if rule.members is not None:
        words.append(f"in {_members_of(rule.members)}")
    if rule.length is not None:
        words.append(f"len {exactly(rule.length)}")
    if rule.pattern is not None:
        words.append(f"~ {quoted(rule.pattern)}")
    return " ".join(words) + "".join(f", {clause}" for clause in _limits(rule))


def members_clause(rule: ColumnRule) -> str:
    """``in [EWR, JFK]``, of a rule that has a set."""
    return f"in [{', '.join(_member(each, rule.type) for each in rule.one_of or ())}]"


def nulls_clause(share: float) -> str:
    """``nulls <= 5%``"""
    return f"nulls <= {share * 100:.6g}%"


def in_one_clause(bounds: Bounds) -> str:
    """Two comparisons without the comma, which would end the clause."""
    return str(bounds).replace(", ", " ")


def exactly(bounds: Bounds) -> str:
    """A range as it is written; one that admits a single value as that value."""
    is_exact = bounds.low == bounds.high and bounds.low is not None and not (bounds.low_open or bounds.high_open)
    return str(bounds.low) if is_exact else str(bounds)


def quoted(text: str) -> str:
    """Between quotes of a kind that does not stand in it; where both do, single ones are doubled."""
    if "'" in text and '"' not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def quantile_word(share: float) -> str:
    """``p95`` for .95."""
    return f"p{share * 100:.8g}"


def _limits(rule: ColumnRule) -> list[str]:
    clauses = ["unique"] if rule.is_unique else []
    if rule.mean is not None:
        clauses.append(f"mean {in_one_clause(rule.mean)}")
    if rule.stddev is not None:
        clauses.append(f"stddev {in_one_clause(rule.stddev)}")
    clauses += [_quantile(each) for each in rule.quantiles]
    if rule.max_null_share is not None:
        clauses.append(nulls_clause(rule.max_null_share))
    if rule.allow.rows:
        clauses.append(f"allow {rule.allow.rows} {'row' if rule.allow.rows == 1 else 'rows'}")
    if rule.allow.share is not None:
        clauses.append(f"allow {rule.allow.share * 100:.6g}%")
    return clauses if rule.severity == "error" else [*clauses, "warn"]


def _quantile(quantile: QuantileBounds) -> str:
    return f"{quantile_word(quantile.share)} {in_one_clause(quantile.bounds)}"


def _member(member: Scalar, type_: ColumnType) -> str:
    if isinstance(member, bool):
        return str(member).lower()
    if type_ != "str":
        return str(member)
    text = str(member)
    return text if _PLAIN_MEMBER.fullmatch(text) else quoted(text)


def _members_of(members: MembersOf) -> str:
    text = str(members)
    return text if _PLAIN_MEMBERS_OF.fullmatch(text) else quoted(text)
