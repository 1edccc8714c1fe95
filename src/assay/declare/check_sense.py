"""What an engine cannot do, told when the file is read: by check, by engine, at the line that asks it."""

from typing import Any

from assay.core.dataset import Dialect, EngineName, parse_dataset
from assay.core.rules import Rules
from assay.core.rules.row_sql import FUNCTIONS, read_row_sql
from assay.declare.dataset import make_rules
from assay.declare.kinds import Named
from assay.declare.reading import Reading, inside

_DIALECTS: dict[EngineName, Dialect] = {
    "duckdb": "duckdb",
    "sqlite": "duckdb",
    "postgres": "postgres",
    "spark": "spark",
}
_SAID: dict[EngineName, str] = {"duckdb": "DuckDB", "sqlite": "SQLite", "postgres": "PostgreSQL", "spark": "Spark"}


def tell_checks(steps: tuple[Named, ...], model_time: str | None, reading: Reading) -> None:
    """Tell what the engines of checks cannot do, and drift that could not be counted. ``model_time`` is ``model.time``."""
    for step in steps:
        for name, values in step.values.get("check", ()) if step.is_whole else ():
            where = inside(inside(step.where, "check"), name)
            rules = make_rules(values)
            _tell_of_one(name, rules, where, reading)
            _tell_drift(rules, model_time, inside(where, "drift"), reading)


def _tell_of_one(name: str, rules: Rules, where: str, reading: Reading) -> None:
    dataset = parse_dataset(name)
    engine: Any = rules.engine or dataset.engine
    place = reading.places.get(inside(where, "engine")) or reading.places[where]
    wrong = _unread(name, engine)
    if wrong:
        reading.tell(place, "not-for-this-engine", f"`{where}`: {wrong}", fix="leave `engine` out, or write Parquet")
    for rule in rules.row_rules:
        for text in (rule.holds, rule.given or ""):
            for function in read_row_sql(text).functions if text else ():
                if _DIALECTS[engine] not in FUNCTIONS[function]:
                    here = inside(inside(where, "rules"), rule.name)
                    what = f"`{here}`: {_SAID[engine]} is not known to do `{function}` as other engines do"
                    reading.tell(
                        reading.places[here], "not-for-this-engine", what, fix="write the condition without it"
                    )
    for other in rules.apart_from:
        if parse_dataset(other).engine != dataset.engine and not rules.engine:
            what = f"`{where}`: {_SAID[engine]} reads {name}, and {_SAID[parse_dataset(other).engine]} {other}"
            fix = "bring both to one engine: rows are compared where they are"
            reading.tell(reading.places[where], "not-for-this-engine", what, fix=fix)


def _tell_drift(rules: Rules, model_time: str | None, where: str, reading: Reading) -> None:
    if rules.drift is None:
        return
    if rules.drift.window_s is not None and rules.drift.batch_s is None:
        what = f"`{where}`: the window is a span of time, and batches are files"
        because = "`window:` is so many batches of `batch:`; without `batch:` it is the newest file"
        reading.tell(reading.places[where], "drift-without-batch", what, because, fix="write `batch: 1 day` beside it")
    elif rules.drift.batch_s is not None and rules.drift_time(model_time) is None:
        what = f"`{where}`: no column is named that says when a row happened"
        because = "`batch:` puts rows into spans of time; `model.time` says it too, and a single column under `fresh`"
        reading.tell(reading.places[where], "no-time-column", what, because, fix="write `time: COLUMN` beside it")


def _unread(name: str, engine: EngineName) -> str:
    """Why the engine does not read the dataset; empty where it does."""
    dataset = parse_dataset(name)
    if dataset.table is not None and engine != dataset.engine:
        return f"{_SAID[engine]} does not read a table of {_SAID[dataset.engine]}"
    is_text = any(mark in name.lower() for mark in (".csv", ".tsv", ".json", ".ndjson"))
    if engine == "spark" and dataset.table is None and is_text:
        return "Spark reads texts in ways of its own, so that checks there read Parquet and tables"
    return ""
