"""A gate does not judge by a column that says what is to be predicted; nothing is recorded and nothing charged."""

import json
import sqlite3

import pytest
from loop import ASSAY_YAML, rows, write_loop

GATED = ASSAY_YAML[: ASSAY_YAML.index("watch:")]


def leaky(project, gate="", header="payment", cell=lambda y: f"{y * 100:.1f}"):
    """The gate's rows have a column that follows from the label."""
    write_loop(project)
    project.put("assay.yaml", GATED.replace("      data: gate.csv\n", f"      data: gate.csv\n{gate}"))
    head, *lines = rows(200, 2.0, start=1000).splitlines()
    told = [f"{line},{cell(float(line.rsplit(',', 1)[1]))}" for line in lines]
    project.put("gate.csv", "\n".join([f"{head},{header}", *told]) + "\n")
    return project


def problem_of(answer):
    return next(r["problem"] for r in answer.lines[-1]["results"] if r["step"] == "Gate")


def verdicts(project):
    with sqlite3.connect(project.root / ".assay/ledger.sqlite") as connection:
        return [row for row in connection.execute("select event from event") if '"judged"' in str(row[0])]


def test_the_gate_stops_names_the_column_and_charges_nothing(project):
    answer = leaky(project).assay("run", "--json")
    assert answer.code == 1
    problem = problem_of(answer)
    assert problem["code"] == "label-given-away"
    assert problem["what"] == "the model reads payment, which gives y away in gate.csv"
    assert "straight line" in problem["because"][0]
    assert "leakage: {allow: [payment]}" in problem["fix"]
    assert verdicts(project) == []


def test_what_is_known_before_the_label_may_be_allowed_and_is_no_other_question(project):
    assert leaky(project, "      leakage: {allow: [payment]}\n").assay("run").code == 0
    project.put("gate.csv", rows(200, 2.0, start=1000))
    project.put("assay.yaml", GATED)
    project.put("slope.txt", "1.99")
    project.assay("run", "--json")
    gates = {json.loads(row[0])["verdict"]["gate"] for row in verdicts(project)}
    assert len(gates) == 1


def test_a_sealed_gate_says_no_more_than_the_name(project):
    answer = leaky(project, "      reveal: verdict\n      detect: 1\n").assay("run", "--json")
    problem = problem_of(answer)
    assert problem["code"] == "label-given-away"
    assert problem["because"][0] == "how is not told: the gate is sealed"
    assert "straight" not in answer.out


@pytest.mark.parametrize("cell", [lambda y: "", lambda y: f"{y + hash(str(y)) % 7:.2f}", lambda y: int(y) // 30])
def test_other_columns_stop_nothing(project, cell):
    assert leaky(project, header="other", cell=cell).assay("run").code == 0


def test_checks_find_it_before_anything_is_trained(project):
    leaky(project)
    checked = "      gate.csv:\n        leakage: {label: y}\n        apart_from: [train.csv]\n"
    project.put("assay.yaml", GATED.replace("      train.csv:\n", f"{checked}      train.csv:\n"))
    answer = project.assay("run", "--json")
    assert answer.code == 4
    (problem,) = [r["problem"] for r in answer.lines[-1]["results"] if r["step"] == "Check"]
    assert "payment gives y away" in " ".join(problem["because"])
    assert "stand in train.csv" not in " ".join(problem["because"])


def test_a_query_that_is_not_there_is_told_where_the_file_names_it(project):
    write_loop(project)
    project.put("assay.yaml", GATED.replace("        rows: 10..\n", "        rules: {late: {sql: checks/late.sql}}\n"))
    answer = project.assay("plan")
    assert answer.code == 2
    assert "there is no file checks/late.sql" in answer.err + answer.out
    assert "query-not-found" in answer.err + answer.out


def test_a_query_that_may_not_be_asked_is_told_with_its_line(project):
    write_loop(project)
    project.put("assay.yaml", GATED.replace("        rows: 10..\n", "        rules: {late: {sql: checks/late.sql}}\n"))
    project.put("checks/late.sql", "-- rows that are late\nSELECT * FROM read_csv('gate.csv')\n")
    problem = next(r["problem"] for r in project.assay("run", "--json").lines[-1]["results"] if r["step"] == "Check")
    assert problem["code"] == "bad-query"
    assert problem["place"] == {"file": "checks/late.sql", "line": 2, "column": 15}
