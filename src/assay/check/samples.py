"""The first failing rows: where they stand is asked for each cause, and what stands there for several at once."""

from collections.abc import Sequence
from typing import Any

from assay.check.kept import Queries
from assay.check.measured import Measured
from assay.check.questions import FEW, Probe, Wanted
from assay.core.finding import Finding
from assay.core.parts import parts
from assay.core.ports import Opened
from assay.core.problem import EvidenceError
from assay.core.rules import Rules

Row = tuple[Any, ...]

_NEAR = 3


def wanted_of(finding: Finding, rules: Rules, measured: Measured, rows: int) -> Wanted:
    """How the first rows of a finding are looked for."""
    there = (key for key in rules.unique if all(name in measured.names for name in key))
    key = next(there, None)
    failing = finding.failing_rows
    return Wanted(rows, failing >= _NEAR * rows, failing <= FEW, key is not None and measured.is_unique(key))


def first_rows(opened: Opened, queries: Queries, probes: Sequence[Probe]) -> list[list[Row] | None]:
    """The rows of each probe, whole; None where they do not fit into memory. A row that is gone by now is left out."""
    answers = [rows_or_none(opened, probe.first) for probe in probes]
    if queries.rows_at is None:
        return answers
    found = [rows or [] for rows in answers]
    places = sorted({place for rows in found for place in rows})
    width, whole = len(queries.rows_at.places), dict[Row, Row]()
    for some in parts(places, FEW):
        answered = opened.rows(queries.rows_at.query(some))
        whole |= {row[:width]: row[width:] for row in answered}
    told = [[whole[place] for place in rows if place in whole] for rows in found]
    return [None if rows is None else each for rows, each in zip(answers, told, strict=True)]


def rows_or_none(opened: Opened, query: str) -> list[Row] | None:
    """What is asked beside a finding, which stands without it: None where it does not fit into memory."""
    try:
        return opened.rows(query)
    except EvidenceError as error:
        if error.problem.code != "out-of-memory":
            raise
        return None
