"""What is asked of a dataset as a whole: plainly, or with keys beside it that say on what terms."""

from collections.abc import Iterator
from typing import Any

import msgspec

from assay.core.dataset import parse_dataset, without_password
from assay.core.finding import Severity
from assay.core.near import near_miss
from assay.core.rules import Fresh, RuleMistake, Terms, Tolerance, parse_rows, parse_tolerance
from assay.declare import quantities
from assay.declare.kinds import Key, Kind, either, into, list_of, mapping_of, section
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.reading import Reading, inside
from assay.declare.scalars import choice, parsed, path_mistake, quantity, text_of
from assay.declare.values import ANY_PATH, COLUMN


class OnTerms(msgspec.Struct, frozen=True):
    """What is asked, and on what terms."""

    value: Any
    severity: Severity = "error"
    allow: Tolerance = Tolerance()


def _dataset_name() -> Kind:
    """A path, a glob, or a table of a database."""
    says = "a path such as data/flights.csv, or a table such as warehouse.duckdb#flights"

    def read(node: Node, reading: Reading, where: str) -> str | None:
        found = text_of(node)
        if found is None or ("#" not in found and "://" not in found):
            return ANY_PATH.read(node, reading, where)  # type: ignore[no-any-return]
        try:
            name = parse_dataset(found)
        except ValueError as error:
            shown = without_password(f'`{where}`: "{found}" names no dataset')
            reading.tell(node, "bad-dataset", shown, str(error), fix=f"write {says}")
            return None
        wrong = path_mistake(name.place, inside_project=False) if name.is_local else ""
        if wrong:
            reading.tell(node, "bad-path", f'`{where}`: {wrong}: "{found}"', fix=f"write {says}")
            return None
        return found

    return Kind(says, {"type": "string", "pattern": r"^[^\n]*\S[^\n]*$"}, read)


def _aged(said: str) -> tuple[float, str] | None:
    seconds = quantities.parse_time_limit(said)
    return None if seconds is None else (seconds, said)


def _held(plain: Kind, key: Key, *more: Key) -> Kind:
    """The value alone, or under a key with its terms beside it."""

    def make(values: dict[str, Any]) -> OnTerms | None:
        if key.name not in values:
            return None
        return OnTerms(values[key.name], values.get("severity", "error"), values.get("allow", Tolerance()))

    keys = into(section(key, *more, WARNS, says=f"{{{key.example}, severity: warn}}"), make)
    return either(into(plain, OnTerms), keys, is_second=lambda node: isinstance(node, Mapping))


def _claim() -> Kind:
    """true or false, or what it means where it is not so."""
    says = "true, false or warn"

    def read(node: Node, reading: Reading, where: str) -> OnTerms | None:
        word = text_of(node)
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return OnTerms(node.value)
        if word in ("warn", "error"):
            return OnTerms(True, "warn" if word == "warn" else "error")
        near = near_miss(word, ("true", "false", "warn", "error")) if word else None
        reading.tell_type(node, where, says, f"write {near}" if near else "")
        return None

    return Kind(says, {"enum": [True, False, "warn", "error"]}, read)


def _placed_by_its_range(kind: Kind) -> Kind:
    """The same kind, which stands where its range does: that is what is written anew where a change is accepted."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        value = kind.read(node, reading, where)
        if (place := reading.places.get(inside(where, "range"))) is not None:
            reading.places[where] = place
        return value

    return msgspec.structs.replace(kind, read=read)


DATASET_NAME = _dataset_name()
TOLERANCE = parsed(
    "rows or a share such as 1 row or 5%",
    r"^\s*[0-9][0-9_.]*\s*(?:rows?|%)\s*$",
    parse_tolerance,
    RuleMistake,
    "bad-rows",
)
SEVERITY = choice(("error", "warn"))
ALLOW = Key("allow", "So many rows may break it.", "allow: 1%", TOLERANCE)
WARNS = Key("severity", "`warn`: it is told, and stops nothing.", "severity: warn", SEVERITY)

_ROWS_TEXT = parsed(
    "a number of rows such as 1000.. or 1000..5000",
    r"^\s*(?:[0-9_]+\s*(?:\.\.\s*[0-9_]*)?|\.\.\s*[0-9_]+|[<>].*)\s*$",
    parse_rows,
    RuleMistake,
    "bad-rows",
)
_ROWS = msgspec.structs.replace(_ROWS_TEXT, schema={"anyOf": [{"type": "integer", "minimum": 0}, _ROWS_TEXT.schema]})
ROWS = _placed_by_its_range(
    _held(_ROWS, Key("range", "How many rows there are.", "range: 1000..", _ROWS, required=True))
)
_KEY_COLUMNS = list_of(COLUMN, least=1)
_KEY = _held(
    _KEY_COLUMNS,
    Key("columns", "The columns that together name a row.", "columns: [carrier, flight]", _KEY_COLUMNS, required=True),
    ALLOW,
)
KEYS = either(
    into(_KEY, lambda key: (key,)),
    list_of(_KEY, least=1),
    is_second=lambda node: (
        isinstance(node, Sequence) and any(isinstance(item, Sequence | Mapping) for item in node.items)
    ),
)
_AGE = quantity("an age such as 2 days", quantities.TIME_LIMIT, _aged)
FRESH = into(
    mapping_of(
        COLUMN,
        _held(_AGE, Key("within", "How old its newest value may be.", "within: 2 days", _AGE, required=True)),
        "a column with an age such as time: 2 days",
    ),
    lambda pairs: tuple(_make_fresh(column, held) for column, held in pairs),
)
CLOSED = _claim()
DISTINCT_ROWS = either(
    CLOSED,
    into(section(ALLOW, WARNS, says="{allow: 1%, severity: warn}", least=1), lambda values: OnTerms(True, **values)),
    is_second=lambda node: isinstance(node, Mapping),
)
APART_FROM = list_of(
    _held(
        DATASET_NAME,
        Key("data", "The other dataset.", "data: data/train.parquet", DATASET_NAME, required=True),
        ALLOW,
    ),
    least=1,
)


def rules_of_all(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of the rules that the keys of a dataset spell, and the terms on which they are held."""
    found: dict[str, Any] = {key: values[key].value for key in ("rows", "closed", "distinct_rows") if key in values}
    for key in ("unique", "apart_from"):
        found[key] = tuple(held.value for held in values.get(key, ()))
    terms = (Terms(subject, held.severity, held.allow) for subject, held in _subjects(values))
    return {**found, "terms": tuple(each for each in terms if each != Terms(each.subject))}


def _subjects(values: dict[str, Any]) -> Iterator[tuple[str, OnTerms]]:
    yield from ((subject, values[key]) for key, subject in _ONE_OF_A_KIND.items() if key in values)
    yield from ((f"key {', '.join(held.value)}", held) for held in values.get("unique", ()))
    yield from ((f"apart {held.value}", held) for held in values.get("apart_from", ()))


_ONE_OF_A_KIND = {"rows": "rows", "closed": "closed", "distinct_rows": "distinct rows"}


def _make_fresh(column: str, held: OnTerms) -> Fresh:
    seconds, said = held.value
    return Fresh(column, seconds, said, held.severity)
