"""`status`, `log`, `why` and `plan` answer while a run goes on, whoever writes the ledger; a second run is told who holds it."""

import os
import re
import sqlite3
from contextlib import closing

import pytest

PIPELINE = """\
steps:
  - name: prepare
    run: 'echo "rows: 100" | tee clean.csv'
    inputs: [raw.csv]
    outputs: [clean.csv]
  - name: train
    run: 'echo "epoch 1 of 9"; read -r word < go; echo done > model.bin'
    inputs: [clean.csv]
    outputs: [model.bin]
  - name: report
    run: echo r > r.txt
    inputs: [model.bin]
    outputs: [r.txt]
"""


class Going:
    """A run that goes on until it is let go."""

    def __init__(self, project) -> None:
        self.project = project
        project.put("assay.yaml", PIPELINE)
        project.put("raw.csv", "1\n")
        os.mkfifo(project.root / "go")
        self.process = project.start("run")
        assert self.process.stderr is not None
        said = iter(self.process.stderr.readline, "")
        assert any("epoch 1 of 9" in line for line in said), "it ended before its step began"

    def let_go(self) -> str:
        (self.project.root / "go").write_text("yes\n")
        return self.process.communicate()[0]


@pytest.fixture
def going(project):
    run = Going(project)
    yield run
    if run.process.poll() is None:
        run.let_go()


@pytest.fixture(params=["nobody writes", "the ledger is being written"])
def busy(request, going):
    if request.param == "nobody writes":
        yield going
        return
    state = going.project.root / ".assay"
    with (
        closing(sqlite3.connect(state / "ledger.sqlite")) as ledger,
        closing(sqlite3.connect(state / "cache.sqlite")) as cache,
    ):
        ledger.execute("begin immediate")
        cache.execute("begin immediate")
        yield going
        cache.rollback()
        ledger.rollback()


def test_status_shows_the_run_and_what_runs_in_it(busy):
    answer = busy.project.assay("status")
    assert answer.code == 0
    assert f"run       1 running (process {busy.process.pid})" in answer.out
    assert " → " in answer.out
    assert "train  epoch 1 of 9" in answer.out
    assert "1 of 3 steps have run" in answer.out
    run = busy.project.assay("status", "--json").json["run"]
    assert run["running"] == [{"step": "train", "last_line": "epoch 1 of 9"}]
    assert (run["ended"], run["steps"]) == (1, 3)


def test_log_why_and_plan_answer(busy):
    project = busy.project
    assert project.assay("log", "train").out == "epoch 1 of 9\n"
    assert "open" in project.assay("log").out
    assert "prepare  ok" in project.assay("log", "1").out
    assert "prepare: ok" in project.assay("why", "prepare").out
    assert project.assay("why").code == 0
    assert "train" in project.assay("plan").out


def test_a_log_is_followed_until_the_run_has_ended(going):
    following = going.project.start("log", "-f", "prepare")
    assert following.stdout is not None
    assert following.stdout.readline() == "rows: 100\n"
    assert following.poll() is None
    going.let_go()
    assert following.communicate()[0] == ""
    assert following.returncode == 0


def test_a_second_run_is_told_who_holds_the_project_what_it_does_and_since_when(going):
    answer = going.project.assay("run")
    assert answer.code != 0
    assert "assay run is going on in this project already" in answer.err
    assert re.search(
        rf"process {going.process.pid} holds .*run\.lock since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC", answer.err
    )
    assert "assay run --wait" in answer.err


def test_a_run_that_waits_begins_when_the_first_has_ended_with_the_files_as_they_are_then(going):
    project = going.project
    second = project.start("run", "--wait")
    assert second.stderr is not None
    assert second.stderr.readline() == f" · waiting for process {going.process.pid}: assay run\n"
    project.put("assay.yaml", PIPELINE.replace("name: report", "name: telling"))
    going.let_go()
    out, _ = second.communicate()
    assert second.returncode == 0
    assert out.splitlines()[-1].startswith("run 2: ok · 0 ran · 3 reused")
