"""A table of a PostgreSQL server in a project: checked where it stands in a run, looked at, and held against the champion's rows."""

import pytest
from loop import ASSAY_YAML, write_loop
from test_drift import days, drift_of, reports

NAME = "${WAREHOUSE}#public.train"
RULES = """\
          kind: str in [a, b]
        drift: {since: champion, batch: 1 day, window: 7 days, ignore: [id]}
"""


class Warehouse:
    """A project whose training data is a table."""

    def __init__(self, project, database) -> None:
        self.project, self.database = project, database
        write_loop(project)
        self.declare(RULES)
        database.execute("CREATE TABLE train (id int, day date, kind text, x float8, y float8)")

    def declare(self, rules: str) -> None:
        text = ASSAY_YAML.replace("          kind: str in [a, b]\n", rules)
        self.project.put("assay.yaml", text.replace("      train.csv:\n", f"      {NAME}:\n", 1))

    def holds(self, rows: str) -> None:
        import psycopg

        with psycopg.connect(self.database.address, autocommit=True) as connection:
            connection.execute("TRUNCATE train")
            with connection.cursor().copy("COPY train FROM STDIN (FORMAT csv, HEADER)") as copy:
                copy.write(rows)

    def assay(self, *words: str):
        return self.project.assay(*words, WAREHOUSE=self.database.address)


@pytest.fixture
def warehouse(project, database):
    return Warehouse(project, database)


def test_a_table_that_moved_since_the_champion_is_found_though_its_rows_are_gone(warehouse):
    warehouse.holds(days("2024-01-01", 40))
    first = warehouse.assay("run")
    assert first.code == 0, first.err
    assert warehouse.assay("release", "ls", "--json").json["releases"][0]["is_champion"]
    warehouse.holds(days("2024-03-01", 30, shift=25, first=5000))
    second = warehouse.assay("run", "Check")
    assert second.code == 0, second.err
    (before, now) = reports(warehouse.project)
    assert drift_of(before) == [(True, "drift: since champion", "no reference yet: there is no champion yet")]
    assert [(passed, rule) for passed, rule, _ in drift_of(now)] == [
        (False, "x: drift"),
        (False, "y: drift"),
        (True, "drift: since champion (public.train)"),
    ]
    assert drift_of(now)[0][2].startswith("median 3")
    assert "; since champion (public.train" in drift_of(now)[0][2]
    assert now["drift"]["reference_batches"] == 40


def test_what_is_new_in_a_table_is_accepted_and_passes(warehouse):
    warehouse.holds(days("2024-01-01", 3))
    warehouse.declare("          kind: str in [a]\n")
    broken = warehouse.assay("data", "check", "--json")
    assert broken.code == 4
    (finding,) = (each for each in broken.json["reports"][0]["findings"] if not each["passed"] and each["column"])
    assert finding["sample"][0].keys() == {"id", "day", "kind", "x", "y"}
    assert warehouse.assay("data", "check", "--accept").code == 4
    assert "          kind: str in [a, b]\n" in (warehouse.project.root / "assay.yaml").read_text()
    assert warehouse.assay("data", "check").code == 0


def test_a_table_is_looked_at_and_its_rules_are_inferred(warehouse):
    warehouse.holds(days("2024-01-01", 40))
    shown = warehouse.assay("data", "show", NAME, "--json")
    assert shown.code == 0, shown.err
    assert shown.json["rows"] == 1200
    assert [column["type"] for column in shown.json["columns"]] == ["int", "date", "str", "float", "float"]
    assert warehouse.assay("data", "infer", NAME, "--out", "rules.yaml").code == 0
    rules = (warehouse.project.root / "rules.yaml").read_text()
    assert "unique: [id]" in rules
    assert "kind: str in [a, b]" in rules
    assert warehouse.assay("data", "check", NAME, "--rules", "rules.yaml").code == 0


def test_a_table_and_a_file_are_compared_by_key(warehouse):
    rows = days("2024-01-01", 3)
    warehouse.holds(rows)
    warehouse.project.put("now.csv", rows.replace("\n7,2024-01-01,", "\n7,2024-01-09,").replace("\n89,", "\n90,"))
    answer = warehouse.assay("data", "diff", NAME, "now.csv", "--key", "id", "--json")
    assert answer.code == 0, answer.err
    by_key = answer.json["by_key"]
    assert [by_key[what] for what in ("added", "removed", "changed")] == [1, 1, 1]


def test_without_its_address_a_table_is_not_looked_for(warehouse):
    for words in (("run", "Check"), ("data", "show", NAME), ("data", "check")):
        answer = warehouse.project.assay(*words)
        assert answer.code != 0
        assert "the variable WAREHOUSE is not set" in answer.err
