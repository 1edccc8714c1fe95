"""Wrong input gets a clear error: what, because, fix, code. The whole message is agreed on in tests/snapshots/bad_input."""

import re
import sqlite3

import pytest
from loop import write_loop

STEP = "steps:\n  - name: Train\n    run: python train.py\n"


@pytest.mark.parametrize(
    "name, text",
    [
        ("not_yaml", "steps:\n  - name: 'Train\n    run: x\n"),
        ("unknown_key", STEP.replace("run:", "rnu:")),
        ("wrong_type", "steps: Train\n"),
        ("two_steps_of_one_name", STEP + "  - name: Train\n    run: echo\n"),
        (
            "a_cycle",
            "steps:\n  - {name: a, run: 'true', inputs: [y], outputs: [x]}\n  - {name: b, run: 'true', inputs: [x], outputs: [y]}\n",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_place(project, snapshot, name, text):
    project.put("assay.yaml", text)
    answer = project.assay("run")
    assert answer.code == 2
    snapshot(f"bad_input/{name}.txt", answer.err)


def test_every_mistake_of_a_file_is_told_at_once(project, snapshot):
    project.put("assay.yaml", "steps:\n  - nmae: Train\n    run: 3\n  - name: Test\n    runn: x\nwacth: {}\n")
    answer = project.assay("plan")
    assert answer.code == 2
    snapshot("bad_input/every_mistake.txt", answer.err)


def test_without_an_assay_yaml(project, snapshot):
    answer = project.assay("run")
    assert answer.code == 2
    snapshot("bad_input/no_assay_yaml.txt", answer.err.replace(str(project.root), "PROJECT"))


def test_a_problem_comes_as_json_too(project):
    project.put("assay.yaml", STEP.replace("run:", "rnu:"))
    answer = project.assay("run", "--json")
    assert answer.json["schema"] == "assay.error/1"
    assert answer.json["problems"][0]["place"]["line"] == 3


def failure(project) -> str:
    """The problem of a failed run as a person sees it: the block before the last line."""
    answer = project.assay("run")
    assert answer.code != 0
    block = answer.err.rstrip().split("\n\n")[-1]
    return block.replace(str(project.root), "PROJECT") + "\n"


def test_an_input_that_no_one_makes(project, snapshot):
    project.put("assay.yaml", STEP + "    inputs: [data/flights.csv]\n")
    project.put("data/flight.csv", "x")
    snapshot("bad_input/input_that_no_one_makes.txt", re.sub(r"\(.* ago\)", "(...)", failure(project)))


def test_a_metrics_file_that_is_not_json(project, snapshot):
    project.put("assay.yaml", "steps:\n  - {name: Train, run: 'echo nope > metrics.json', metrics: [metrics.json]}\n")
    snapshot("bad_input/metrics_not_json.txt", failure(project))


def test_a_model_that_cannot_be_loaded(project, snapshot):
    write_loop(project).put("train.py", "open('model.json', 'w').write('not json')")
    snapshot("bad_input/model_not_loadable.txt", re.sub(r"PROJECT/\S*?placed/\w+", "PLACED", failure(project)))


def test_a_missing_label_column(project, snapshot):
    write_loop(project)
    project.put("assay.yaml", (project.root / "assay.yaml").read_text().replace("label: y\n", "label: yy\n"))
    snapshot("bad_input/label_missing.txt", failure(project))


def test_a_ledger_of_a_newer_assay(project, snapshot):
    write_loop(project).assay("run")
    with sqlite3.connect(project.root / ".assay/ledger.sqlite") as ledger:
        ledger.execute("update meta set value = '99' where key = 'format'")
    for command in ("status", "run", "log"):
        answer = project.assay(command)
        assert answer.code == 1
    snapshot("bad_input/newer_ledger.txt", answer.err.replace(str(project.root), "PROJECT"))


def test_a_command_that_does_not_exist_is_answered_with_the_near_miss(project):
    answer = project.assay("stauts")
    assert answer.code == 2
    assert "Did you mean 'status'?" in answer.err


@pytest.mark.parametrize("word", ["Deploi", "99", "r9"])
def test_names_that_match_nothing_exit_with_6(project, word):
    write_loop(project).assay("run")
    assert project.assay("why", word).code == 6
