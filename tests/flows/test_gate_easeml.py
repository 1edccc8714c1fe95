"""``assay gate easeml``: the cases of the gate, what a person reads, files of ease.ml/ci, and mistakes in either."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from assay.cli.easeml import easeml
from assay.core.problem import AssayError, DeclarationError, UsageError, describe
from assay.explain.codes import page

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "unit/judge/gate_cases.json").read_text("utf-8"))["cases"]
}
FILE = """\
language: python
script: pytest
ml:
- script : ./evaluate_model.py
- condition : n - o > 0.1 +/- 0.1
- reliability: 0.99
- mode : fp-free
- adaptivity : full
- steps : 32
- data_mode : local
- email: someone@example.com
"""


def typed(*words):
    """What the command prints."""
    done = CliRunner().invoke(easeml, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def answer(*words):
    return json.loads(typed(*words, "--json"))


def refused(*words):
    """The error of ours that the command ends with."""
    error = CliRunner().invoke(easeml, [str(word) for word in words]).exception
    assert isinstance(error, AssayError)
    assert page(error.problem.code)
    return error


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / ".easeml.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("name", ["p07-easeml-f1", "p08-easeml-bennett"])
def test_the_acceptance_cases_come_out(name):
    case = CASES[name]
    options = [word for key, value in case["input"].items() for word in (f"--{key.replace('_', '-')}", value)]
    found = answer(case["gate"][0].removeprefix("easeml: "), *options)
    expected = case["expect"]
    assert found["schema"] == "assay.easeml/1"
    assert abs(found["labels"] - expected["labels"]) <= expected["abs_tol"]
    assert found["active_labels_per_commit"] == expected.get("active_labels_per_commit")
    assert found["assay"]


def test_the_first_line_is_the_answer_and_assays_own_labels_stand_below():
    lines = typed(
        "d < 0.1 +/- 0.01 /\\ n - o > 0.02 +/- 0.01", "--estimator", "bennett", "--variance-bound", "0.1"
    ).splitlines()
    assert lines[0] == "67,706 labels for 32 commits at reliability 0.9999, by ease.ml/ci's formulas"
    assert "2,189 for one commit, if only rows on which the models differ are labelled" in lines[1]
    assert any(line.split("  ")[0].strip() == "accuracy > champion.accuracy + 0.02" for line in lines)
    assert any("d < 0.1 +/- 0.01: no sentence; disagreement is reported" in line for line in lines)
    assert any("Power 0.9 is a weaker promise" in line for line in lines)
    assert any("Bennett's bound is told how often the models differ" in line for line in lines)


def test_fn_free_says_what_its_sentences_do_not_promise():
    said = typed("n > 0.8 +/- 0.05", "--mode", "fn-free", "--steps", "1")
    assert "no accuracy < 0.8" in said
    assert "ease.ml/ci's holds for all commits together" in said
    assert "for 1 commit " in said


def test_a_condition_about_disagreement_alone_is_said_to_need_rows_and_no_labels():
    said = typed("d < 0.1 +/- 0.05")
    assert said.startswith("6,279 rows, which need no labels, for 32 commits")
    assert "Assay's own test" not in said


def test_a_file_of_ease_ml_is_read_and_the_rest_of_it_is_left_alone(file):
    found = answer("--file", file(FILE))
    assert found["labels"] == 5_496
    assert found["settings"]["condition"] == "n - o > 0.1 +/- 0.1"


def test_the_command_line_goes_before_the_file(file):
    assert answer("--file", file(FILE), "--adaptivity", "firstChange")["labels"] == 1_753


@pytest.mark.parametrize(
    ("said", "read"), [("none -> team@example.com", "none"), ("hybrid", "firstChange"), ("firstChange", "firstChange")]
)
def test_the_spellings_of_adaptivity_are_known(file, said, read):
    assert answer("--file", file(FILE.replace("full", said)))["settings"]["adaptivity"] == read


def test_ml_may_be_a_mapping(file):
    assert answer("--file", file("ml:\n  condition: n > 0.8 +/- 0.05\n"))["labels"] == 6_279


def test_every_mistake_of_a_file_is_told_at_once_with_its_place(file):
    path = file(
        "ml:\n- condition: n - o > 0.02\n- relaibility: 0.99\n- mode: fpfree\n- steps: 3.5\n- steps: [1]\n- reliability: high\n"
    )
    error = refused("--file", path)
    assert isinstance(error, DeclarationError)
    told = [(problem.place.line, problem.place.column, problem.code) for problem in error.problems]
    assert told == [
        (2, 26, "bad-easeml-condition"),
        (3, 16, "bad-easeml-file"),
        (4, 9, "bad-easeml-file"),
        (5, 10, "bad-easeml-file"),
        (6, 10, "bad-easeml-file"),
        (6, 10, "bad-easeml-file"),
        (7, 16, "bad-easeml-file"),
    ]
    assert "did you mean reliability?" in error.problems[1].fix
    assert "did you mean fp-free?" in error.problems[2].fix


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ml:\n",
        "ml: 3\n",
        "ml: [1]\n",
        "- ml\n",
        "ml:\n- mode: fp-free\n",
        "ml: [\n",
        "a: !!python/name:os.system\n",
        "[" * 5000,
    ],
)
def test_a_file_without_a_section_that_reads_is_refused(file, text):
    assert refused("--file", file(text)).problem.code == "bad-easeml-file"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "cannot be read" in refused("--file", tmp_path / "none.yml").problem.what


def test_a_mistake_in_the_condition_is_pointed_at():
    error = refused("n > 0.8 +/- 0.05 and N < 0.3 +/- 0.1")
    assert isinstance(error, UsageError)
    assert describe(error.problem).splitlines() == [
        "the condition does not read",
        "  because  n > 0.8 +/- 0.05 and N < 0.3 +/- 0.1",
        "                                ^ expected a variable (n: new accuracy, o: old, d: share that differs; did you mean n?)",
        "  fix      write it like `n - o > 0.02 +/- 0.01 /\\ d < 0.1 +/- 0.01`",
        "  code     bad-easeml-condition",
    ]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--reliability", 1),
        ("--reliability", 0.5),
        ("--steps", 0),
        ("--steps", 1_000_001),
        ("--variance-bound", 0),
        ("--variance-bound", 1.5),
    ],
)
def test_a_number_out_of_range_is_refused_with_the_range(option, value):
    problem = refused("n > 0.8 +/- 0.05", option, value).problem
    assert problem.code == "bad-easeml-setting"
    assert option.removeprefix("--") in problem.what


@pytest.mark.parametrize("option", ["--reliability", "--variance-bound"])
def test_a_share_is_a_number_or_a_percentage(project, option):
    asked = (
        "gate",
        "easeml",
        "n - o > 0.02 +/- 0.01",
        "--estimator",
        "bennett",
        "--variance-bound",
        "0.1",
        "--json",
        option,
    )
    value, percent = ("0.999", "99.9%") if option == "--reliability" else ("0.1", "10%")
    assert project.assay(*asked, percent).json["labels"] == project.assay(*asked, value).json["labels"]
    assert project.assay(*asked, "nan").code == 2


def test_bennett_without_a_bound_is_refused_with_what_is_missing():
    problem = refused("n - o > 0.02 +/- 0.01", "--estimator", "bennett").problem
    assert problem.code == "variance-bound-missing"
    assert "--variance-bound" in problem.fix


@pytest.mark.parametrize("words", [[], ["n > 0.8 +/- 0.05", "--file", "x.yml"]])
def test_a_condition_or_a_file_is_asked_for(words):
    assert CliRunner().invoke(easeml, words).exit_code == 2


def rows_of_the_table():
    """The table of published numbers in the how-to, as (what to type, computed, Assay's two columns)."""
    page_text = (Path(__file__).parents[2] / "docs/how-to/import-easeml.md").read_text("utf-8")
    for line in page_text.partition("## The published numbers")[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("| `"):
            continue
        _, condition, how = cells[0].split("`")
        adaptivity, steps = cells[2].split(", ")
        words = [condition, "--reliability", cells[1], "--adaptivity", adaptivity, "--steps", steps]
        words += ["--variance-bound", "0.1"] if "0.1" in how or "Bennett" in how else []
        words += ["--estimator", "bennett"] if "Bennett" in how else []
        yield words, *(int(cell.replace(",", "")) for cell in cells[4:])


def test_the_table_of_the_how_to_is_what_the_command_says():
    rows = list(rows_of_the_table())
    assert len(rows) == 9
    for words, computed, at_90, at_reliability in rows:
        found = answer(*words)
        (own,) = (each for each in found["assay"] if each["sentence"])
        assert found["labels"] == computed
        assert own["labels"] == pytest.approx(at_90, rel=0.01)
        assert own["labels_at_reliability"] == pytest.approx(at_reliability, rel=0.01)
