"""The four-step list that many people already have runs unchanged."""

PLAIN = """\
steps:
  - name: Data Validation
    run: python validate_data.py
  - name: Train Model
    run: python train.py --log-metrics
  - name: Test Model
    run: python test_model.py
  - name: Deploy Model
    run: python deploy.py
"""
TRAIN = """\
import pathlib, sys
assert sys.argv[1:] == ["--log-metrics"]
pathlib.Path("models").mkdir(exist_ok=True)
pathlib.Path("models/model_v1.pkl").write_bytes(b"weights")
print("Training accuracy: 0.85")
print("Training accuracy: 0.92")
print("Training loss: 0.15")
print("Model saved to models/model_v1.pkl")
"""


def plain(project):
    project.write(
        assay__yaml=PLAIN,
        validate_data__py="print('validated')",
        train__py=TRAIN,
        test_model__py="print('tested')",
        deploy__py="print('deployed')",
    )
    return project


def test_steps_run_in_file_order_with_their_output_live_and_in_their_logs(project):
    answer = plain(project).assay("run")
    assert answer.code == 0, answer.err
    shown = [line.strip(" |") for line in answer.err.splitlines() if line.strip().startswith("|")]
    assert shown[0] == "validated"
    assert shown[-2:] == ["tested", "deployed"]
    assert project.assay("log", "Test Model").out == "tested\n"
    assert "run 1: ok" in answer.out


def test_printed_metrics_and_the_saved_model_are_taken_without_declaring_anything(project):
    report = plain(project).assay("run", "--json").lines[-1]
    train = next(result for result in report["results"] if result["step"] == "Train Model")
    metrics = {metric["name"]: metric for metric in train["metrics"]}
    assert metrics["Training accuracy"]["value"] == 0.92
    assert metrics["Training accuracy"]["series"] == [0.85, 0.92]
    assert metrics["Training loss"]["value"] == 0.15
    assert train["model"]["path"] == "models/model_v1.pkl"
    digest = train["model"]["digest"].removeprefix("b3:")
    assert (project.root / ".assay/store/objects" / digest[:2] / digest[2:]).read_bytes() == b"weights"


def test_the_first_failure_stops_what_follows(project):
    plain(project).put("test_model.py", "raise SystemExit('accuracy is too low')")
    answer = project.assay("run")
    assert answer.code == 1
    assert "deployed" not in answer.err
    assert "Deploy Model  held" in answer.out
    assert "accuracy is too low" in answer.err


def test_a_plain_list_always_runs_and_the_plan_says_why(project):
    plain(project).assay("run")
    plan = project.assay("plan", "--json").json
    assert {step["decision"] for step in plan["steps"]} == {"run"}
    assert project.assay("plan", "--exit-code").code == 8


def test_a_model_saved_outside_the_project_is_kept_too(project, tmp_path):
    outside = tmp_path / "models" / "model_v1.pkl"
    plain(project).put(
        "train.py",
        f"import pathlib; p = pathlib.Path({str(outside)!r}); p.parent.mkdir(exist_ok=True); p.write_bytes(b'w')\n"
        f"print('Model saved to {outside}')",
    )
    train = project.assay("run", "--json").lines[-1]["results"][1]
    assert train["model"]["path"] == str(outside)


def test_a_model_that_was_said_to_be_saved_but_was_not_is_warned_about(project):
    plain(project).put("train.py", "print('Model saved to models/model_v1.pkl')")
    answer = project.assay("run")
    assert answer.code == 0
    assert 'printed "Model saved to models/model_v1.pkl", but there is no such file' in answer.out


def test_one_step_can_be_run_with_what_it_needs(project):
    report = plain(project).assay("run", "train model", "--json").lines[-1]
    assert [result["step"] for result in report["results"]] == ["Data Validation", "Train Model"]


def test_a_step_that_does_not_exist_is_told_with_the_near_miss(project):
    answer = plain(project).assay("run", "Train Modell")
    assert answer.code == 6
    assert "did you mean 'Train Model'?" in answer.err


def test_status_and_log_and_why_answer_after_a_run(project):
    plain(project).assay("run")
    assert "1 ok" in project.assay("status").out
    assert project.assay("status", "--json").json["schema"] == "assay.status/1"
    assert project.assay("log", "--json").json["runs"][0]["outcome"] == "ok"
    assert "run 1: ok" in project.assay("why").out
    assert "it declares no inputs, so it always runs" in project.assay("why", "Test Model").out


def test_a_model_that_cannot_be_kept_is_a_warning_and_no_failure(project):
    plain(project).put("train.py", "print('Model saved to .')\nprint('Model saved to ./')")
    answer = project.assay("run", "--json")
    assert answer.code == 0
    train = answer.lines[-1]["results"][1]
    assert [warning["code"] for warning in train["warnings"]] == ["saved-model-not-kept"]
    assert not [path for path in (project.root / ".assay/store/trees").rglob("*") if path.is_file()]


def test_a_model_from_before_is_not_taken_for_this_runs(project):
    saves = "import pathlib; pathlib.Path('models').mkdir(exist_ok=True); pathlib.Path('models/{}').write_text('{}')\n"
    says = "print('Model saved to models/model_v1.pkl')"
    plain(project).put("train.py", saves.format("model_v1.pkl", "first") + says)
    first = project.assay("run", "--json").lines[-1]["results"][1]
    assert first["model"]["path"] == "models/model_v1.pkl"
    project.put("train.py", saves.format("modell_v1.pkl", "second") + says)
    answer = project.assay("run", "--json")
    train = answer.lines[-1]["results"][1]
    assert (answer.code, train["model"]) == (0, None)
    (warning,) = train["warnings"]
    assert (warning["code"], warning["because"]) == ("saved-model-stale", ["it did write models/modell_v1.pkl"])


def test_the_same_model_written_again_is_this_runs(project):
    text = "import pathlib; pathlib.Path('model.pkl').write_text('same'); print('Model saved to ./model.pkl')"
    plain(project).put("train.py", text)
    runs = [project.assay("run", "--json").lines[-1]["results"][1] for _ in range(2)]
    assert [(run["model"]["digest"], run["warnings"]) for run in runs] == [(runs[0]["model"]["digest"], [])] * 2
