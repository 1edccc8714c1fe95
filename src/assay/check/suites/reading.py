"""Which tool wrote a suite, and what it asks as rules."""

from collections.abc import Mapping
from typing import Any

import msgspec

from assay.check.suites import great_expectations, pandera
from assay.check.suites.compose import compose
from assay.check.suites.demands import Rule, Suite
from assay.check.suites.nouns import Imported, NotASuite

MOST_RULES = 20_000


def read_suite(said: Any) -> Imported:
    """The rules of a suite; ``said``: the values of its file, or what ``pandera_schema.py`` told of a schema in Python.

    ``NotASuite`` for what no known tool wrote. A rule without words here is no error: it is among what was left.
    """
    if not isinstance(said, Mapping):
        raise NotASuite("it holds no keys with values")
    tools = [tool for tool in (great_expectations, pandera) if tool.is_suite(said)]
    if not tools:
        keys = ", ".join(str(key) for key in list(said)[:5])
        raise NotASuite(f"it has neither `expectations` nor `schema_type`; its keys are {keys or 'none'}")
    suite = tools[0].read(said)
    if not suite.rules:
        raise NotASuite(f"{suite.origin} asks nothing")
    if len(suite.rules) > MOST_RULES:
        raise NotASuite(f"{suite.origin} has {len(suite.rules):,} rules, more than {MOST_RULES:,}")
    return compose(_numbered(suite))


def _numbered(suite: Suite) -> Suite:
    """Every demand knows the place of its rule."""
    rules = tuple(_with_number(rule, number) for number, rule in enumerate(suite.rules, 1))
    return msgspec.structs.replace(suite, rules=rules)


def _with_number(rule: Rule, number: int) -> Rule:
    demands = tuple(msgspec.structs.replace(demand, number=number) for demand in rule.demands)
    return msgspec.structs.replace(rule, demands=demands)
