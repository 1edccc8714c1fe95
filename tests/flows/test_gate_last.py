"""``assay gate``: the last verdict of the pipeline."""

import pytest
from loop import write_loop
from msgspec.structs import replace

from assay.core.digest import digest_of
from assay.core.events import Judged
from assay.core.verdict import SentenceVerdict, Verdict
from assay.workspace import Workspace

NAME = digest_of(b"anything")
SENTENCE = SentenceVerdict("accuracy >= 0.8", "pass", "accuracy 90.00 %", challenger=0.9, estimate=0.9)
OF_A_FILE = Verdict("pass", (SENTENCE,), NAME, NAME, NAME, None, None, 0, has_rows=False)


@pytest.fixture
def released(project):
    """A project whose first model is released."""
    answer = write_loop(project, slope=2.5).assay("run")
    assert answer.code == 0, answer.err
    return project


def record(project, verdict, step="Gate"):
    """Put a verdict into the ledger."""
    workspace = Workspace(project.root, project.environ)
    workspace.make_state()
    workspace.ledger.append(workspace.pipeline.name, Judged(7, step, verdict))


def test_a_pass_is_shown_with_its_run_and_ends_well(released):
    answer = released.assay("gate")
    assert answer.code == 0
    assert answer.out.startswith("PASS: ")
    assert "run 1, Gate, 20" in answer.out


def test_what_is_no_pass_ends_with_3(released):
    released.put("slope.txt", "3.5")
    assert released.assay("run").code == 3
    answer = released.assay("gate", "--json")
    assert (answer.code, answer.json["verdict"], answer.json["run"]) == (3, "fail", 2)
    assert answer.json["schema"] == "assay.verdict/1"
    assert answer.json["step"] == "Gate"
    assert answer.json["sentences"][0]["sentence"] == "mae < champion.mae"


def test_it_is_written_as_a_page_and_as_markdown(released):
    answer = released.assay("gate", "--html", "verdict.html", "--markdown", "verdict.md")
    assert answer.code == 0
    page = (released.root / "verdict.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "mae &lt;= 50" in page
    assert (released.root / "verdict.md").read_text("utf-8").startswith("### ✓ PASS")


def test_before_a_gate_has_judged_it_says_what_to_do(project):
    write_loop(project)
    answer = project.assay("gate")
    assert answer.code == 6
    assert "no gate of line has judged a model yet" in answer.err
    assert "assay run" in answer.err
    assert project.assay("gate", "--json").json["problems"][0]["code"] == "nothing-judged"


def test_a_pipeline_without_a_gate_says_that_it_has_none(project):
    project.put("assay.yaml", "steps:\n  - {name: Train, run: 'true'}\n")
    answer = project.assay("gate")
    assert answer.code == 6
    assert "no step in assay.yaml is a gate" in answer.err


def test_the_numbers_of_a_file_are_called_unprotected(project):
    write_loop(project)
    record(project, OF_A_FILE)
    answer = project.assay("gate")
    assert answer.code == 0
    assert "unprotected: no rows" in answer.out
    assert project.assay("gate", "--json").json["has_rows"] is False


def test_of_several_gates_the_last_one_is_shown(project):
    write_loop(project)
    record(project, OF_A_FILE, "Quality")
    record(project, replace(OF_A_FILE, outcome="fail", sentences=(replace(SENTENCE, verdict="fail"),)), "Fairness")
    answer = project.assay("gate", "--json")
    assert (answer.code, answer.json["step"], answer.json["verdict"]) == (3, "Fairness", "fail")


def test_of_a_sealed_verdict_only_the_verdict_is_told(project):
    write_loop(project)
    leaking = replace(SENTENCE, verdict="sealed", reason="sealed")
    record(
        project,
        replace(OF_A_FILE, has_rows=True, rows=500, reveal="verdict", sentences=(leaking,), measured={"mae": 3.25}),
    )
    said = (
        project.assay("gate").out + project.assay("gate", "--json", "--html", "page.html", "--markdown", "page.md").out
    )
    said += (project.root / "page.html").read_text("utf-8") + (project.root / "page.md").read_text("utf-8")
    assert "3.25" not in said
    assert "90.00" not in said


def test_looking_leaves_the_ledger_as_it_is(released):
    before = (released.root / ".assay/ledger.sqlite").read_bytes()
    released.assay("gate")
    assert (released.root / ".assay/ledger.sqlite").read_bytes() == before


def test_options_of_a_command_below_it_stand_after_it(released):
    answer = released.assay("gate", "--json", "plan")
    assert answer.code == 2
    assert "put options of `plan` after it" in answer.err


def test_without_a_project_it_says_so(project):
    assert project.assay("gate").code == 2


def test_a_report_never_overwrites_what_the_project_rests_on(released):
    (released.root / "page.html").symlink_to("gate.csv")
    for name in (
        "assay.yaml",
        "gate.csv",
        "page.html",
        "train.csv",
        "predict.py",
        "model.json",
        ".assay/ledger.sqlite",
    ):
        before = (released.root / name).read_bytes()
        answer = released.assay("gate", "--html", name)
        assert (answer.code, f"--html would overwrite {name}" in answer.err) == (2, True), answer.err
        assert (released.root / name).read_bytes() == before
