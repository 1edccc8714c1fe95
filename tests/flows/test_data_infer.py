"""``assay data infer``: rules for review, which other months of the same data keep too."""

import csv
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from assay.check import check
from assay.check.infer import FoundKey, ProposedRules
from assay.cli.data_infer import infer
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.problem import UsageError
from assay.core.rules import Rules, parse_column
from assay.declare.rules_file import read_rules
from assay.flows.data_infer import infer as inferred
from assay.flows.demo.project import read_flights
from assay.flows.rules_text import rules_text
from assay.workspace import open_engine


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every month of real flights as a file."""
    folder = tmp_path_factory.mktemp("months")
    for month, rows in read_flights().items():
        with (folder / f"{month:02}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> str:
    done = CliRunner().invoke(infer, words, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.output


def failing_shares(path: Path, rules: Rules) -> dict[str, float]:
    dataset = Artifact(path.name, digest_of(b""), "file", 0)
    report = check(dataset, Files((path,)), rules, open_engine("duckdb"))
    return {each.rule: each.failing_rows / max(1, each.rows) for each in report.findings if not each.passed}


def test_rules_from_january_hold_for_the_rest_of_the_year(months):
    found = inferred(months, {}, ["01.csv"])
    assert found.unique == ("flight_id",)
    rules = Rules(columns=tuple(parse_column(each.name, each.line) for each in found.columns if each.line))
    assert len(rules.columns) == 10
    for month in range(2, 13):
        assert failing_shares(months / f"{month:02}.csv", rules) == {}


def test_rules_from_three_months_hold_for_the_rest_but_for_what_moves_with_the_season(months):
    found = inferred(months, {}, ["01.csv", "02.csv", "03.csv"])
    lines = {each.name: each.line for each in found.columns}
    assert "mean" in lines["air_time"]
    assert "mean" not in lines["flight_id"]
    rules = Rules(columns=tuple(parse_column(name, line) for name, line in lines.items()))
    for month in range(4, 13):
        assert max(failing_shares(months / f"{month:02}.csv", rules).values(), default=0) < 0.01


def test_every_line_says_what_it_was_inferred_from(months, monkeypatch):
    monkeypatch.chdir(months)
    text = run("01.csv")
    lines = [line for line in text.splitlines() if line.startswith("  ")]
    assert len(lines) == 10
    assert all("  # " in line and "4,000 rows" in line for line in lines)
    assert "distance: int 0.." in text
    assert "80..4983" not in text.split("#")[0]
    assert "# fresh: {time_hour: 2 days}" in text


def test_a_file_that_is_there_is_kept_unless_told_otherwise(months, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data, out = str(months / "01.csv"), "checks/flights.yaml"
    assert "10 lines to review" in run(data, "--out", out)
    assert Path(out).read_text() == run(data)
    Path(out).write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        run(data, "--out", out)
    assert Path(out).read_text() == "mine"
    run(data, "--out", out, "--force")
    assert Path(out).read_text() == run(data)
    assert [path.name for path in Path("checks").iterdir()] == ["flights.yaml"]


def test_a_key_of_several_columns_is_found_and_verified(tmp_path):
    rows = [(day, desk, day * 7 % 3) for day in range(40) for desk in range(30)]
    (tmp_path / "t.csv").write_text("day_nr,desk,x\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    assert inferred(tmp_path, {}, ["t.csv"]).unique == ("day_nr", "desk")
    (tmp_path / "u.csv").write_text("day_nr,desk,x\n" + "".join(f"{a},{b},{c}\n" for a, b, c in [*rows, rows[0]]))
    assert inferred(tmp_path, {}, ["u.csv"]).unique == ()
    assert inferred(tmp_path, {}, ["t.csv", "u.csv"]).unique == ()


def dirty(at: int) -> str:
    return "abc" if at % 25 == 0 else "N/A" if at % 29 == 1 else "" if at % 50 == 3 else str(18 + at % 60)


def test_a_column_of_which_nearly_all_is_of_a_type_gets_the_line_of_that_type(tmp_path):
    (tmp_path / "t.csv").write_text("id,age\n" + "".join(f"{at},{dirty(at)}\n" for at in range(500)))
    found = {each.name: each for each in inferred(tmp_path, {}, ["t.csv"]).columns}["age"]
    assert found.line.startswith("int? 0..")
    assert found.line.endswith("nulls <= 5%, allow 10%")
    assert 'are no int ("abc", "N/A")' in found.seen
    assert "age" not in " ".join(failing_shares(tmp_path / "t.csv", Rules(columns=(parse_column("age", found.line),))))


def test_a_single_text_makes_no_text_of_numbers(tmp_path):
    (tmp_path / "t.csv").write_text("x\n" + "\n".join([*map(str, range(1, 30_000)), "x"]) + "\n")
    (found,) = inferred(tmp_path, {}, ["t.csv"]).columns
    assert found.line == "int >= 0, allow 0.01%"


def test_batches_of_which_some_are_dirty_have_the_type_of_the_clean_ones(tmp_path):
    (tmp_path / "clean.csv").write_text("age\n" + "".join(f"{18 + at % 60}\n" for at in range(500)))
    (tmp_path / "dirty.csv").write_text("age\n" + "".join(f"{dirty(at) or 20}\n" for at in range(500)))
    assert inferred(tmp_path, {}, ["clean.csv", "dirty.csv"]).columns[0].line.startswith("int ")


def test_a_column_of_several_types_without_a_usual_one_gets_no_line(tmp_path):
    (tmp_path / "t.jsonl").write_text(
        "".join(f'{{"x": {at if at % 2 else chr(34) + "a" + chr(34)}}}\n' for at in range(300))
    )
    assert inferred(tmp_path, {}, ["t.jsonl"]).columns[0].line == ""


def write_scores(path: Path, *more: str) -> None:
    rows = [f"{at},{at / 7},{at % 7}" for at in range(2000)]
    path.write_text("id,score,grp\n" + "\n".join([*rows, *more]) + "\n")


def test_a_column_that_is_unique_but_for_a_row_is_told_and_no_odd_key_is_made_with_it(tmp_path):
    write_scores(tmp_path / "t.csv", "7,n/a,3")
    found = inferred(tmp_path, {}, ["t.csv"])
    assert found.unique == ()
    assert "# unique: [id]" in found.text
    assert "# id is unique but for 1 row\n" in found.text
    write_scores(tmp_path / "u.csv")
    assert inferred(tmp_path, {}, ["u.csv"]).unique == ("id",)
    assert "but for 1 row of all batches" in inferred(tmp_path, {}, ["u.csv", "t.csv"]).text


def test_it_is_said_whether_rows_are_those_of_a_file_or_of_all(tmp_path):
    for name in ("a.csv", "b.csv"):
        write_scores(tmp_path / name)
    assert "# of each file alone: seen 2,000 in each of 2 batches" in inferred(tmp_path, {}, ["a.csv", "b.csv"]).text
    assert "# of all 2 files together: seen 4,000" in inferred(tmp_path, {}, ["*.csv"]).text
    assert "  # seen 2,000\n" in inferred(tmp_path, {}, ["a.csv"]).text


NAMES_OF_YAML = [
    *("<<", "=", "~", "null", "yes", "no", "on", "off", "y", "n", "true", "False", "1", "1.5", "0x1f", "1e3"),
    *(
        ".inf",
        "-.nan",
        "2013-01-01",
        "12:30",
        "1_000",
        "-",
        "- a",
        "?",
        "? a",
        ":",
        "a: b",
        "a:",
        "#",
        "a #b",
        "*",
        "*a",
    ),
    *(
        "&a",
        "!",
        "!!str",
        "|",
        ">",
        "%",
        "@",
        "`",
        "'",
        '"',
        "it's",
        "[",
        "]",
        "a, b",
        "{",
        "}",
        "${x}",
        "---",
        "...",
        "\\",
    ),
    *(
        "columns",
        "rows",
        " a",
        "a ",
        "a.b",
        "Größe",
        "日本",
        " ",
        "\ufeffa",
        "a\tb",
        "a\nb",
        "\u2028",
        "\x7f",
        "\U0001f600",
    ),
]


def test_a_column_of_any_name_is_checked_under_the_rules_that_are_inferred(place):
    """Also under the names that YAML takes for itself."""
    columns = ", ".join(f'i AS "{name.replace(chr(34), chr(34) * 2)}"' for name in NAMES_OF_YAML)
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {columns} FROM range(20) AS t(i)) TO 't.parquet'")
    rules = read_rules(run("t.parquet").encode(), "rules.yaml").rules
    assert [rule.column for rule in rules.columns] == NAMES_OF_YAML
    assert failing_shares(Path("t.parquet"), rules) == {}


@pytest.mark.parametrize("name", NAMES_OF_YAML)
def test_a_key_of_any_name_reads_as_it_was_inferred(name):
    text = rules_text(ProposedRules("", "", (), ()), FoundKey((name, "b")), ())
    assert read_rules(text.encode(), "rules.yaml").rules.unique == ((name, "b"),)
