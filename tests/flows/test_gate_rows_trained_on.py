"""A model is not judged on rows that it was trained on, under whatever name and in whatever format they were read."""

import json

import duckdb
import pytest
from loop import TRAIN, rows, write_loop


def gate_result(project):
    results = project.assay("run", "--json").lines[-1]["results"]
    return next(result for result in results if result["step"] == "Gate")


def warnings_of(result):
    return [warning["code"] for warning in result["warnings"]]


def replace(project, path, old, new):
    text = (project.root / path).read_text()
    assert old in text
    project.put(path, text.replace(old, new))


def without_id(text: str) -> str:
    return "".join(line.partition(",")[2] + "\n" for line in text.splitlines())


def declare_no_id(project):
    """Nothing names a row, so nothing is watched either."""
    replace(project, "assay.yaml", "  id: id\n", "")
    replace(project, "assay.yaml", "        unique: [id]\n", "")
    text = (project.root / "assay.yaml").read_text()
    project.put("assay.yaml", text[: text.index("watch:")])


def lines_of(text: str, start: int, stop: int) -> str:
    """Rows of a CSV, without its header."""
    return "".join(line + "\n" for line in text.splitlines()[1:][start:stop])


@pytest.fixture
def loop(project):
    """A loop whose gate judges each time: nothing is released, so no model is the champion's already."""
    write_loop(project)
    replace(project, "assay.yaml", "  - name: Release\n    release: {}\n  - name: Deploy\n    deploy: {}\n", "")
    return project


def read_in_training(project, name):
    """Training reads that file, which nothing declares."""
    project.put("train.py", f"open({name!r}, 'rb').read()\n" + TRAIN)


def test_rows_that_nothing_trained_on_are_judged_without_a_word(loop):
    result = gate_result(loop)
    assert (result["outcome"], result["warnings"]) == ("ok", [])


def test_three_rows_of_the_gate_among_the_training_rows_refuse_and_charge_nothing(loop):
    gate = (loop.root / "gate.csv").read_text()
    loop.put("train.csv", rows(200, 2.0) + lines_of(gate, 4, 7))
    problem = gate_result(loop)["problem"]
    assert problem["code"] == "gate-rows-trained-on"
    assert problem["what"] == "the model was trained on 3 of the gate's 200 rows (1.5 %)"
    assert problem["because"][0] == 'step "Train" read train.csv, which holds 3 of the rows of gate.csv'
    assert "id 1004, day 2024-01-01" in problem["because"][1]
    assert problem["because"][-1] == "no verdict was given"
    assert not [entry for entry in exported(loop) if "judged" in entry.lower()]


def exported(project) -> list[str]:
    return project.assay("ledger", "export").out.splitlines()


def test_the_id_of_a_row_at_another_time_is_another_row(loop):
    gate = (loop.root / "gate.csv").read_text()
    loop.put("train.csv", rows(200, 2.0) + lines_of(gate, 4, 7).replace("2024-01-01", "2023-12-01"))
    assert gate_result(loop)["outcome"] == "ok"


def test_a_changed_copy_of_the_gates_rows_in_parquet_is_found_in_what_was_only_seen_to_be_read(loop):
    query = f"SELECT * FROM read_csv('{loop.root}/gate.csv') ORDER BY random() LIMIT 20"
    duckdb.sql(query).write_parquet(str(loop.root / "extra.parquet"))
    read_in_training(loop, "extra.parquet")
    problem = gate_result(loop)["problem"]
    assert problem["code"] == "gate-rows-trained-on"
    assert 'step "Train" read extra.parquet' in problem["because"][0]


def test_other_lines_ends_and_orders_do_not_hide_a_copy(loop):
    header, *lines = (loop.root / "gate.csv").read_text().splitlines()
    loop.put("copy.csv", "\r\n".join([header, *reversed(lines)]) + "\r\n")
    read_in_training(loop, "copy.csv")
    assert gate_result(loop)["problem"]["code"] == "gate-rows-trained-on"


PREPARE = """\
header, *lines = open("all.csv").read().splitlines(keepends=True)
open("train.csv", "w").writelines([header, *lines[:200]])
open("gate.csv", "w").writelines([header, *lines[{first}:]])
"""
PREPARED = """\
steps:
  - name: Look
    run: python -c "print(len(open('all.csv').read()))"
    inputs: [all.csv]
  - name: Prepare
    run: python prepare.py
    inputs: [all.csv, prepare.py]
    outputs: [train.csv, gate.csv]
"""


@pytest.mark.parametrize(("first", "outcome"), [(200, "ok"), (190, "failed")])
def test_a_split_is_held_to_its_parts_and_not_to_the_whole(loop, first, outcome):
    loop.put("all.csv", rows(400, 2.0))
    loop.put("prepare.py", PREPARE.format(first=first))
    replace(loop, "assay.yaml", "steps:\n", PREPARED)
    result = gate_result(loop)
    assert (result["outcome"], warnings_of(result)) == (outcome, [])


def test_without_an_id_a_gate_of_rows_that_were_trained_on_is_refused(loop):
    declare_no_id(loop)
    gate = rows(200, 2.0, start=1000)
    loop.put("gate.csv", without_id(gate))
    loop.put("train.csv", without_id(rows(200, 2.0) + lines_of(gate, 0, 100)))
    problem = gate_result(loop)["problem"]
    assert problem["code"] == "gate-rows-trained-on"
    assert "compared by day, kind, x, y" in problem["because"][1]


def test_without_an_id_rows_of_a_small_table_are_alike_and_only_told(loop):
    declare_no_id(loop)
    cells = ((n % 5, 2 * (n % 5) + n % 3 - 1) for n in range(200))
    alike = "day,kind,x,y\n" + "".join(f"2024-01-01,a,{x},{y}\n" for x, y in cells)
    loop.put("gate.csv", alike)
    loop.put("train.csv", alike.replace("\n2024-01-01,a,0,-1", "", 1))
    result = gate_result(loop)
    assert (result["outcome"], warnings_of(result)) == ("ok", ["gate-rows-alike", "gate-rows-repeated"])


def test_ids_without_a_label_are_told_of_and_not_refused(loop):
    ids = [line.split(",")[0] for line in (loop.root / "gate.csv").read_text().splitlines()]
    loop.put("people.csv", "".join(f"{name},{'city' if name == 'id' else 'Rome'}\n" for name in ids))
    read_in_training(loop, "people.csv")
    result = gate_result(loop)
    assert (result["outcome"], warnings_of(result)) == ("ok", ["gate-rows-read"])


def test_what_cannot_be_compared_is_told(loop):
    loop.put("old.csv", "id,x,y\n1,2\n")
    read_in_training(loop, "old.csv")
    (warning,) = gate_result(loop)["warnings"]
    assert warning["code"] == "gate-rows-not-compared"
    assert warning["what"] == "gate.csv could not be held against some of what the model was trained on"
    assert '"Train" read old.csv: line 2' in warning["because"][0]


def test_a_model_that_was_trained_on_no_table_is_told_of(loop):
    replace(loop, "assay.yaml", "inputs: [train.csv, slope.txt]", "inputs: [slope.txt]")
    (warning,) = gate_result(loop)["warnings"]
    assert warning["code"] == "gate-rows-not-compared"
    assert warning["because"] == ["no table with the label or the id was seen to be read by Train"]


def test_rows_that_change_while_they_are_scored_are_not_judged(loop):
    body = (loop.root / "predict.py").read_text()
    gate = str(loop.root / "gate.csv")
    loop.put("predict.py", body + f"\nopen({json.dumps(gate)}, 'a').write('9999,2024-01-01,a,1.0,2.0\\n')\n")
    problem = gate_result(loop)["problem"]
    assert problem["code"] == "gate-data-changed"
    assert problem["because"][-1] == "no verdict was given"


# ---- copies within the gate's rows -------------------------------------------------------------------------------------------


def copied(text: str, times: int) -> str:
    """The rows of a CSV so many times, each under an id of its own."""
    header, *lines = text.splitlines()
    rest = [line.partition(",")[2] for line in lines]
    return "\n".join([header, *(f"{at},{row}" for at, row in enumerate(rest * times, start=5000))]) + "\n"


def test_copies_under_new_ids_are_no_evidence_and_every_report_says_so(loop):
    once = loop.assay("run", "--json").lines[-1]
    assert next(each for each in once["results"] if each["step"] == "Gate")["outcome"] == "ok"
    loop.put("gate.csv", copied((loop.root / "gate.csv").read_text(), 3))
    result = gate_result(loop)
    assert (result["outcome"], warnings_of(result)) == ("failed", ["gate-rows-copied"])
    assert "take the copies out" in result["problem"]["fix"]
    what = "400 of the 600 labelled rows are a copy of an earlier one"
    assert what in result["problem"]["because"]
    told = loop.assay("gate")
    assert "UNDECIDED" in told.out
    assert what in " ".join(told.out.split())
    assert what in (loop.root / ".assay/runs/2/gate.md").read_text("utf-8")
    assert what in (loop.root / ".assay/runs/2/gate.html").read_text("utf-8")
    assert what in " ".join(loop.assay("why").out.split())


def test_rows_of_one_group_may_be_equal(loop):
    loop.put("gate.csv", copied((loop.root / "gate.csv").read_text(), 3))
    header, *lines = (loop.root / "gate.csv").read_text().splitlines()
    grouped = [f"{header},origin", *(f"{line},{at % 200}" for at, line in enumerate(lines))]
    loop.put("gate.csv", "\n".join(grouped) + "\n")
    replace(loop, "assay.yaml", "      data: gate.csv\n", "      data: gate.csv\n      group: origin\n")
    result = gate_result(loop)
    assert (result["outcome"], result["warnings"]) == ("ok", [])


# ---- trained on under new ids ------------------------------------------------------------------------------------------------


def renumbered(text: str) -> str:
    return copied(text, 1)


def test_a_gate_that_was_trained_on_under_new_ids_is_refused(loop):
    gate = renumbered((loop.root / "gate.csv").read_text())
    loop.put("train.csv", rows(200, 2.0) + lines_of(gate, 0, 200))
    problem = gate_result(loop)["problem"]
    assert problem["code"] == "gate-rows-trained-on"
    assert problem["what"] == "the model was trained on 200 of the gate's 200 rows (100 %)"
    assert "compared by kind, x, y, whatever their ids are; more are equal" in problem["because"][1]
    assert not [entry for entry in exported(loop) if "judged" in entry.lower()]


def test_a_few_equal_rows_under_new_ids_are_told(loop):
    gate = renumbered((loop.root / "gate.csv").read_text())
    loop.put("train.csv", rows(200, 2.0) + lines_of(gate, 0, 4))
    result = gate_result(loop)
    assert (result["outcome"], warnings_of(result)) == ("ok", ["gate-rows-alike"])
    assert "4 of the gate's 200 rows" in result["warnings"][0]["what"]


def test_ids_say_that_the_rows_of_a_small_table_are_different(loop):
    cells = [(n % 5, 2 * (n % 5) + n % 3 - 1) for n in range(400)]
    alike = [f"{n},2024-01-01,a,{x},{y}" for n, (x, y) in enumerate(cells)]
    for name, part in (("train.csv", alike[:200]), ("gate.csv", alike[200:])):
        loop.put(name, "\n".join(["id,day,kind,x,y", *part]) + "\n")
    result = gate_result(loop)
    assert (result["outcome"], result["warnings"]) == ("ok", [])


def test_the_same_customers_in_another_month_are_other_rows(loop):
    gate = (loop.root / "gate.csv").read_text()
    loop.put("train.csv", gate.replace("2024-01-01", "2023-12-01"))
    result = gate_result(loop)
    assert (result["outcome"], warnings_of(result)) == ("ok", ["gate-rows-alike"])
    assert "they differ in day" in result["warnings"][0]["because"][0]
