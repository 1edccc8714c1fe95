"""A suite of Great Expectations, as its JSON has it: ``expectation_type`` up to version 0.18, ``type`` from 1.0 on."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from assay.check.suites import expectations_of_columns, expectations_of_tables
from assay.check.suites.demands import Demand, Half, OnRow, Rule, Suite
from assay.check.suites.nouns import NotASuite, NotCarried
from assay.check.suites.row_condition import read_condition
from assay.check.suites.said import Said
from assay.check.suites.words import in_words
from assay.core.finding import Severity
from assay.core.near import near_miss

_ASKED = expectations_of_columns.ASKED | expectations_of_tables.ASKED
_WITHOUT_WORDS = expectations_of_columns.WITHOUT_WORDS | expectations_of_tables.WITHOUT_WORDS
_ABOUT_RUNNING = (
    *("result_format", "catch_exceptions", "include_config", "batch_id", "meta", "auto", "profiler_config"),
    *("parse_strings_as_datetimes", "output_strftime_format", "condition_parser"),
)
"""Keys that say how an expectation is run and reported, not what it asks."""
_SEVERITIES: dict[str, Severity] = {"critical": "error", "warning": "warn", "info": "warn"}


def is_suite(said: Mapping[str, Any]) -> bool:
    """Whether the values are a suite's."""
    return "expectations" in said


def read(said: Mapping[str, Any]) -> Suite:
    """What the suite asks; ``NotASuite`` where its list of expectations is none."""
    expectations = said["expectations"]
    if not isinstance(expectations, list):
        raise NotASuite("`expectations` is no list")
    return Suite(_origin(said), tuple(map(_rule, expectations)))


def _origin(said: Mapping[str, Any]) -> str:
    suite, meta = said.get("name") or said.get("expectation_suite_name"), said.get("meta")
    version = meta.get("great_expectations_version") if isinstance(meta, Mapping) else None
    called = f' "{suite}"' if isinstance(suite, str) else ""
    written = f", version {version}" if isinstance(version, str) else ""
    return f"a suite of Great Expectations{called}{written}"


def _rule(expectation: Any) -> Rule:
    if not isinstance(expectation, Mapping):
        return Rule(in_words(expectation), halves=(Half("it is no expectation: keys with values"),))
    type_, keys = expectation.get("type") or expectation.get("expectation_type"), expectation.get("kwargs")
    words = in_words(type_, keys)
    column = keys.get("column") if isinstance(keys, Mapping) else None
    column = column if isinstance(column, str) else None
    if not isinstance(type_, str) or not isinstance(keys, Mapping):
        because = "it says no `type`" if not isinstance(type_, str) else "its `kwargs` are no keys with values"
        return Rule(words, halves=(Half(because),), column=column)
    try:
        parts = _parts(type_, keys, expectation.get("severity"))
    except NotCarried as reason:
        return Rule(words, halves=(Half(reason.because, reason.instead),), column=column)
    demands = tuple(part for part in parts if not isinstance(part, Half))
    return Rule(words, demands, tuple(part for part in parts if isinstance(part, Half)), column)


def _parts(type_: str, keys: Mapping[str, Any], severity: Any) -> tuple[Demand | Half, ...]:
    if type_ in _WITHOUT_WORDS:
        raise NotCarried(*_WITHOUT_WORDS[type_])
    if type_ not in _ASKED:
        near = near_miss(type_, _ASKED)
        raise NotCarried("it is not known here", f"did you mean {near}?" if near else "")
    said = Said(keys)
    _refuse_parameters(keys)
    common = {"severity": _severity(severity), "tolerated": _tolerated(said)}
    condition = said.get("row_condition")
    given = "" if condition is None else read_condition(condition)
    said.get(*_ABOUT_RUNNING)
    parts = _ASKED[type_](said)
    said.finish()
    return tuple(part if isinstance(part, Half) else _under(part, given, common) for part in parts)


def _under(part: Demand, given: str, common: dict[str, Any]) -> Demand:
    """The demand with what every expectation may say besides."""
    if not given:
        return msgspec.structs.replace(part, **common)
    if isinstance(part, OnRow) and common["tolerated"]:
        raise NotCarried("its `mostly` is of the rows that meet its condition, and `allow` is of all")
    both = f"({given}) and ({part.given})" if part.given else given
    return msgspec.structs.replace(part, given=both, **common)


def _refuse_parameters(keys: Mapping[str, Any]) -> None:
    for key, value in keys.items():
        if isinstance(value, Mapping) and "$PARAMETER" in value:
            raise NotCarried(f"its `{key}` is a parameter that is given when it is run", "write the value itself")


def _severity(said: Any) -> Severity:
    if said is None:
        return "error"
    if not isinstance(said, str) or said not in _SEVERITIES:
        raise NotCarried(f"its severity is not known: {said!r:.60}")
    return _SEVERITIES[said]


def _tolerated(said: Said) -> float:
    """The share that may fail, from the share that must not (``mostly``)."""
    mostly = said.get("mostly")
    if mostly is None:
        return 0.0
    if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 < mostly <= 1:
        raise NotCarried(f"its `mostly` is no share above 0 and up to 1: {mostly!r:.60}")
    return float(1 - Decimal(repr(mostly)))
