"""The rules on a dataset, in place or in a file of their own."""

from typing import Any

import msgspec

from assay.core.rules import (
    COLUMN_TYPES,
    DriftRule,
    Leakage,
    QueryRule,
    RowRule,
    RuleMistake,
    Rules,
    Tolerance,
    parse_column,
)
from assay.core.rules.row_sql import parse_row_sql
from assay.declare.kinds import Key, Kind, either, into, list_of, mapping_of, section
from assay.declare.nodes import Mapping, Node, Scalar
from assay.declare.of_all import (
    ALLOW,
    APART_FROM,
    CLOSED,
    DISTINCT_ROWS,
    FRESH,
    KEYS,
    ROWS,
    SEVERITY,
    WARNS,
    rules_of_all,
)
from assay.declare.reading import Reading
from assay.declare.scalars import choice, flag, parsed, text
from assay.declare.values import COLUMN, DURATION, PROJECT_PATH
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse


def _condition(line: str) -> str:
    parse_row_sql(line)
    return line


def _query_file() -> Kind:
    """The path of a file that is there."""

    def read(node: Node, reading: Reading, where: str) -> str | None:
        found: str | None = PROJECT_PATH.read(node, reading, where)
        if found is not None and reading.files.are_known and reading.files.beside(found) is None:
            reading.tell(
                node, "query-not-found", f"`{where}`: there is no file {found}", fix="write it, or correct the path"
            )
            return None
        return found

    return msgspec.structs.replace(PROJECT_PATH, read=read)


QUERY_FILE = _query_file()

COLUMN_RULE = parsed(
    "a rule such as int 1..12",
    rf"^\s*(?:{'|'.join(COLUMN_TYPES)})(?:[^A-Za-z0-9_]|$)",
    lambda line: parse_column("", line),
    RuleMistake,
    "bad-column-rule",
)
CONDITION = parsed("a condition such as departure <= arrival", r"\S", _condition, RuleMistake, "bad-row-rule")
ROW_RULE = section(
    Key(
        "if",
        "The rows that it is asked of; all, where nothing is said.",
        "if: dep_time is not null",
        CONDITION,
        goes_with=("then",),
    ),
    Key(
        "then",
        "What holds for them, as SQL. NULL passes.",
        "then: tailnum is not null",
        CONDITION,
        also=("holds", "expect"),
    ),
    Key(
        "sql",
        "A file with a query that returns the rows that fail; in it `data` is the dataset.",
        "sql: checks/late.sql",
        QUERY_FILE,
    ),
    ALLOW,
    WARNS,
    says="`then: CONDITION` or `sql: FILE`",
    one_of=("then", "sql"),
)
RULE_NAME = text("a name of letters, digits, - and _", r"[A-Za-z_][A-Za-z0-9_-]{0,99}")


def _rule() -> Kind:
    """A condition, or keys that say more of it."""
    kind = either(
        into(CONDITION, lambda line: {"then": line}), ROW_RULE, is_second=lambda node: isinstance(node, Mapping)
    )

    def read(node: Node, reading: Reading, where: str) -> Any:
        before = reading.mistakes
        values = kind.read(node, reading, where)
        if values is None or reading.mistakes > before:
            return None
        if ("then" in values) == ("sql" in values):
            what = f"`{where}` says {'both `then` and `sql`' if 'then' in values else 'neither `then` nor `sql`'}"
            reading.tell(node, "wrong-type", what, fix="write one of them")
            return None
        return values

    return msgspec.structs.replace(kind, read=read)


DRIFT = section(
    Key(
        "since",
        "Held against what: `champion` (the data it was trained on), a release, a version such as flights@9c41e0d2, or a path.",
        "since: champion",
        text("champion, a release such as r3, a version such as flights@9c41e0d2, or a path", r"[^\n]*\S[^\n]*"),
    ),
    Key("batch", "Rows of one such span of time are one batch; else each file is.", "batch: 1 day", DURATION),
    Key(
        "window",
        "The newest rows that are held against the reference; else the newest batch.",
        "window: 7 days",
        DURATION,
    ),
    Key(
        "time",
        "The column that says when a row happened; else `model.time`, else the one column of `fresh`.",
        "time: time_hour",
        COLUMN,
    ),
    Key("ignore", "Columns that are left out.", "ignore: [year, month, day]", list_of(COLUMN)),
    Key(
        "context",
        "Columns that are told and never fail: what is expected to change.",
        "context: [flight]",
        list_of(COLUMN),
    ),
    Key("classifier", "Ask also how well a model tells the two sides apart.", "classifier: true", flag()),
    Key("severity", "`error`: drift fails the check; else it is a warning.", "severity: error", SEVERITY),
    may_be_empty=True,
)
LEAKAGE = section(
    Key("label", "The column that is predicted.", "label: late", COLUMN, required=True),
    Key("allow", "Columns that may tell it.", "allow: [arr_delay]", list_of(COLUMN)),
)

RULES = section(
    Key("rows", "How many rows there are.", "rows: 1000..", ROWS),
    Key("fresh", "How old the newest value of a column of times may be.", "fresh: {time_hour: 2 days}", FRESH),
    Key(
        "unique",
        "The columns that together name a row; or a list of such lists, each with what it allows.",
        "unique: [carrier, flight]",
        KEYS,
        also=("key",),
    ),
    Key("closed", "A column that is not listed fails the check; else it is only told.", "closed: true", CLOSED),
    Key(
        "columns",
        "A rule for each column.",
        "columns: {month: int 1..12}",
        mapping_of(COLUMN, COLUMN_RULE, "columns with rules such as month: int 1..12"),
    ),
    Key(
        "rules",
        "What must hold for each row: SQL conditions, `if` and `then`, or a file with a query.",
        "rules: {order: arrival >= departure}",
        mapping_of(RULE_NAME, _rule(), "names with conditions such as order: arrival >= departure"),
    ),
    Key("slices", "Columns by whose values failures are counted.", "slices: [carrier]", list_of(COLUMN)),
    Key("drift", "How far the newest rows may be from those of a reference.", "drift: {since: champion}", DRIFT),
    Key("leakage", "No column gives the label away.", "leakage: {label: late}", LEAKAGE),
    Key(
        "apart_from",
        "Datasets none of whose rows may stand in this one.",
        "apart_from: [data/train.parquet]",
        APART_FROM,
    ),
    Key("distinct_rows", "No row stands twice.", "distinct_rows: true", DISTINCT_ROWS),
    Key("train_only", "Columns that are absent when serving.", "train_only: [late]", list_of(COLUMN)),
    Key(
        "environment",
        "`serve`: the columns of `train_only` may be absent.",
        "environment: serve",
        choice(("train", "serve")),
    ),
    Key(
        "engine",
        "What reads it: `spark`; else what its name says, DuckDB for files.",
        "engine: spark",
        choice(("duckdb", "spark")),
    ),
    least=1,
)
RULES_WITH_FILE = msgspec.structs.replace(
    section(
        Key(
            "file", "A file of rules, to which the keys beside it are added.", "file: checks/flights.yaml", PROJECT_PATH
        ),
        *RULES.keys,
        least=1,
    )
)


def _in_place_or_file() -> Kind:
    """Rules, or the path of a file of them."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            path_ = PROJECT_PATH.read(node, reading, where)
            return None if path_ is None else read_rules_file(path_, node, reading, where)
        values = RULES_WITH_FILE.read(node, reading, where)
        if not values or "file" not in values:
            return values
        path_ = values.pop("file")
        found = read_rules_file(path_, node, reading, where)
        return None if found is None else {**found, **values}

    return Kind(
        "rules, or the path of a file of them",
        {"anyOf": [{"type": "string"}, RULES_WITH_FILE.schema]},
        read,
        RULES_WITH_FILE.keys,
    )


def read_rules_file(path_: str, at: Node, reading: Reading, where: str) -> dict[str, Any] | None:
    """The rules of a file, whose mistakes stand at its own lines."""
    data = reading.files.beside(path_)
    if data is None:
        if reading.files.are_known:
            reading.tell(
                at, "no-rules-file", f"`{where}`: there is no file {path_}", fix="write it, or correct the path"
            )
            return None
        return {}
    with reading.in_file(path_):
        try:
            node = parse(decode(data))
        except SyntaxMistake as mistake:
            because = (mistake.because,) if mistake.because else ()
            place = reading.at_line(mistake.line, mistake.column)
            reading.tell(place, "not-yaml", mistake.what, *because, fix=mistake.fix)
            return None
        if node is None:
            reading.tell(
                reading.at_line(1, 1), "empty-file", f"{path_} declares nothing", fix="write `rows:` or `columns:`"
            )
            return None
        found = RULES.read(node, reading, where)
    return found if isinstance(found, dict) else None


DATASET = _in_place_or_file()


def make_rules(values: dict[str, Any]) -> Rules:
    """The rules that the keys of a dataset spell. They are whole: mistakes were told before."""
    rest = {key: values[key] for key in _AS_THEY_ARE if key in values}
    rules = values.get("rules", ())
    if "drift" in values:
        rest["drift"] = _make_drift(values["drift"])
    if "leakage" in values:
        rest["leakage"] = Leakage(**values["leakage"])
    return Rules(
        **rules_of_all(values),
        columns=tuple(msgspec.structs.replace(rule, column=name) for name, rule in values.get("columns", ())),
        row_rules=tuple(_make_row_rule(name, found) for name, found in rules if "then" in found),
        queries=tuple(_make_query(name, found) for name, found in rules if "sql" in found),
        **rest,
    )


_AS_THEY_ARE = ("fresh", "slices", "train_only", "environment", "engine")


def _make_row_rule(name: str, values: dict[str, Any]) -> RowRule:
    allow, severity = values.get("allow", Tolerance()), values.get("severity", "error")
    return RowRule(name, values["then"], values.get("if"), allow, severity)


def _make_query(name: str, values: dict[str, Any]) -> QueryRule:
    return QueryRule(name, values["sql"], values.get("allow", Tolerance()), values.get("severity", "error"))


def _make_drift(values: dict[str, Any]) -> DriftRule:
    renamed = {"batch": "batch_s", "window": "window_s"}
    return DriftRule(**{renamed.get(key, key): value for key, value in values.items()})
