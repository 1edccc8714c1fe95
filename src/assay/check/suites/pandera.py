"""A schema of pandera, as ``to_yaml`` and ``to_json`` write it, and as ``pandera_schema.py`` tells it of a Python file.

Versions differ in how checks stand in a column:

    up to 0.21    checks: {greater_than: 0}
    0.22          checks: {greater_than: {value: 0, options: {raise_warning: false, ignore_na: true}}}
    0.23 to 0.31  checks: [{value: 0, options: {check_name: greater_than, ...}}]
    from 0.32     greater_than: 0, beside dtype and nullable; what is as by default is not written at all

A rule is everything that can fail: that a column is there, its type, that it has no NULL, is unique, each check, each key.
``to_yaml`` drops checks that pandera has not registered, so that only a schema from Python has them here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from assay.check.suites import column_demands as demand
from assay.check.suites.demands import Demand, Half, OnColumns, OnKey, Rule, Suite
from assay.check.suites.nouns import NotASuite, NotCarried
from assay.check.suites.pandera_checks import CHECKS
from assay.check.suites.said import Said, column_name
from assay.check.suites.words import in_words

_OF_COMPONENTS = frozenset(
    (
        *("title", "description", "dtype", "nullable", "checks", "name", "unique", "coerce", "required", "regex"),
        *("default", "report_duplicates", "drop_invalid_rows", "metadata", "alias", "parsers"),
    )
)
"""Keys of a column that are no checks."""
_OPTIONS = ("raise_warning", "ignore_na", "n_failure_cases", "error", "name", "check_name", "groupby", "groups")
_UNREGISTERED = "pandera does not say what it asks: it is a function of your own"
_A_QUERY = "write it as SQL below `rules:`, or as a query: `{sql: checks/NAME.sql}`"
_MAY_BE_ABSENT = "the column may be absent (required=False), and a column that has a line must be there"
_MANY_COLUMNS = "it is about all columns whose names match (regex=True), and a line is about one"
_DROPPED = "pandera leaves checks of your own out of YAML and JSON; import the Python file to have them named"
_CHANGES = "it changes the data (`{key}`), and Assay only reads them"


def is_suite(said: Mapping[str, Any]) -> bool:
    """Whether the values are a schema's."""
    return "schema_type" in said


def read(said: Mapping[str, Any]) -> Suite:
    """What the schema asks; ``NotASuite`` where it is about anything but a table."""
    if said["schema_type"] != "dataframe":
        raise NotASuite(f"it is a schema of a {in_words(said['schema_type'])}, not of a table")
    rules = (*_rules_of_columns(said), *_rules_of_table(said), *_rules_of_index(said))
    return Suite(_origin(said), rules, () if said.get("told_by") == "assay" else (_DROPPED,))


def _origin(said: Mapping[str, Any]) -> str:
    name, version = said.get("name"), said.get("version")
    called = f' "{name}"' if isinstance(name, str) else ""
    written = f", version {version}" if isinstance(version, str) else ""
    return f"a schema of pandera{called}{written}"


def _rules_of_columns(said: Mapping[str, Any]) -> Iterator[Rule]:
    of_table = said.get("dtype")
    for name, component in _columns(said.get("columns")):
        if not isinstance(component, Mapping):
            yield _left(in_words(f"{name}: {component!r}"), name, f"the column {name!r:.60} is no keys with values")
            continue
        column = component if of_table is None else {**component, "dtype": of_table}
        rules = list(_rules_of_column(name, column))
        because = _why_none(name, column)
        yield from (_left(rule.words, rule.column, *because) for rule in rules) if because else rules


def _columns(said: Any) -> Iterator[tuple[str, Any]]:
    """Names and columns: a mapping, or a list where names are no texts."""
    if said is None:
        return
    if isinstance(said, Mapping):
        yield from ((str(name), column) for name, column in said.items())
    elif isinstance(said, list):
        for column in said:
            name = column.get("name") if isinstance(column, Mapping) else None
            yield (name if isinstance(name, str) else in_words(name), column)
    else:
        raise NotASuite("`columns` holds no columns")


def _why_none(name: str, column: Mapping[str, Any]) -> tuple[str, str] | None:
    """Why none of the column's rules can be carried over; None where each is for itself."""
    if column.get("regex") is True:
        return _MANY_COLUMNS, "write a line for each of them"
    if column.get("required") is False:
        return _MAY_BE_ABSENT, "write the line, where the column is always there"
    try:
        column_name(name)
    except NotCarried as reason:
        return reason.because, reason.instead
    return None


def _rules_of_column(name: str, column: Mapping[str, Any]) -> Iterator[Rule]:
    yield Rule(in_words(f"{name}: the column is there"), (demand.exists(name),), column=name)
    if column.get("dtype") is not None:
        yield _type(name, column["dtype"])
    is_nullable = column.get("nullable") is True
    if not is_nullable:
        yield Rule(in_words(f"{name}: nullable=False"), (demand.not_null(name),), column=name)
    if column.get("unique") is True:
        # two NULLs are a value that stands twice to pandera, as they are in a key, and not to a line
        unique = OnKey(columns=(name,), counts_null=True) if is_nullable else demand.is_unique(name)
        yield Rule(in_words(f"{name}: unique=True"), (unique,), column=name)
    for check, stats in _checks(column):
        yield _check(name, check, stats, is_nullable=is_nullable)
    for key in ("default", "parsers"):
        if column.get(key) not in (None, []):
            yield _left(in_words(f"{name}: {key}={column[key]!r}"), name, _CHANGES.format(key=key))
    if column.get("drop_invalid_rows") is True:
        yield _left(in_words(f"{name}: drop_invalid_rows=True"), name, _CHANGES.format(key="drop_invalid_rows"))


def _type(name: str, said: Any) -> Rule:
    words = in_words(f"{name}: dtype {said}")
    try:
        return Rule(words, (demand.of_type(name, [str(said)]),), column=name)
    except NotCarried as reason:
        return _left(words, name, reason.because, reason.instead)


def _checks(component: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name, what is said of it) of each check, wherever this version of pandera puts it."""
    checks = component.get("checks")
    if isinstance(checks, Mapping):
        yield from ((str(name), stats) for name, stats in checks.items())
    elif isinstance(checks, list):
        for check in checks:
            options = check.get("options") if isinstance(check, Mapping) else None
            name = options.get("check_name") if isinstance(options, Mapping) else None
            yield (name if isinstance(name, str) else "a check without a name"), check
    elif checks is not None:
        yield "checks", checks
    yield from ((str(key), value) for key, value in component.items() if key not in _OF_COMPONENTS)


def _check(column: str, check: str, stats: Any, *, is_nullable: bool) -> Rule:
    keys, options = _apart(stats)
    words = in_words(f"{column}: {check}", {key: value for key, value in keys.items() if value is not None})
    try:
        parts = _parts(column, check, keys, options, is_nullable=is_nullable)
    except NotCarried as reason:
        return _left(words, column, reason.because, reason.instead)
    demands = tuple(part for part in parts if not isinstance(part, Half))
    return Rule(words, demands, tuple(part for part in parts if isinstance(part, Half)), column)


def _apart(stats: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what the check is given, how it is run), which stand together from version 0.32 on."""
    if not isinstance(stats, Mapping):
        return {"value": stats}, {}
    options = stats.get("options")
    found = dict(options) if isinstance(options, Mapping) else {}
    found |= {key: stats[key] for key in _OPTIONS if key in stats}
    return {str(key): value for key, value in stats.items() if key not in ("options", *_OPTIONS)}, found


def _parts(
    column: str, check: str, keys: dict[str, Any], options: dict[str, Any], *, is_nullable: bool
) -> tuple[Demand | Half, ...]:
    if options.get("is_own") is True or check not in CHECKS:
        raise NotCarried(_UNREGISTERED, _A_QUERY)
    if options.get("groupby") is not None or options.get("groups") is not None:
        raise NotCarried("it compares groups of rows", _A_QUERY)
    if options.get("ignore_na") is False and is_nullable:
        raise NotCarried("NULL fails it (ignore_na=False) in a column that may have some", "leave `?` out of its line")
    said = Said(keys)
    parts = CHECKS[check](column, said)
    said.finish()
    if options.get("raise_warning") is True:
        return tuple(
            each if isinstance(each, Half) else msgspec.structs.replace(each, severity="warn") for each in parts
        )
    return parts


def _rules_of_table(said: Mapping[str, Any]) -> Iterator[Rule]:
    yield from _strict(said)
    if said.get("ordered") is True:
        yield _left("ordered=True", None, "the order of columns is not asked: they go by their names")
    if said.get("unique"):
        yield _key(said["unique"])
    if said.get("unique_column_names") is True:
        yield _left("unique_column_names=True", None, "it is not asked: two columns of one name cannot be told apart")
    for check, stats in _checks({"checks": said.get("checks")}):
        keys, _ = _apart(stats)
        because = "it is about every column at once" if check in CHECKS else _UNREGISTERED
        instead = "write it in each column's line" if check in CHECKS else _A_QUERY
        words = in_words(f"the table: {check}", {key: value for key, value in keys.items() if value is not None})
        yield _left(words, None, because, instead)
    for key in ("add_missing_columns", "drop_invalid_rows", "parsers"):
        if said.get(key):
            yield _left(in_words(f"{key}={said[key]!r}"), None, _CHANGES.format(key=key))
    if coerced := _coerced(said):
        instead = "of a CSV file every cell is read as its column's type says; else write the type that the file has"
        yield _left(in_words(f"coerce=True: {coerced}"), None, _CHANGES.format(key="coerce"), instead)


def _strict(said: Mapping[str, Any]) -> Iterator[Rule]:
    if said.get("strict") is True:
        names = tuple(name for name, _ in _columns(said.get("columns")))
        yield Rule("strict=True", (OnColumns(columns=names, closed=True),))
    elif said.get("strict"):
        because = "it takes unknown columns away, and Assay only reads the data"
        yield _left(
            in_words(f"strict={said['strict']!r}"), None, because, "a column without a line is told, and stops nothing"
        )


def _key(said: Any) -> Rule:
    words = in_words(f"unique={said!r}")
    try:
        columns = [said] if isinstance(said, str) else said
        return Rule(words, (OnKey(columns=Said({"unique": columns}).columns("unique"), counts_null=True),))
    except NotCarried as reason:
        return _left(words, None, reason.because)


def _coerced(said: Mapping[str, Any]) -> str:
    if said.get("coerce") is True:
        return "all columns"
    return ", ".join(
        name
        for name, column in _columns(said.get("columns"))
        if isinstance(column, Mapping) and column.get("coerce") is True
    )


def _rules_of_index(said: Mapping[str, Any]) -> Iterator[Rule]:
    found = said.get("index")
    for at, component in enumerate(found if isinstance(found, list) else [found] if found else []):
        name = component.get("name") if isinstance(component, Mapping) else None
        named = f'"{name}"' if isinstance(name, str) else f"{at + 1}"
        keys = {key: value for key, value in component.items() if value} if isinstance(component, Mapping) else {}
        instead = "write a line for it, if it is a column of the file"
        yield _left(in_words(f"index {named}", keys), None, "a file has no index", instead)


def _left(words: str, column: str | None, because: str, instead: str = "") -> Rule:
    return Rule(words, halves=(Half(because, instead),), column=column)
