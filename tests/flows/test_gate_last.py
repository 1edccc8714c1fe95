"""``assay gate``: the last verdict of each gate of the pipeline."""

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


FAILED = replace(OF_A_FILE, outcome="fail", sentences=(replace(SENTENCE, verdict="fail"),))


@pytest.fixture
def two_gates(project):
    """A project with the gates Quality, which passed twice, and Fairness, which failed between."""
    write_loop(project)
    text = (project.root / "assay.yaml").read_text()
    second = "  - {name: Fairness, gate: {data: gate.csv, require: [mae <= 50]}}\n  - name: Release"
    project.put("assay.yaml", text.replace("name: Gate", "name: Quality").replace("  - name: Release", second))
    for verdict, step in ((OF_A_FILE, "Quality"), (FAILED, "Fairness"), (replace(OF_A_FILE, rows=5), "Quality")):
        record(project, verdict, step)
    return project


def test_of_several_gates_the_last_verdict_of_each_is_shown_in_the_order_of_the_file(two_gates):
    answer = two_gates.assay("gate")
    assert answer.code == 3, "one is no pass"
    assert answer.out.index("run 7, Quality") < answer.out.index("FAIL") < answer.out.index("run 7, Fairness")
    told = two_gates.assay("gate", "--json").json
    assert told["schema"] == "assay.verdicts/1"
    assert [(each["step"], each["verdict"], each["rows"]) for each in told["gates"]] == [
        ("Quality", "pass", 5),
        ("Fairness", "fail", 0),
    ]


def test_a_gate_is_named_to_see_it_alone(two_gates):
    assert (two_gates.assay("gate", "Quality").code, two_gates.assay("gate", "Fairness").code) == (0, 3)
    told = two_gates.assay("gate", "Fairness", "--json").json
    assert (told["schema"], told["step"], told["verdict"]) == ("assay.verdict/1", "Fairness", "fail")
    assert two_gates.assay("gate", "Quality", "--html", "page.html").code == 0
    assert (two_gates.root / "page.html").is_file()


def test_a_page_is_about_one_gate(two_gates):
    answer = two_gates.assay("gate", "--html", "page.html")
    assert answer.code == 2
    assert "name one of Quality, Fairness" in answer.err


def test_a_gate_that_has_not_judged_yet_is_told_beside_one_that_has(two_gates):
    text = (two_gates.root / "assay.yaml").read_text()
    two_gates.put("assay.yaml", text.replace("name: Fairness", "name: Latency"))
    answer = two_gates.assay("gate")
    assert (answer.code, "Latency has not judged a model yet" in answer.out) == (3, True)
    told = two_gates.assay("gate", "--json").json["gates"][1]
    assert told == {"verdict": None, "run": None, "step": "Latency", "at_s": None}
    assert two_gates.assay("gate", "Latency").code == 6
    assert two_gates.assay("gate", "Fairness").code == 3, "what was judged is kept under the name it was judged by"


@pytest.mark.parametrize("word, near", [("Fairnes", "Fairness"), ("jugde", "judge")])
def test_a_word_that_is_no_gate_names_the_nearest(two_gates, word, near):
    answer = two_gates.assay("gate", word)
    assert answer.code == 6
    assert f"no gate is called '{word}'" in answer.err
    assert f"did you mean `assay gate {near}`?" in answer.err


def test_where_all_gates_have_other_names_now_the_last_verdict_is_shown(project):
    write_loop(project)
    record(project, OF_A_FILE, "Quality")
    record(project, FAILED, "Fairness")
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


# ---- a later run in which there was nothing to judge -------------------------------------------------------------------------


@pytest.fixture
def returned(released):
    """A worse model was refused, and then the champion's came again."""
    released.put("slope.txt", "3.5")
    assert released.assay("run").code == 3
    released.put("slope.txt", "2.5")
    answer = released.assay("run")
    assert answer.code == 0, answer.err
    return released


def test_the_champions_model_came_again_and_the_older_verdict_stands_below(returned):
    answer = returned.assay("gate")
    assert answer.code == 0
    first, *rest = answer.out.splitlines()
    assert first == "nothing to judge in run 3: the model is r1's, the champion's. The last verdict is of run 2:"
    assert any(line.startswith("FAIL: ") for line in rest)
    assert returned.assay("gate", "Gate").code == 0


def test_json_says_which_run_had_nothing_to_judge(returned):
    answer = returned.assay("gate", "--json")
    assert (answer.code, answer.json["verdict"], answer.json["run"]) == (0, "fail", 2)
    assert answer.json["nothing_to_judge"] == {
        "run": 3,
        "reason": "the model is r1's, the champion's: nothing to judge",
    }


def test_nothing_was_to_judge_in_a_run_without_work_either(returned):
    assert returned.assay("run").code == 0
    assert returned.assay("gate").code == 0


def test_a_later_refusal_stands_again(returned):
    returned.put("slope.txt", "3.6")
    assert returned.assay("run").code == 3
    answer = returned.assay("gate", "--json")
    assert (answer.code, answer.json["run"], answer.json["nothing_to_judge"]) == (3, 4, None)


def test_a_question_that_was_answered_before_has_that_answer_again(returned):
    returned.put("slope.txt", "3.6")
    returned.assay("run")
    returned.put("slope.txt", "3.5")
    assert returned.assay("run").code == 3
    answer = returned.assay("gate", "--json")
    assert (answer.code, answer.json["verdict"], answer.json["run"]) == (3, "fail", 2)
