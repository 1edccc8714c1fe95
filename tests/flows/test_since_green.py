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
