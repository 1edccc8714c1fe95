"""A failure always says what is different from the last green run."""

import pytest

LIST = (
    "steps:\n  - {name: Check, run: python check.py, outputs: [clean.csv]}\n  - {name: Train, run: python train.py}\n"
)
CHECK = "open('clean.csv', 'w').write(open('raw.csv').read())\n"
TRAIN = "import helper\nassert len(open('clean.csv').read()) < 20, 'too long'\n"


@pytest.fixture
def green(project):
    """A project whose first run was green."""
    project.write(assay__yaml=LIST, raw__csv="a,b\n1,2\n", check__py=CHECK, train__py=TRAIN, helper__py="")
    assert project.assay("run").code == 0
    return project


def changes(project) -> list[str]:
    """What run 1 and the last one differ in, as it is told of the failed step."""
    results = project.assay("run", "--json").lines[-1]["results"]
    return next(result["problem"] for result in results if result["outcome"] == "failed")["changes"]


def test_code_and_data_are_told_with_rows_where_the_store_has_both(green):
    green.put("raw.csv", "a,b\n1,2\n3,4\n5,6\n7,8\n9,10\n")
    green.put("helper.py", "# edited\n")
    first, *rest = changes(green)
    assert first == "run 1, which was green:"
    assert [line.split(" ")[0].rstrip(",") for line in rest] == ["helper.py", "raw.csv", "clean.csv"]
    assert rest[2].startswith('clean.csv, which step "Check" writes, changed')
    assert rest[2].endswith("(+4 rows)")


def test_rows_that_a_check_had_counted_are_told_of_data_that_no_store_keeps(project):
    project.write(
        assay__yaml="steps:\n  - name: Look\n    check: {raw.csv: {columns: {a: int}}}\n  - {name: Train, run: python train.py}\n",
        raw__csv="a,b\n1,2\n",
        train__py="assert len(open('raw.csv').read()) < 20, 'too long'\n",
    )
    assert project.assay("run").code == 0
    project.put("raw.csv", "a,b\n" + "3,4\n" * 15)
    assert changes(project)[1].endswith("(+14 rows)")


@pytest.fixture
def checked(project):
    """A project that checks a dataset of two files."""
    project.put("day/1.csv", "a\n1\n3\n")
    project.put("day/2.csv", "a\n2\n3\n")

    def write(dataset: str, rules: str) -> None:
        project.write(assay__yaml=f"steps:\n  - name: Look\n    check: {{'{dataset}': {{{rules}}}}}\n")

    project.declare = write
    return project


@pytest.mark.parametrize("dataset", ["day", "day/", "day/*.csv"])
def test_of_a_dataset_of_several_files_new_files_and_rows_are_told(checked, dataset):
    checked.declare(dataset, "columns: {a: int 0..5}")
    assert checked.assay("run").code == checked.assay("run").code == 0
    checked.put("day/3.csv", "a\n7\n")
    first, line = changes(checked)
    assert first == "run 2, which was green:"
    assert line.startswith(f"{dataset.rstrip('/')} changed ")
    assert line.endswith("(+1 file, +1 row)")


@pytest.mark.parametrize("dataset", ["day", "day/*.csv"])
def test_a_changed_rule_is_told_though_the_last_green_run_reused_the_check(checked, dataset):
    checked.declare(dataset, "columns: {a: int 0..5}")
    assert checked.assay("run").code == checked.assay("run").code == 0
    checked.declare(dataset, "columns: {a: int 0..2}")
    assert changes(checked) == ["run 2, which was green:", 'a rule of step "Look": `a: int 0..5` -> `a: int 0..2`']


def test_a_changed_query_and_a_changed_set_are_told(checked):
    checked.put("q.sql", "SELECT * FROM data WHERE a > 5")
    checked.put("known.csv", "a\n1\n2\n3\n")
    checked.declare("day", "columns: {a: 'int in known.csv:a'}, rules: {q: {sql: q.sql}}")
    assert checked.assay("run").code == 0
    checked.put("q.sql", "SELECT * FROM data WHERE a > 2")
    checked.put("known.csv", "a\n1\n2\n")
    assert [line.split(" ")[0] for line in changes(checked)[1:]] == ["known.csv", "q.sql"]


def test_that_nothing_has_changed_is_told(green):
    green.environ["FAIL"] = "1"
    green.put("train.py", "import os\nassert 'FAIL' not in os.environ\n")
    green.environ.pop("FAIL")
    assert green.assay("run").code == 0
    green.environ["FAIL"] = "1"
    (line,) = changes(green)
    assert line.startswith("run 2, which was green: nothing has changed")


def test_a_failure_before_any_green_run_is_compared_with_nothing(project):
    project.write(assay__yaml="steps:\n  - {name: Train, run: 'false'}\n")
    assert changes(project) == []
    assert changes(project) == []


def test_a_run_records_the_machine_and_the_packages(green):
    green.put("helper.py", "raise ValueError('x')\n")
    assert not any("CPUs" in line or "machine" in line for line in changes(green))
    assert "since    run 1, which was green:" in green.assay("why").out


def test_a_file_of_selected_parameters_that_was_read_then_too_is_not_told_as_new(project):
    step = "{name: Train, run: python train.py, params: [rate], outputs: [model.txt]}"
    project.write(
        assay__yaml=f"steps:\n  - {step}\n",
        params__yaml="rate: 1\nother: 2\n",
        train__py="rate = open('params.yaml').read()\nopen('model.txt', 'w').write(rate)\n",
    )
    assert project.assay("run").code == 0
    project.put("train.py", "rate = open('params.yaml').read()\nprint({}['rates'])\n")
    told = changes(project)
    assert [line.split(" ")[0] for line in told[1:]] == ["train.py"]


def failed_with(project) -> str:
    """What is said of the step that failed in a run."""
    results = project.assay("run", "--json").lines[-1]["results"]
    told = next(result["problem"] for result in results if result["outcome"] == "failed")
    return "\n".join([told["what"], *told["because"], told["fix"]])


def test_a_module_of_the_project_that_was_renamed_is_not_to_be_installed(green):
    (green.root / "helper.py").rename(green.root / "helpers.py")
    said = failed_with(green)
    assert "run 1, which was green, read helper.py, and it is gone" in said
    assert "import helpers at train.py:1" in said
    assert "pip" not in said


def test_a_module_of_the_project_that_was_removed_is_to_be_put_back(green):
    (green.root / "helper.py").unlink()
    said = failed_with(green)
    assert "put helper.py back" in said
    assert "pip" not in said


def test_a_module_that_git_has_is_known_without_a_green_run(project):
    project.write(
        assay__yaml="steps:\n  - {name: Train, run: python train.py}\n", train__py="import helper\n", helper__py=""
    )
    project.git("init", "-q")
    project.git("add", ".")
    (project.root / "helper.py").unlink()
    said = failed_with(project)
    assert "git has helper.py, and it is gone" in said
    assert "git restore helper.py" in said
