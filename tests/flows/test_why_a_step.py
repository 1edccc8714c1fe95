"""`assay why STEP` and `assay plan`: why it will run, was reused or was not, in one line each."""

import pytest

PIPELINE = """\
steps:
  - name: clean
    run: python clean.py
    inputs: [raw.csv, clean.py]
    outputs: [clean.csv]
  - name: count
    run: wc -l < clean.csv > count.txt
    inputs: [clean.csv]
    outputs: [count.txt]
"""


@pytest.fixture
def table(project):
    project.put("assay.yaml", PIPELINE)
    project.put("clean.py", "open('clean.csv', 'w').write(open('raw.csv').read())\n")
    project.put("raw.csv", "a,b\n" + "1,2\n" * 10)
    assert project.assay("run").code == 0
    return project


def test_a_changed_table_is_told_with_its_rows(table):
    table.put("raw.csv", "a,b\n" + "1,2\n" * 24)
    assert "; +14 rows\n" in table.assay("plan").out
    table.assay("run")
    answer = table.assay("why", "clean").out.splitlines()[0]
    assert answer.startswith("clean: ok: raw.csv changed: ")
    assert answer.endswith("; +14 rows (run 2)")


def test_a_table_with_as_many_rows_as_before_says_so(table):
    table.put("raw.csv", "a,b\n" + "1,3\n" * 10)
    assert "; 10 rows as before\n" in table.assay("plan").out


def test_a_step_that_was_reused_says_when_it_ran_and_why(table):
    table.assay("run")  # everything stands: the run lists nothing
    answer = table.assay("why", "count")
    assert answer.out.splitlines()[:2] == [
        "count: reused: nothing that it reads has changed (run 2)",
        " · it last ran in run 1: ok: it has not run yet",
    ]


def test_a_step_that_was_reused_in_a_run_of_others_says_so_too(table):
    table.put("assay.yaml", PIPELINE.replace("wc -l <", "wc -c <"))
    table.assay("run")
    assert table.assay("why", "clean").out.startswith("clean: reused: nothing that it reads has changed (run 2)\n")
    assert table.assay("why", "count").out.startswith("count: ok: its command changed")


def test_a_run_tells_the_inputs_of_what_it_reused(table):
    table.put("assay.yaml", PIPELINE.replace("wc -l <", "wc -c <"))
    table.assay("run")
    steps = table.assay("log", "2", "--json").json["steps"]
    clean = next(step for step in steps if step["step"] == "clean")
    assert clean["outcome"] == "reused"
    assert [artifact["path"] for artifact in clean["inputs"]] == ["raw.csv", "clean.py"]


def test_what_could_not_be_seen_of_a_step_is_told(table):
    assert "not traced: no Python process of it reported what it reads" in table.assay("why", "count").out
    assert "not traced" not in table.assay("why", "clean").out
    table.assay("run", "--trace", "off", "--force")
    assert "not traced: tracing was off" in table.assay("why", "clean").out


def test_attempts_memory_and_a_time_that_was_over_are_told(project):
    project.put(
        "assay.yaml",
        "steps:\n  - name: slow\n    run: sleep 100\n    timeout: 1s\n    retries: {attempts: 2, on: [timeout]}\n",
    )
    assert project.assay("run").code == 1
    said = project.assay("why", "slow").out
    assert "it took 2 attempts" in said
    assert "it was ended because its time was over" in said
    assert "CPU s and at most" in said
