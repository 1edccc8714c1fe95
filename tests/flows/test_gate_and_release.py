"""Versions, the gate and releases: nothing ships without evidence, and everything that shipped can be explained."""

import os
import sqlite3

import pytest
from loop import rows, write_loop


@pytest.fixture
def released(project):
    """A project whose first model is released and live."""
    answer = write_loop(project, slope=2.5).assay("run")
    assert answer.code == 0, answer.err
    return project


def outcomes(answer):
    return {result["step"]: result["outcome"] for result in answer.lines[-1]["results"]}


def champion(project):
    return project.assay("status", "--json").json["champion"]["release"]


def test_a_first_release_passes_by_an_absolute_sentence(released):
    assert champion(released) == "r1"
    verdict = released.assay("why", "r1", "--json").json["verdict"]
    assert [sentence["verdict"] for sentence in verdict["sentences"]] == ["not applicable", "pass"]


def test_without_an_absolute_sentence_a_first_model_is_not_released(project):
    write_loop(project)
    text = (project.root / "assay.yaml").read_text().replace("        - mae <= 50\n", "")
    project.put("assay.yaml", text)
    assert project.assay("run").code == 3
    assert project.assay("status", "--json").json["champion"] is None


def test_a_better_model_replaces_the_champion(released):
    released.put("slope.txt", "2.0")
    assert released.assay("run").code == 0
    assert champion(released) == "r2"
    record = released.assay("release", "show", "r2", "--json").json
    assert record["bill"]["verdicts"][0]["champion_release"] == "r1"
    assert record["bill"]["parents"]


def test_a_worse_model_is_refused_and_the_champion_stays(released):
    released.put("slope.txt", "3.5")
    answer = released.assay("run")
    assert answer.code == 3
    assert "the champion stays" in answer.err
    assert champion(released) == "r1"
    assert "fail" in released.assay("why").out


def test_a_refusal_says_what_has_changed_since_the_last_green_run(released):
    released.put("slope.txt", "3.5")
    told = released.assay("run").err
    assert "since    run 1, which was green:\n           slope.txt changed " in told


def test_a_broken_check_says_what_has_changed_since_the_last_green_run(project):
    project.put("d.csv", "a\n1\n")
    project.put("assay.yaml", "steps:\n  - name: Check\n    check: {d.csv: {rows: 1..2}}\n")
    assert project.assay("run").code == 0
    project.put("d.csv", "a\n1\n2\n3\n")
    answer = project.assay("run")
    assert answer.code == 4
    assert "since    run 1, which was green:\n           d.csv changed " in answer.err
    assert "(+2 rows)" in answer.err


def test_the_same_question_is_answered_once(released):
    released.put("slope.txt", "3.5")
    released.assay("run")
    released.assay("run")
    with sqlite3.connect(released.root / ".assay/ledger.sqlite") as ledger:
        (count,) = ledger.execute("select count(*) from event where kind = 'judged'").fetchone()
    assert count == 2


def test_running_again_with_nothing_changed_does_nothing(released):
    assert set(outcomes(released.assay("run", "--json")).values()) == {"reused"}
    assert len(released.assay("release", "ls", "--json").json["releases"]) == 1


def test_a_commit_that_leaves_the_model_alone_is_no_reason_to_judge_it(released):
    released.put("predict.py", (released.root / "predict.py").read_text() + "\n# a comment\n")
    answer = released.assay("run", "--json")
    assert answer.code == 0
    assert outcomes(answer)["Gate"] == "reused"


def test_changed_prediction_code_is_judged_though_the_model_is_the_same(released):
    code = (released.root / "predict.py").read_text().replace("slope *", "2 * slope *")
    released.put("predict.py", code)
    assert released.assay("run").code == 3


def test_the_champion_predicts_with_its_own_code(released):
    released.put("predict.py", (released.root / "predict.py").read_text().replace('["slope"]', '["gradient"]'))
    released.put("train.py", (released.root / "train.py").read_text().replace('{"slope"', '{"gradient"'))
    released.put("slope.txt", "2.0")
    answer = released.assay("run")
    assert answer.code == 0, answer.err
    assert champion(released) == "r2"


def test_bad_data_stops_the_run(released):
    lines = (released.root / "train.csv").read_text().splitlines()
    released.put("train.csv", "\n".join([*lines, lines[1], "9999,2024-01-01,c,-5,1"]) + "\n")
    answer = released.assay("run")
    assert answer.code == 4
    assert "x: float 0..100" in answer.err
    assert "kind: str in [a, b]" in answer.err
    assert "Train  held" in answer.out


def test_an_override_is_recorded_and_shown_wherever_the_release_appears(released):
    released.put("slope.txt", "3.5")
    assert released.assay("run", "--override").code == 2
    answer = released.assay("run", "--override", "--reason", "the new law asks for it")
    assert answer.code == 0, answer.err
    assert champion(released) == "r2"
    for words in (("status",), ("release", "ls"), ("release", "show", "r2"), ("why", "r2")):
        assert "override: the new law asks for it" in released.assay(*words).out


def test_rollback_goes_to_an_earlier_champion_and_nowhere_else(released):
    released.put("slope.txt", "2.0")
    released.assay("run")
    answer = released.assay("rollback", "--reason", "r2 is slow")
    assert answer.code == 0, answer.err
    assert champion(released) == "r1"
    assert released.assay("rollback", "r7").code == 6
    assert released.assay("rollback", "r2").code == 0
    assert champion(released) == "r2"


def test_what_was_rolled_back_is_not_put_back_by_the_next_run(released):
    released.put("slope.txt", "2.0")
    released.assay("run")
    released.assay("rollback", "--reason", "customers complain")
    answer = released.assay("run")
    assert answer.code == 3
    assert "r2's, which was rolled back" in answer.err
    assert champion(released) == "r1"
    assert released.assay("run", "--override", "--reason", "it was not r2's fault").code == 0
    assert champion(released) == "r2"
    assert "override: it was not r2's fault" in released.assay("release", "ls").out


def test_a_model_that_changes_after_the_gate_is_not_released(released):
    text = (released.root / "assay.yaml").read_text()
    step = "  - {name: Touch up, run: 'echo >> model.json'}\n  - name: Release\n"
    released.put("assay.yaml", text.replace("  - name: Release\n", step))
    released.put("slope.txt", "2.0")
    answer = released.assay("run")
    assert answer.code == 1
    assert "is not the model that the gate judged" in answer.err
    assert len(released.assay("release", "ls", "--json").json["releases"]) == 1


def test_rollback_without_an_earlier_champion_says_so(released):
    answer = released.assay("rollback")
    assert answer.code == 2
    assert "no earlier champion" in answer.err


def test_no_caller_of_the_python_interface_moves_the_champion_without_a_pass(released):
    from assay.core.events import Deployed, Promoted, Released
    from assay.core.problem import AssayError
    from assay.workspace import Workspace

    workspace = Workspace.find(released.root, released.environ)
    history = workspace.history()
    first = history.releases[0].released
    forged = Released("r2", 1, first.bill, first.model, (), first.verdicts)
    for events in (
        (forged, Promoted("r2", history.champion_seq, "release", verdict=first.verdicts[0])),
        (forged, Promoted("r2", history.champion_seq, "release", override=" ")),
        (Released("r2", 1, first.bill, first.bill, (), first.verdicts),),
        (forged, Deployed("r2", "deploy")),
        (Promoted("r1", 0, "release", verdict=first.verdicts[0]),),
    ):
        with pytest.raises(AssayError):
            workspace.ledger.append("line", *events)
    assert workspace.history().champion == "r1"


def test_release_verify_reads_every_byte_again_and_names_what_is_damaged(released):
    assert released.assay("release", "verify", "r1").code == 0
    digest = released.assay("release", "show", "r1", "--json").json["bill"]["model"]["digest"].removeprefix("b3:")
    place = released.root / ".assay/store/objects" / digest[:2] / digest[2:]
    place.chmod(0o644)
    place.write_bytes(b"other bytes")
    answer = released.assay("release", "verify", "r1")
    assert answer.code == 1
    assert "model.json" in answer.out


def test_three_versions_are_independent(project):
    write_loop(project, slope=2.5)
    project.put(".gitignore", ".assay/\n*.csv\nmodel.json\nslope.txt\n")
    project.git("init", "-q")
    project.git("add", ".")
    project.git("commit", "-q", "-m", "first")
    project.git("tag", "v1.4.0")
    assert project.assay("run").code == 0
    one = project.assay("release", "show", "r1", "--json").json["bill"]
    assert one["code_version"]["text"] == "1.4.0"
    project.put("train.csv", rows(210, 2.0))
    project.put("slope.txt", "2.0")
    assert project.assay("run").code == 0
    two = project.assay("release", "show", "r2", "--json").json["bill"]
    assert two["code_version"] == one["code_version"]
    assert two["code"] == one["code"]
    assert {d["path"]: d["digest"] for d in two["data"]}["train.csv"] != {d["path"]: d["digest"] for d in one["data"]}[
        "train.csv"
    ]
    assert {d["path"]: d["digest"] for d in two["data"]}["gate.csv"] == {d["path"]: d["digest"] for d in one["data"]}[
        "gate.csv"
    ]


def test_in_ci_an_empty_ledger_is_not_taken_for_a_first_release(project):
    write_loop(project)
    answer = project.assay("run", CI="true")
    assert answer.code == 1
    assert "assay run --first" in answer.err
    assert project.assay("run", "--first", CI="true").code == 0


def test_training_on_the_gates_rows_is_an_error(released):
    released.put("train.py", "open('gate.csv').read()\n" + (released.root / "train.py").read_text())
    released.put("slope.txt", "2.0")
    answer = released.assay("run")
    assert answer.code == 1
    assert "gate.csv, which is for the gate" in answer.err


def test_a_release_without_a_gate_is_refused(project):
    write_loop(project)
    text = (project.root / "assay.yaml").read_text()
    begin, end = text.index("  - name: Gate"), text.index("  - name: Release")
    project.put("assay.yaml", text[:begin] + text[end:])
    answer = project.assay("run")
    assert answer.code == 1
    assert "nothing is released without a verdict" in answer.err


def damage(project, release: str) -> None:
    digest = project.assay("release", "show", release, "--json").json["bill"]["model"]["digest"].removeprefix("b3:")
    place = project.root / ".assay/store/objects" / digest[:2] / digest[2:]
    place.chmod(0o644)
    place.write_bytes(b"other bytes")


def test_a_rollback_to_a_damaged_release_is_refused(released):
    released.put("slope.txt", "2.0")
    released.assay("run")
    damage(released, "r1")
    answer = released.assay("rollback")
    assert answer.code == 1
    assert "r1 is not whole: the champion stays" in answer.err
    assert champion(released) == "r2"


def test_a_champion_whose_bytes_are_gone_gives_no_verdict_and_says_so(released):
    damage(released, "r1")
    (released.root / "model.json").unlink()
    for folder in (released.root / ".assay/placed").iterdir():
        for file in folder.rglob("*"):
            if file.is_file():
                file.unlink()
    released.put("slope.txt", "2.0")
    answer = released.assay("run")
    assert answer.code == 1
    assert "r1 cannot be scored: its bytes are gone" in answer.err


def test_a_gate_that_has_changed_is_told_where_there_is_nothing_to_judge(released):
    text = (released.root / "assay.yaml").read_text()
    released.put("assay.yaml", text.replace("mae <= 50", "mae <= 0.1"))
    answer = released.assay("run")
    assert answer.code == 0
    assert "the gate has changed since r1 passed it" in answer.out


def test_the_state_is_kept_out_of_version_control(released):
    released.git("init", "-q")
    released.git("add", "-A")
    assert ".assay" not in released.git("ls-files")


def test_a_damaged_cache_is_forgotten(released):
    with sqlite3.connect(released.root / ".assay/cache.sqlite") as cache:
        cache.execute("update remembered set value = x'ff00'")
    assert released.assay("plan").code == 0
    (released.root / ".assay/cache.sqlite").write_bytes(b"garbage")
    assert released.assay("run").code == 0


def test_a_file_whose_name_is_no_text_does_no_harm(released):
    (released.root / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    released.put("assay.yaml", "name: plain\nsteps:\n  - {name: a, run: \"touch $'na\\\\xefve.txt'\"}\n")
    answer = released.assay("run")
    assert answer.code == 0, answer.err


def test_a_gate_waits_for_a_model_as_long_as_its_step_says(project):
    write_loop(project)
    slow = (
        (project.root / "predict.py")
        .read_text()
        .replace("return lambda columns:", "import time\n    return lambda columns: time.sleep(2) or")
    )
    project.put("predict.py", slow)
    text = (project.root / "assay.yaml").read_text()
    project.put("assay.yaml", text.replace("  - name: Gate\n", "  - name: Gate\n    timeout: 1s\n"))
    failed = next(each for each in project.assay("run", "--json").lines[-1]["results"] if each["step"] == "Gate")
    problem = failed["problem"]
    assert (problem["code"], problem["what"]) == ("predict-timed-out", "the model did not answer within 1 s")
    assert "`timeout: 30m` beside `gate:`" in problem["fix"]
    project.put("assay.yaml", text.replace("  - name: Gate\n", "  - name: Gate\n    timeout: 1m\n"))
    assert project.assay("run", "--json").lines[-1]["outcome"] == "ok"


def test_the_doctor_sees_that_the_champions_bytes_are_gone(released):
    seen = released.assay("doctor")
    assert seen.code == 0
    assert "r1 (champion, live) is in the store" in seen.out
    digest = released.assay("release", "show", "r1", "--json").json["bill"]["model"]["digest"].removeprefix("b3:")
    (kept,) = [
        path
        for path in (released.root / ".assay/store").rglob("*")
        if path.is_file() and digest[4:] in str(path).replace("/", "")
    ]
    kept.chmod(0o600)
    kept.unlink()
    seen = released.assay("doctor")
    assert seen.code != 0
    assert "the store has lost of r1 (champion, live): model model@" in seen.out
