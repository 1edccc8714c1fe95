"""The body of a request -> rows that fit what the live release reads, or a refusal that names all that does not. Pure.

The body is JSON in UTF-8, in one of three forms: ``{"rows": [ROW, ...]}``, ``[ROW, ...]``, or one ROW. A row is an object with
one value for each column of the release's schema; the column that names rows (``model: id:``) may be there too, and its value is
then the prediction's id. An object whose ``rows`` is a list is always the first form.
"""

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from assay.core.problem import Problem
from assay.core.table import Schema, Table
from assay.serve.columns import INT64, and_more, example_row, read_columns, schema_as_sent, show_value

LONGEST_ID = 200


class RowLimits(msgspec.Struct, frozen=True):
    """How much one request may ask."""

    rows: int = 10_000
    mistakes: int = 10
    """So many are told; the others are counted."""


class Rows(msgspec.Struct, frozen=True):
    """Rows that fit, in the order of the request."""

    table: Table
    features: tuple[dict[str, Any], ...]
    """Each row as it was sent, without its id."""
    ids: tuple[str | int | None, ...]
    """The ids that were sent; None where a row has none."""


class Refusal(msgspec.Struct, frozen=True):
    """Why a request is not answered, and the HTTP status that says so."""

    status: int
    problem: Problem


class _NotJson(Exception):
    def __init__(self, status: int, code: str, what: str, because: str, fix: str) -> None:
        super().__init__(what)
        self.refusal = Refusal(status, Problem(code, what, (because,) if because else (), fix))


def parse_rows(
    body: bytes,
    schema: Schema,
    id_column: str | None = None,
    limits: RowLimits | None = None,
    ignored: Sequence[str] = (),
) -> Rows | Refusal:
    """The rows of a request, with columns as ``schema`` has them; as they were sent where it has none. Columns that are ``ignored`` may be there
    too, and the model does not get them. 400: not JSON; 413: too many rows; 422: JSON of another
    shape, columns or types."""
    limits = limits or RowLimits()
    try:
        document = _decode(body)
    except _NotJson as refused:
        return refused.refusal
    rows, outer_keys = _rows_of(document)
    if isinstance(rows, list) and len(rows) > limits.rows:
        what = f"the request has {len(rows)} rows"
        problem = Problem("too-many-rows", what, (f"at most {limits.rows} are answered at once",), "send them in parts")
        return Refusal(413, problem)
    misshapen = _misshapen(rows, outer_keys)
    if misshapen or _count_keys(rows, outer_keys) != body.count(b":"):
        misshapen += _repeated_keys(body)
    if misshapen:
        return _unfit(misshapen, schema, limits)
    ids, id_mistakes = _read_ids(rows, id_column)
    other = [*ignored, *([] if id_column is None else [id_column])]
    schema = schema or schema_as_sent(rows, other)
    table, mistakes = read_columns(rows, schema, other)
    mistakes += [] if schema else ["the rows have no columns"]
    if mistakes or id_mistakes:
        return _unfit(mistakes + id_mistakes, schema, limits)
    return Rows(table, tuple(_feature(row, id_column) for row in rows), ids)


def _decode(body: bytes) -> Any:
    form = 'send {"rows": [{...}]} as UTF-8'
    if not body.strip():
        raise _NotJson(400, "not-json", "the request has no body", "", form)
    try:
        body.decode()
        return msgspec.json.decode(body)
    except UnicodeDecodeError as error:
        raise _NotJson(400, "not-utf8", "the body is not UTF-8", f"byte {error.start}: {error.reason}", form) from error
    except RecursionError as error:
        raise _NotJson(400, "too-deep", "the body is nested too deeply", "rows are flat objects", form) from error
    except msgspec.ValidationError as error:
        what = "the body holds a number that no computer number can hold"
        raise _NotJson(400, "number-out-of-range", what, str(error), "send numbers of at most 64 bits") from error
    except msgspec.DecodeError as error:
        is_not_a_number = any(word in body for word in (b"NaN", b"Infinity"))
        fix = "NaN and Infinity are not JSON: send null where a value is missing" if is_not_a_number else form
        raise _NotJson(400, "not-json", "the body is not JSON", str(error), fix) from error


def _rows_of(document: Any) -> tuple[Any, tuple[str, ...]]:
    """What should be a list of rows, and the keys of the object around it."""
    if isinstance(document, dict) and isinstance(document.get("rows"), list):
        return document["rows"], tuple(document)
    return ([document] if isinstance(document, dict) else document), ()


def _misshapen(rows: Any, outer_keys: Sequence[str]) -> list[str]:
    if not isinstance(rows, list):
        return [f"the body is {show_value(rows)}; expected a list of rows"]
    mistakes = [
        f"{key[:LONGEST_ID]}: stands beside rows, where nothing else may stand" for key in outer_keys if key != "rows"
    ]
    if not rows:
        mistakes.append("there are no rows")
    wrong = [number for number, row in enumerate(rows, 1) if not isinstance(row, dict)]
    if wrong:
        seen = show_value(rows[wrong[0] - 1])
        mistakes.append(f"row {wrong[0]} is {seen}{and_more(len(wrong) - 1)}; expected an object")
    return mistakes


def _count_keys(rows: Sequence[dict[str, Any]], outer_keys: Sequence[str]) -> int:
    """How many colons the body has if no key was repeated and no text holds one: a cheap way to see that most have none."""
    return len(outer_keys) + sum(map(len, rows))


def _repeated_keys(body: bytes) -> list[str]:
    """Every key that stands twice in one object. The quick decoder keeps the last one in silence."""
    repeated: dict[str, None] = {}

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen = set()
        for key, _ in pairs:
            if key in seen:
                repeated[key] = None
            seen.add(key)

    try:
        json.loads(body, object_pairs_hook=look, parse_int=str, parse_float=str)  # only the keys matter
    except RecursionError:
        return ["the body is nested too deeply; rows are flat objects"]
    return [f"{key[:LONGEST_ID]}: stands twice in one object" for key in repeated]


def _read_ids(rows: Sequence[dict[str, Any]], column: str | None) -> tuple[tuple[str | int | None, ...], list[str]]:
    if column is None:
        return (None,) * len(rows), []
    ids = tuple(row.get(column) for row in rows)
    first_rows: dict[str | int, int] = {}
    mistakes = []
    for number, value in enumerate(ids, 1):
        if value is None:
            continue
        if not _is_id(value):
            mistakes.append(f"{column}: row {number} holds {show_value(value)}; an id is text or a whole number")
        elif first_rows.setdefault(value, number) != number:
            mistakes.append(f"{column}: rows {first_rows[value]} and {number} have the same id, {show_value(value)}")
    return ids, mistakes


def _is_id(value: Any) -> bool:
    if type(value) is str:
        return 0 < len(value) <= LONGEST_ID
    return type(value) is int and value in INT64


def _feature(row: dict[str, Any], id_column: str | None) -> dict[str, Any]:
    """A row as it is kept. Whole numbers beyond 64 bits, which only a float column takes, are kept as the model saw them."""
    return {
        name: float(value) if type(value) is int and value not in INT64 else value
        for name, value in row.items()
        if name != id_column
    }


def _unfit(mistakes: Sequence[str], schema: Schema, limits: RowLimits) -> Refusal:
    told = tuple(mistakes[: limits.mistakes])
    if len(mistakes) > len(told):
        told += (f"and {len(mistakes) - len(told)} more",)
    what = "the rows do not fit what the live release reads"
    return Refusal(422, Problem("rows-do-not-fit", what, told, f"send rows like {example_row(schema)}"))
