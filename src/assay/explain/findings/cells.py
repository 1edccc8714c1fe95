"""Cells of failing rows as people read them, and which columns of a row are worth a place."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import msgspec

from assay.core.finding import CheckReport, Finding
from assay.explain.texts import clipped

LONGEST_VALUE = 60
_KEY = "unique: ["
_FEW = 3
_SPELLED = re.compile(r"-?\d+(\.\d+)?")


def shown(value: Any, most: int = LONGEST_VALUE) -> str:
    """A value on one line. Text that could be taken for something else is quoted: an empty one, one with blanks at its ends, ``NULL``."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case str() if not value or value != value.strip() or value == "NULL":
            return clipped(msgspec.json.encode(value[: most + 1]).decode(), most)
        case _:
            return clipped(str(value), most)


def key_of(report: CheckReport) -> tuple[str, ...]:
    """The columns that name a row: those of the first ``unique`` among the rules; none where no rule says so."""
    for finding in report.findings:
        if finding.rule.startswith(_KEY):
            return tuple(finding.rule.removeprefix(_KEY).removesuffix("]").split(", "))
    unique = re.compile(r"\bunique\b")
    return next(((each.column,) for each in report.findings if each.column and unique.search(each.rule)), ())


def subjects(finding: Finding, names: Sequence[str]) -> tuple[str, ...]:
    """The columns that the rule speaks of, as far as the rows have them."""
    if finding.column is not None:
        return (finding.column,) if finding.column in names else ()
    _, _, condition = finding.rule.partition(": ")
    places = {name: place for name in names if (place := _place_of(name, condition)) >= 0}
    return tuple(sorted(places, key=lambda name: places[name]))


def telling_columns(finding: Finding, key: Sequence[str], most: int) -> tuple[str, ...]:
    """The columns of the finding's rows that are worth a place where there is not room for all, in the order of their worth: those that
    the rule speaks of, those of the key, those by which failures are counted; others only where these are few."""
    names = dict.fromkeys(columns_of(finding))
    wanted = (*subjects(finding, tuple(names)), *key, *(each.column for each in finding.slices))
    first = tuple(dict.fromkeys(name for name in wanted if name in names))
    others = (name for name in names if name not in first)
    return (*first[:most], *islice(others, max(0, min(_FEW, most) - len(first))))


def in_order(chosen: Iterable[str], finding: Finding, key: Sequence[str]) -> tuple[str, ...]:
    """Columns in the order in which a row reads: its key, then what the rule speaks of, then the others."""
    chosen = tuple(chosen)
    first = (*key, *subjects(finding, chosen))
    return tuple(dict.fromkeys((*(name for name in first if name in chosen), *chosen)))


def columns_of(finding: Finding) -> tuple[str, ...]:
    """All columns of the finding's rows."""
    return tuple(dict.fromkeys(name for row in finding.sample for name in row))


def is_number(value: Any) -> bool:
    """It is a number, or a text that spells one, as all cells of a CSV file are texts. It stands to the right."""
    return (isinstance(value, int | float) and not isinstance(value, bool)) or (
        isinstance(value, str) and _SPELLED.fullmatch(value) is not None
    )


def are_numbers(finding: Finding, name: str) -> bool:
    """All values of a column that the rows have are numbers, and there are some."""
    values = [row[name] for row in finding.sample if row.get(name) is not None]
    return bool(values) and all(map(is_number, values))


def _place_of(name: str, condition: str) -> int:
    """Where the column's name stands as a word of its own; -1 where it does not."""
    if not name or name.lower() not in condition.lower():
        return -1
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", condition, re.IGNORECASE)
    return found.start() if found else -1
