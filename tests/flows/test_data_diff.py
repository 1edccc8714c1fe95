"""``assay data diff``: columns, distributions, and rows by key."""

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from assay.cli.data_diff import diff
from assay.cli.terminal_lines import cells
from assay.core.problem import EvidenceError

ROWS = "SELECT i AS id, i % 5 AS n, i / 4 AS x, 'v' || i % 3 AS t, TIMESTAMP '2013-01-01' + INTERVAL (i) HOUR AS at FROM range(400) AS r(i)"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(ROWS, "a.parquet")
    return tmp_path


def write(query: str, name: str) -> None:
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.execute(f"COPY ({query}) TO '{name}'")


def run(*words: str, width: int = 80) -> Result:
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(diff, words, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done


def found(*words: str) -> dict:
    return json.loads(run(*words, "--json").output)


@pytest.mark.parametrize("name", ["b.csv", "b.parquet"])
@pytest.mark.parametrize("key", [(), ("--key", "id")])
def test_the_same_rows_in_another_order_and_format_are_equal(name, key):
    write(f"SELECT * FROM ({ROWS}) ORDER BY id DESC", name)
    done = run("a.parquet", name, *key, "--exit-code")
    assert "the same 400 rows in 5 columns" in done.output
    assert done.return_value == 0


def test_one_is_one_however_it_is_written():
    Path("a.csv").write_text("id,v,w\n1,1,1.50\n2,2,\n")
    Path("b.jsonl").write_text('{"id": 1.0, "v": "1", "w": 1.5}\n{"id": 2, "v": "2.0", "w": null}\n')
    write("SELECT * FROM (VALUES ('1', 1.0::DOUBLE, 1.5::DECIMAL(9,2)), ('2.0', 2, NULL)) AS t(id, v, w)", "c.parquet")
    for other in ("b.jsonl", "c.parquet"):
        assert found("a.csv", other, "-k", "id")["is_equal"], other


def test_rows_are_told_by_key():
    write(f"SELECT * REPLACE (CASE WHEN id < 3 THEN NULL ELSE x END AS x), 1 AS extra FROM ({ROWS}) WHERE id <> 7 UNION ALL SELECT 1000, 1, 2, 'new', NULL, 1", "b.parquet")  # fmt: skip
    seen = found("a.parquet", "b.parquet", "--key", "id")
    joined = seen["by_key"]
    assert (joined["added"], joined["removed"], joined["changed"], joined["same"]) == (1, 1, 3, 396)
    assert joined["columns"] == [{"name": "x", "rows": 3}]
    assert joined["first_changed"][1] == {"key": {"id": 1}, "before": {"x": 0.25}, "after": {"x": None}}
    assert joined["first_added"][0]["t"] == "new"
    assert joined["first_removed"][0]["at"] == "2013-01-01T07:00:00"
    assert seen["added_columns"] == ["extra"]
    text = run("a.parquet", "b.parquet", "--key", "id").output
    for line in ("+ column extra", "changed  x in 3", "+ id 1000", "- id 7", "~ id 1: x 0.25 -> NULL"):
        assert line in text


def test_differences_end_with_exit_code_8_where_that_is_asked():
    write(f"{ROWS} WHERE i > 3", "b.parquet")
    assert run("a.parquet", "b.parquet").return_value == 0
    assert run("a.parquet", "b.parquet", "--exit-code").return_value == 8


def test_distributions_are_compared():
    write(f"SELECT * REPLACE (x + 50 AS x, 'v0' AS t) FROM ({ROWS})", "b.parquet")
    columns = {each["name"]: each for each in found("a.parquet", "b.parquet")["columns"]}
    assert columns["id"]["distance"] == 0
    assert columns["x"]["measure"] == "ks"
    assert columns["x"]["distance"] == pytest.approx(0.5, abs=0.01)
    assert columns["t"]["measure"] == "tv"
    assert columns["t"]["distance"] == pytest.approx(266 / 400)
    assert columns["t"]["is_exact"]


def test_a_key_is_found_where_that_is_asked():
    write(f"{ROWS} WHERE i > 3", "b.parquet")
    assert found("a.parquet", "b.parquet")["by_key"] is None
    assert found("a.parquet", "b.parquet", "--find-key")["by_key"]["key"] == ["id"]


def test_the_key_of_the_projects_rules_is_taken():
    Path("assay.yaml").write_text(
        "steps:\n  - name: Check\n    check:\n      a.parquet: {unique: [id], columns: {id: int}}\n"
    )
    assert found("a.parquet", "a.parquet")["by_key"]["key"] == ["id"]


@pytest.mark.parametrize(("key", "said"), [("n", "repeat an earlier key"), ("idd", "did you mean id")])
def test_a_key_by_which_rows_cannot_be_joined_is_refused(key, said):
    with pytest.raises(EvidenceError, match=said):
        run("a.parquet", "a.parquet", "--key", key)


def test_columns_that_cannot_be_counted_are_compared_all_the_same():
    rows = "SELECT i AS id, [i] AS l, {'k': i} AS s, 'x'::BLOB AS b, NULL::INT AS n FROM range(5) AS r(i)"
    write(rows, "c.parquet")
    write(f"SELECT * REPLACE ([9] AS l) FROM ({rows})", "d.parquet")
    assert found("c.parquet", "c.parquet")["is_equal"]
    joined = found("c.parquet", "d.parquet", "-k", "id")["by_key"]
    assert joined["columns"] == [{"name": "l", "rows": 5}]


def test_tables_without_rows_or_common_columns_are_compared():
    write(f"{ROWS} LIMIT 0", "none.parquet")
    write("SELECT 1 AS other", "other.parquet")
    assert found("none.parquet", "none.parquet")["is_equal"]
    assert found("none.parquet", "a.parquet", "-k", "id")["by_key"]["added"] == 400
    assert not found("a.parquet", "other.parquet")["is_equal"]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    write(
        f"SELECT * REPLACE (repeat('日本', 99) AS t), 1 AS \"{'long name ' * 9}\" FROM ({ROWS}) WHERE id > 3",
        "b.parquet",
    )
    lines = run("a.parquet", "b.parquet", "-k", "id", width=width).output.splitlines()
    assert max(map(cells, lines)) <= width
