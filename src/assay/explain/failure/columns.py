"""Rules on the rows and columns that a step got: a column that is gone, no rows at all, NaN, text where numbers should be.

The table that a rule names is the first one upstream that is not as it was, with the step that wrote it.
"""

import re

from assay.core.near import near_miss
from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.answer import answer, last_said, line_of, says, where
from assay.explain.failure.changes import Circumstances
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import listed
from assay.explain.failure.last_words import Said
from assay.explain.failure.sentences import quoted

_KEY = re.compile(
    r"^KeyError: (?:\"?['\"]([^'\"]+)['\"]\"?$|\"(?:None of )?\[?(?:Index\(\[)?'([^']+)'.*(?:not in|are in the) (?:index|\[columns\])?.*)|ColumnNotFoundError: (\w+)|Usecols do not match columns, columns expected but not found: \['([^']+)'|ValueError: A given column is not a column of the dataframe|(?:Binder Error|BinderException).*column \"([^\"]+)\" not found|AttributeError: '(?:DataFrame|LazyFrame)' object has no attribute '(\w+)'"
)
_LIBRARY = re.compile(r"[/\\](pandas|polars|duckdb|pyarrow|datasets)[/\\]")
_LABEL_OF_ROW = re.compile(r"\.(loc|at|xs|iloc|drop)\b")
_EMPTY = re.compile(
    r"Found array with 0 sample|n_samples=0\b|With n_samples=0|num_samples should be a positive integer value, but got num_samples=0|0 sample\(s\)|attempt to get arg(?:max|min) of an empty sequence|zero-size array to reduction|Empty dataset|list of arrays? to (?:concatenate|stack)|No objects to concatenate|max\(\) (?:arg is an empty sequence|iterable argument is empty)|[Dd]ataset is empty",
    re.IGNORECASE,
)
_NAN = re.compile(
    r"Input (?:X |y )?contains (?:NaN|infinity)|contains NaN, infinity or a value too large|Input contains NaN|Label contains NaN|cannot convert float NaN to integer|(?:missing or infinite|NaN or inf) values?",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"could not convert string to float: '?([^']*)'?|invalid literal for (?:int\(\) with base 10|float\(\)): '?([^']*)'?|DataFrame\.dtypes for data must be int, float, bool or category|is not compatible with arrays of bytes/strings|pandas dtypes must be int, float or bool"
)
_FIELDS = re.compile(r"(?:Fields with bad pandas dtypes|Invalid columns): ?(.+)$")
_RARE = re.compile(
    r"least populated class(?:es)? in .* ha(?:s|ve) only (\d+) members?|n_splits=(\d+) cannot be greater than the number of members in each class|This solver needs samples of at least 2 classes|[Nn]umber of classes.* has to be greater than one"
)


def column_missing(evidence: Evidence) -> Problem | None:
    """A column that the code asks for, and the table that it read does not have.

    Only where it is one: the traceback goes through a library of tables and no label of a row is meant, or the last green run
    had the column.
    """
    said = last_said(_KEY, evidence)
    name = next((group for group in said.groups if group), "") if said else ""
    lost = _lost_since(name, evidence) if name else ""
    if said is None or not name or not (lost or _is_of_a_table(said)) or _is_method(name, said, evidence):
        return None
    lacking = [path for path, columns in evidence.around.columns.items() if name not in columns]
    having = [path for path in evidence.around.columns if path not in lacking]
    if having and not lost:
        return _lost_on_the_way(name, having[0], said, evidence)
    path = lost or (lacking[0] if len(lacking) == 1 else "")
    columns = evidence.around.columns.get(path, ())
    has = (f"{path} has {listed(_nearest(name, columns), 8)}",) if path else ()
    had = (f"in run {evidence.since.run}, which was green, it had {name}",) if lost and evidence.since else ()
    what = f"column not found: {name}{f' in {path}' if path else ''}"
    because = (says(said), *has, *had, *where(said, evidence))
    return answer(evidence, "column-not-found", what, because, _fix_of_column(name, path, columns, said, evidence))


def _lost_on_the_way(name: str, path: str, said: Said, evidence: Evidence) -> Problem:
    because = (says(said), f"{path} has a column {name}, so it is lost after it was read", *where(said, evidence))
    place = line_of(said, evidence)
    fix = f"see what drops or renames it{f' before {place}' if place else ''}"
    return answer(evidence, "column-not-found", f"column not found: {name}", because, fix)


def _fix_of_column(name: str, path: str, columns: tuple[str, ...], said: Said, evidence: Evidence) -> str:
    near, place, maker = near_miss(name, columns), line_of(said, evidence), _maker(path, evidence)
    read = (
        f"read {near} in its place{f', at {place}' if place else ''}"
        if near
        else f"see why {path or 'the data'} has no {name}"
    )
    if maker:
        return f"{read}; step {quoted(maker)} writes {path}"
    return f"{read}; and let a check say it first: `{path}: {{columns: {{{name}: ...}}}}`" if path else read


def metric_key_missing(evidence: Evidence) -> Problem | None:
    """A script that reads a metrics file asks for a number that an earlier step reported under another name."""
    said = last_said(re.compile(r"^KeyError: '([^']+)'$"), evidence)
    if said is None:
        return None
    name = said.groups[0]
    read = set(map(evidence.path, (*evidence.failed.trace.reads, *evidence.step.inputs)))
    for result in evidence.earlier:
        files = {metric.source for metric in result.metrics} & read
        known = [metric.name for metric in result.metrics if metric.source in files]
        if files and name not in known:
            file = min(files)
            before = (evidence.since.metrics.get(result.step, {}) if evidence.since else {}).get(name)
            had = (
                (f"in run {evidence.since.run}, which was green, it had {name}",)
                if before is not None and evidence.since
                else ()
            )
            near = near_miss(name, known)
            because = (
                says(said),
                f"step {quoted(result.step)} wrote {file}, with {listed(known, 6)}",
                *had,
                *where(said, evidence),
            )
            fix = f"write it as {name} again in {command.script(evidence.pipeline.step(result.step))}, or read {near or known[0]}"
            return answer(evidence, "metric-not-found", f"no metric called {name} in {file}", because, fix)
    return None


def no_rows(evidence: Evidence) -> Problem | None:
    """Nothing was left to learn from: the first table upstream that has no rows is named."""
    said = last_said(_EMPTY, evidence)
    if said is None:
        return None
    empty = [path for path, rows in evidence.around.rows.items() if rows == 0]
    first = _earliest(empty, evidence)
    if first is None:
        full = [f"{path} has {rows} rows" for path, rows in list(evidence.around.rows.items())[:3]]
        because = (says(said), *full, *where(said, evidence))
        script = command.script(evidence.step)
        return answer(
            evidence,
            "no-rows-left",
            "no rows are left",
            because,
            f"print the number of rows after each filter and join in {script}: the first 0 is the cause",
        )
    path, maker = first
    had = _rows_before(path, evidence)
    wrote = (f"{path} has no rows; step {quoted(maker)} wrote it",) if maker else (f"{path} has no rows",)
    sources = _rows_read(maker, evidence)
    fix = (
        f"see which filter or join in {command.script(evidence.pipeline.step(maker))} takes them all"
        if maker
        else f"see where {path} comes from"
    )
    return answer(evidence, "no-rows-left", f"no rows: {path}", (*wrote, *had, *sources, says(said)), fix)


def nan_in_input(evidence: Evidence) -> Problem | None:
    """A learner was given NaN or infinity and takes none (dmlc/xgboost#7941)."""
    said = last_said(_NAN, evidence)
    if said is None:
        return None
    changed = _changed_tables(evidence)
    fix = "fill or drop them before it learns (SimpleImputer, dropna), and let a check hold the data: a column without `?` may not be NULL"
    return answer(
        evidence,
        "nan-in-data",
        "the data has NaN or infinity, and the learner takes none",
        (says(said), *changed, *where(said, evidence)),
        fix,
    )


def text_in_numbers(evidence: Evidence) -> Problem | None:
    """A cell of text in a column that is read as numbers (scikit-learn/scikit-learn#6792)."""
    said = last_said(_TEXT, evidence)
    if said is None or said.raised is None:
        return None
    value = next((group for group in said.groups if group), "")
    fields = _FIELDS.search(evidence.log_tail)
    columns = (f"the columns: {fields[1]}",) if fields else ()
    what = f"text where a number should be{f': {value!r}' if value else ''}"
    place = line_of(said, evidence)
    fix = "leave the column out, encode it (OrdinalEncoder), or read its missing marks as such (na_values)"
    return answer(
        evidence,
        "text-in-numbers",
        what,
        (says(said), *columns, *_changed_tables(evidence), *where(said, evidence)),
        f"{fix}{f', before {place}' if place else ''}",
    )


def class_too_rare(evidence: Evidence) -> Problem | None:
    """Too few rows of a class to split by it, or one class alone (pycaret/pycaret#311)."""
    said = last_said(_RARE, evidence)
    if said is None:
        return None
    fix = "see how many rows each class has (value_counts); join or drop the rare ones, or split without stratify"
    return answer(
        evidence,
        "class-too-rare",
        "a class has too few rows",
        (says(said), *_changed_tables(evidence), *where(said, evidence)),
        fix,
    )


def _is_of_a_table(said: Said) -> bool:
    """Raised within a library of tables, and not where the label of a row was asked for."""
    if not said.line.startswith("KeyError"):
        return True
    frames = said.raised.frames if said.raised else ()
    is_label = any(_LABEL_OF_ROW.search(frame.source) for frame in frames if not _LIBRARY.search(frame.file))
    return not is_label and any(_LIBRARY.search(frame.file) for frame in frames)


def _is_method(name: str, said: Said, evidence: Evidence) -> bool:
    """An attribute of a table that is called, or that no table which was looked at comes near to: no column."""
    if not said.line.startswith("AttributeError"):
        return False
    frames = said.raised.frames if said.raised else ()
    if any(re.search(rf"\.{re.escape(name)}\s*\(", frame.source) for frame in frames):
        return True
    return not evidence.around.columns


def _lost_since(name: str, evidence: Evidence) -> str:
    """The table that had the column in the last green run and has it no more."""
    if evidence.since is None:
        return ""
    now, before = evidence.since.now, evidence.since.before
    lost = [
        path for path, columns in now.columns.items() if name not in columns and name in before.columns.get(path, ())
    ]
    return min(lost, key=lambda path: (path in now.written_by, path), default="")


def _nearest(name: str, columns: tuple[str, ...]) -> list[str]:
    near = near_miss(name, columns)
    return [near, *(each for each in columns if each != near)] if near else list(columns) or ["no columns"]


def _earliest(paths: list[str], evidence: Evidence) -> tuple[str, str] | None:
    """(table, the step that wrote it) of the table that was written first; the step is empty for a source."""
    order = [result.step for result in evidence.earlier]
    found = [(path, _maker(path, evidence)) for path in paths]
    return min(found, key=lambda each: (order.index(each[1]) if each[1] in order else -1, each[0]), default=None)


def _maker(path: str, evidence: Evidence) -> str:
    """The step of this run that wrote it, or promises it; empty for a source."""
    for result in evidence.earlier:
        promised = evidence.pipeline.step(result.step).promised
        if path and path in map(evidence.path, (*result.trace.writes, *promised)):
            return result.step
    return ""


def _rows_read(step: str, evidence: Evidence) -> tuple[str, ...]:
    """What the step that lost the rows had to read."""
    result = evidence.result(step) if step else None
    if result is None:
        return ()
    read = dict.fromkeys(map(evidence.path, (*(a.path for a in result.inputs), *result.trace.reads)))
    known = [f"{path} ({evidence.around.rows[path]} rows)" for path in read if evidence.around.rows.get(path)]
    return (f"it read {listed(known)}",) if known else ()


def _rows_before(path: str, evidence: Evidence) -> tuple[str, ...]:
    before: Circumstances | None = evidence.since.before if evidence.since else None
    rows = before.rows.get(path) if before else None
    return (f"in run {evidence.since.run}, which was green, it had {rows}",) if rows and evidence.since else ()


def _changed_tables(evidence: Evidence) -> tuple[str, ...]:
    """Data that is not what it was in the last green run, sources first."""
    if evidence.since is None:
        return ()
    changed = [change for change in evidence.since.of_kind("data") if change.name in evidence.around.rows]
    return tuple(f"since run {evidence.since.run}, which was green: {change.text}" for change in changed[:1])
