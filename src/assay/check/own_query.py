# ruff: noqa: S608 -- the text is one query that was read before, and reads nothing but its dataset
"""A query of the user's own that returns failing rows: the way out where no rule says it. In it ``data`` is the dataset."""

from assay.core.dataset import Dialect
from assay.core.problem import EvidenceError, Place, Problem
from assay.core.rules import QueryRule


def own_query(rule: QueryRule, text: str, dialect: Dialect) -> str:
    """The query of ``text``, the content of ``rule.path``, as it can stand in another one. ``EvidenceError`` with its place where it
    is none, or would read anything but its dataset. Imports sqlglot."""
    from assay.core.rules.query_sql import QueryMistake, read_query

    try:
        return read_query(text.removeprefix("\ufeff"), dialect)
    except QueryMistake as mistake:
        place = Place(rule.path, mistake.line, mistake.column)
        what = f"the query of the rule {rule.name} cannot be asked: {mistake.what}"
        raise EvidenceError(Problem("bad-query", what, (mistake.because,), mistake.fix, place)) from mistake


def counting(query: str, data: str) -> str:
    """How many rows the query returns. ``data`` selects the dataset under the names that people know."""
    return f"WITH data AS ({data}) SELECT count(*) FROM (\n{query}\n) AS failing"


def sampling(query: str, data: str, limit: int) -> str:
    """Some of the rows that it returns, the first of them where the engine keeps their order."""
    return f"WITH data AS ({data}) SELECT * FROM (\n{query}\n) AS failing LIMIT {limit}"
