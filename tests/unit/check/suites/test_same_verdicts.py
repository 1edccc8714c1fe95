"""What the real tools said of small tables, and what the imported rules say: the same, or more, or what their note tells.

The rules are asked here in the plainest way, a query each, and not by Assay's engine, which is held to them elsewhere.
"""

import json
from collections import Counter

import duckdb
import pytest
from suites_written import FIXTURES

from assay.check.suites import read_suite
from assay.check.suites.sql_text import among, matched, name, within
from assay.core.rules import parse_column, parse_rows, parse_tolerance
from assay.core.rules.pattern import parse_pattern, spelt


@pytest.fixture
def database():
    with duckdb.connect() as opened:
        yield opened


class Table:
    """A small table in DuckDB."""

    def __init__(self, database, columns, rows):
        self.database = database
        self.database.execute(f"create or replace table t ({columns})")
        self.rows = len(rows)
        self.database.executemany(f"insert into t values ({', '.join('?' * len(rows[0]))})", rows)

    def ask(self, query):
        return self.database.execute(f"select {query} from t").fetchone()[0]

    def failing(self, given, holds):
        return self.ask(f"count(*) filter (where ({given or 'true'}) and not ({holds}))")

    def passes(self, found):
        counted = not found.rows or self.ask(within("count(*)", parse_rows(found.rows)))
        keys = (self.ask(f"count(*) - count(distinct row({', '.join(map(name, key))}))") == 0 for key in found.unique)
        lines = (self.passes_line(parse_column(each.column, each.line)) for each in found.columns)
        rules = (self.within(self.failing(each.given, each.holds), each.allow) for each in found.rules)
        return bool(counted and all(keys) and all(lines) and all(rules))

    def within(self, failing, allow):
        share = parse_tolerance(allow).share if allow else 0
        return failing <= (share or 0) * self.rows + 1e-9

    def passes_line(self, rule):
        column = name(rule.column)
        sides = [
            None if rule.nullable else f"{column} is not null",
            rule.bounds and within(column, rule.bounds),
            rule.one_of and among(column, rule.one_of),
            rule.length and within(f"length({column})", rule.length),
            rule.pattern and matched(column, spelt(parse_pattern(rule.pattern), "re2")),
        ]
        holds = " and ".join(f"coalesce({side}, true)" for side in sides if side) or "true"
        nulls = self.ask(f"count(*) filter (where {column} is null)")
        of_all = [("avg", rule.mean), ("stddev_samp", rule.stddev)]
        return (
            self.failing("", holds) <= (rule.allow.share or 0) * self.rows + 1e-9
            and nulls <= (1 if rule.max_null_share is None else rule.max_null_share) * self.rows + 1e-9
            and (not rule.is_unique or self.ask(f"count({column}) - count(distinct {column})") == 0)
            and all(
                self.ask(f"coalesce({within(f'{what}({column})', bounds)}, true)") for what, bounds in of_all if bounds
            )
        )


def test_great_expectations_and_the_imported_rules_agree(database):
    seen = Counter()
    for line in (FIXTURES / "verdicts-gx.jsonl").read_text().splitlines():
        told = json.loads(line)
        table = Table(database, "a double, b double, c double, s varchar", told["rows"])
        for type_, keys, passes in told["verdicts"]:
            found = read_suite({"expectations": [{"type": type_, "kwargs": keys}]})
            if found.is_empty or found.left:
                assert "mostly" in found.left[0].because
                continue
            ours, notes = table.passes(found), {each.note for each in found.carried}
            if passes and not ours:
                assert notes == {"rows whose key is NULL count too"}
            if ours and not passes:
                assert notes == {"a column without a single value passes"}
                assert table.ask(f"count({name(keys['column'])})") < 2
            seen[passes, ours] += 1
    assert seen[True, True] > 150
    assert seen[False, False] > 150
    assert seen[True, False] + seen[False, True] < 15


@pytest.mark.parametrize("kind", ["double", "varchar"])
def test_pandera_and_the_imported_rules_agree(database, kind):
    seen = Counter()
    for line in (FIXTURES / "verdicts-pandera.jsonl").read_text().splitlines():
        values, schema, passes = json.loads(line)
        if (schema["columns"]["x"]["dtype"] == "object") == (kind == "varchar"):
            found = read_suite(schema)
            assert found.left == ()
            assert Table(database, f"x {kind}", [[value] for value in values]).passes(found) == passes
            seen[passes] += 1
    assert min(seen.values()) > 15
