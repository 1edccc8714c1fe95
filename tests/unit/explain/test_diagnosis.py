"""From a file that was not there to the step that should have written it. Texts: tests/snapshots/explain/."""

from collections.abc import Callable

import msgspec
import pytest

from assay.core.pipeline import ModelSpec
from assay.core.problem import Problem, describe
from assay.core.run import Trace, WrittenFile
from assay.explain.failure import diagnose, missing_output
from assay.explain.failure.maker import written_by

NOW_S = 1_700_000_000.0
TRACEBACK = """\
Traceback (most recent call last):
  File "/home/ada/churn/deploy.py", line 3, in <module>
    model = pickle.load(open("{path}", "rb"))
                        ^^^^^^^^^^^^^^^^^^^^
FileNotFoundError: [Errno 2] No such file or directory: '{path}'
"""
NOT_THERE = TRACEBACK.format(path="models/model.pkl")

Agrees = Callable[[str, Problem], None]


@pytest.fixture
def agrees(snapshot):
    """The problem's full text is the one that was agreed on."""
    return lambda name, problem: snapshot(f"explain/{name}.txt", describe(problem) + "\n")


def test_a_near_miss_is_named_with_size_and_age_though_nothing_is_declared(plain_list, agrees):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    plain_list.fails("Deploy Model", NOT_THERE, missing=["models/model.pkl"])
    agrees("near_miss", diagnose(plain_list.evidence()))


def test_a_message_without_a_path_is_completed_by_what_the_step_asked_for(plain_list, agrees):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    plain_list.fails("Deploy Model", "Model file not found\n", missing=["settings.toml", "models/model.pkl"])
    agrees("exists_only", diagnose(plain_list.evidence()))


def test_a_step_that_fails_in_silence_is_explained_where_an_earlier_one_should_have_written(plain_list):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    plain_list.fails("Deploy Model", "", missing=["models/model.pkl"])
    assert diagnose(plain_list.evidence()).code == "output-not-written"


def test_a_train_step_that_wrote_nothing_at_all_is_named(plain_list, agrees):
    plain_list.ended("Train Model").fails("Deploy Model", NOT_THERE, missing=["models/model.pkl"])
    agrees("wrote_nothing", diagnose(plain_list.evidence()))


def test_a_file_that_nobody_writes_is_said_to_be_so(plain_list, agrees):
    plain_list.file("metrics.json", 40).ended("Train Model", ["metrics.json"]).fails("Deploy Model", NOT_THERE)
    agrees("never_written", diagnose(plain_list.evidence()))


def test_data_that_nobody_writes_belongs_into_the_project(plain_list, agrees):
    plain_list.file("models/model.pkl").ended("Train Model", ["models/model.pkl"])
    plain_list.fails("Deploy Model", TRACEBACK.format(path="data/customers.csv"))
    agrees("data_not_in_project", diagnose(plain_list.evidence()))


def test_files_with_a_like_name_that_no_step_wrote_are_only_offered(plain_list, agrees):
    plain_list.file("data/customer.csv", 812, 90_000).file("metrics.json", 40).ended("Train Model", ["metrics.json"])
    plain_list.fails("Deploy Model", TRACEBACK.format(path="data/customers.csv"))
    agrees("nearest_in_project", diagnose(plain_list.evidence()))


def test_a_declared_output_that_was_not_written_is_shown_at_its_own_step(scene, agrees):
    scene.file("models/modell.pkl").step("train", "python train.py", outputs=["models/model.pkl"])
    scene.fails("train", "saved\n", exit_code=0, wrote=["models/modell.pkl"])
    agrees("declared_at_train", diagnose(scene.evidence()))
    assert diagnose(scene.evidence()) == missing_output(scene.evidence(), "models/model.pkl")


def test_a_declared_output_of_which_nothing_was_written(scene, agrees):
    scene.step("train", "python train.py", outputs=["models/model.pkl"])
    scene.fails("train", "", exit_code=0, missing=[".env"])
    agrees("declared_wrote_nothing", diagnose(scene.evidence()))


def test_a_declared_folder_without_the_file_is_named(scene, agrees):
    scene.file("models/modell.pkl").step("train", "python train.py", outputs=["models"])
    scene.step("deploy", "python deploy.py").ended("train", ["models/modell.pkl"]).fails("deploy", NOT_THERE)
    agrees("declared_folder", diagnose(scene.evidence()))


def test_a_missing_declared_input_of_a_step_that_was_not_started(scene, agrees):
    scene.file("models/modell.pkl").step("train", "python train.py")
    scene.step("deploy", "python deploy.py", inputs=["models/model.pkl"])
    scene.ended("train", ["models/modell.pkl"]).fails("deploy", exit_code=None)
    agrees("declared_input", diagnose(scene.evidence()))


def test_a_step_that_was_told_to_write_the_file_on_its_command_line(scene, agrees):
    scene.file("models/model_v2.pkl").step("train", "python train.py --output models/model.pkl")
    scene.step("deploy", "python deploy.py").ended("train", ["models/model_v2.pkl"]).fails("deploy", NOT_THERE)
    agrees("told", diagnose(scene.evidence()))


def test_a_program_in_another_language_shows_by_the_scan(scene, agrees):
    scene.file("models/modell.bin").step("train", "./train models/modell.bin").step("deploy", "cat models/model.bin")
    scene.ended("train", ["models/modell.bin"], traced=False)
    scene.fails("deploy", "cat: models/model.bin: No such file or directory\n")
    agrees("cpp_style", diagnose(scene.evidence()))


def test_the_same_name_written_to_another_folder(plain_list, agrees):
    plain_list.file("artifacts/model.pkl").ended("Train Model", ["artifacts/model.pkl"])
    agrees("other_folder", diagnose(plain_list.fails("Deploy Model", NOT_THERE).evidence()))


def test_the_same_name_that_no_step_of_this_run_wrote(plain_list, agrees):
    plain_list.file("old/model.pkl", age_s=200_000).file("m.json").ended("Train Model", ["m.json"])
    agrees("file_elsewhere", diagnose(plain_list.fails("Deploy Model", NOT_THERE).evidence()))


def test_a_producer_that_comes_later_in_the_file(scene, agrees):
    scene.step("deploy", "python deploy.py").step("train", "python train.py --output=models/model.pkl")
    agrees("comes_later", diagnose(scene.fails("deploy", NOT_THERE).evidence()))


def test_a_producer_that_was_not_part_of_the_run(scene, agrees):
    scene.step("Train Model", "python train.py", outputs=["models/model.pkl"]).step("deploy", "python deploy.py")
    scene.never_ran = ("Train Model",)
    agrees("not_selected", diagnose(scene.fails("deploy", NOT_THERE).evidence()))


def test_a_producer_that_nothing_tells_to_wait_for(scene, agrees):
    scene.step("train", "python train.py", inputs=["train.py"], outputs=["models/model.pkl"]).file("train.py")
    scene.step("deploy", "python deploy.py", inputs=["deploy.py"]).file("deploy.py")
    agrees("not_awaited", diagnose(scene.fails("deploy", NOT_THERE).evidence()))


def test_the_shell_cannot_write_into_a_folder_that_is_not_there(scene):
    scene.step("report", "date > out/report.txt")
    scene.fails("report", "bash: line 1: out/report.txt: No such file or directory\n")
    assert diagnose(scene.evidence()).fix == "make it first: mkdir -p out"


def test_a_producer_that_was_held(scene, agrees):
    scene.step("train", "python train.py", outputs=["models/model.pkl"]).step("deploy", "python deploy.py")
    scene.ended("train", outcome="held", exit_code=None, reason="needs prepare, which failed", traced=False)
    agrees("held", diagnose(scene.fails("deploy", NOT_THERE).evidence()))


def test_a_producer_that_failed_itself(scene, agrees):
    scene.step("train", "python train.py", outputs=["models/model.pkl"]).step("deploy", "python deploy.py")
    scene.ended("train", outcome="failed", exit_code=1)
    agrees("producer_failed", diagnose(scene.fails("deploy", NOT_THERE).evidence()))


def test_a_reused_step_brings_back_only_what_it_declares(scene, agrees):
    scene.step("train", "python train.py --output models/model.pkl", inputs=["train.py"], outputs=["m.json"])
    scene.file("train.py").file("m.json").step("deploy", "python deploy.py")
    scene.ended("train", outcome="reused", reason="nothing has changed", traced=False)
    agrees("reused", diagnose(scene.fails("deploy", NOT_THERE).evidence()))


def test_a_file_that_was_written_and_has_gone(plain_list, agrees):
    plain_list.file("models/final.pkl").ended("Train Model", ["models/final.pkl"], removed=["models/model.pkl"])
    agrees("removed", diagnose(plain_list.fails("Deploy Model", NOT_THERE).evidence()))


def test_a_step_that_reads_what_it_wrote_under_another_name(plain_list, agrees):
    plain_list.file("models/modell.pkl").fails("Train Model", NOT_THERE, wrote=["models/modell.pkl"])
    agrees("itself", diagnose(plain_list.evidence()))


def test_the_earliest_step_that_broke_its_promise_is_named_first(scene, agrees):
    scene.step("prepare", "python prepare.py", outputs=["data/clean.csv"]).step("train", "python train.py")
    scene.step("deploy", "python deploy.py")
    scene.ended("prepare").ended("train", missing=["data/clean.csv"]).fails("deploy", NOT_THERE)
    agrees("upstream", diagnose(scene.evidence()))


def test_a_file_that_is_there_was_looked_for_from_another_folder(scene, agrees):
    scene.file("models/model.bin", age_s=4000).step("deploy", "cd serve && cat models/model.bin")
    scene.fails("deploy", "cat: models/model.bin: No such file or directory\n")
    agrees("wrong_folder", diagnose(scene.evidence()))


def test_a_file_that_came_after_the_step_had_begun(scene, agrees):
    scene.file("models/model.pkl", age_s=4).step("deploy", "python deploy.py", inputs=["deploy.py"]).file("deploy.py")
    agrees("came_late", diagnose(scene.fails("deploy", NOT_THERE).evidence()))


def test_a_file_that_was_to_be_written_lacks_its_folder(plain_list, agrees):
    plain_list.fails("Train Model", NOT_THERE, writes=["models/model.pkl"])
    agrees("folder_missing", diagnose(plain_list.evidence()))


def test_pandas_says_itself_that_a_folder_is_missing(plain_list):
    plain_list.fails("Train Model", "OSError: Cannot save file into a non-existent directory: 'out'\n")
    assert diagnose(plain_list.evidence()).code == "folder-missing"


def test_the_pipelines_model_is_meant_where_nothing_else_says_which(scene, agrees):
    scene.step("train", "./train.sh").step("deploy", "./deploy.sh").file("out/delay.onnx")
    scene.model = ModelSpec("models/delay.onnx")
    scene.ended("train", ["out/delay.onnx"], traced=False).fails("deploy", "fatal: no model found\n")
    agrees("pipelines_model", diagnose(scene.evidence()))


def test_an_absolute_path_below_the_project_is_the_relative_one(plain_list):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    plain_list.fails("Deploy Model", TRACEBACK.format(path="/home/ada/churn/models/model.pkl"))
    assert diagnose(plain_list.evidence()).what == "model file not found: models/model.pkl"


def test_an_absolute_path_outside_that_exists_is_not_called_missing(plain_list):
    plain_list.ended("Train Model").fails("Deploy Model", "cannot load model /models/m.pkl: wrong version\n")
    assert diagnose(plain_list.evidence()).code == "output-not-written"
    plain_list.exists = frozenset(["/models/m.pkl"])
    assert diagnose(plain_list.evidence()).code == "step-failed"


def test_a_name_that_a_program_prints_is_completed_by_the_path_it_asked_for(plain_list):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    plain_list.fails("Deploy Model", "model.pkl does not exist\n", missing=["models/model.pkl"])
    assert diagnose(plain_list.evidence()).what == "model file not found: models/model.pkl"


def ran_untraced(scene, name: str, seconds: float, began_s: float) -> None:
    """The step has ended well; nothing but the clock tells what it wrote."""
    scene.ended(name, traced=False)
    scene.results[-1] = msgspec.structs.replace(scene.results[-1], seconds=seconds, started_s=began_s)


@pytest.fixture
def untraced(scene):
    """Train ran from second 600 to 560 before now; a file appeared 30 seconds in."""
    scene.step("train", "./train", outputs=["log.txt"]).step("other", "./other", outputs=["parts"])
    scene.step("deploy", "python deploy.py").file("models/modell.pkl", age_s=570).file("parts/model.pkl", age_s=570)
    ran_untraced(scene, "train", 40.0, NOW_S - 600)
    return scene


def test_files_changed_while_an_untraced_step_ran_alone_are_its_work(untraced):
    ran_untraced(untraced, "other", 5.0, NOW_S - 540)
    because = diagnose(untraced.fails("deploy", NOT_THERE).evidence()).because
    assert because[0].startswith('step "train" ended well and wrote models/modell.pkl')
    assert "parts/model.pkl" not in " ".join(because)


def test_files_changed_while_two_steps_ran_are_the_work_of_neither(untraced):
    ran_untraced(untraced, "other", 20.0, NOW_S - 575)
    told = " ".join(diagnose(untraced.fails("deploy", NOT_THERE).evidence()).because)
    assert "wrote models/modell.pkl" not in told


def test_a_scan_while_two_steps_ran_proves_only_what_was_traced_too(untraced):
    ran_untraced(untraced, "other", 20.0, NOW_S - 575)
    seen = tuple(WrittenFile(path, 1, NOW_S) for path in ("models/modell.pkl", "parts/model.pkl"))
    untraced.results = [msgspec.structs.replace(result, written=seen) for result in untraced.results]
    untraced.results[0] = msgspec.structs.replace(untraced.results[0], trace=Trace(True, writes=("models/modell.pkl",)))
    evidence = untraced.fails("deploy", NOT_THERE).evidence()
    assert [each.path for each in written_by(evidence.earlier[0], evidence)] == ["models/modell.pkl"]
    assert written_by(evidence.earlier[1], evidence) == ()


def test_results_of_steps_that_the_pipeline_does_not_have_are_passed_over(plain_list):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    plain_list.ended("Old Name", ["models/modell.pkl"]).fails("Deploy Model", NOT_THERE)
    assert diagnose(plain_list.evidence()).code == "output-not-written"


def test_a_glob_that_names_no_file_is_a_declared_input_that_is_not_there(scene):
    scene.step("train", "python train.py", inputs=["data/*.csv"]).file("data/a.json")
    assert diagnose(scene.fails("train", exit_code=None).evidence()).what == "file not found: data/*.csv"


def test_a_glob_that_names_a_file_is_there(scene):
    scene.step("train", "python train.py", inputs=["data/*.csv"]).file("data/a.csv")
    assert diagnose(scene.fails("train", "boom").evidence()).code == "step-failed"


def test_what_a_scan_around_an_undeclared_step_did_not_see_is_not_its_work(plain_list):
    plain_list.file("assay.yaml", 90, 600.0).ended("Train Model", traced=False).fails("Deploy Model", NOT_THERE)
    assert diagnose(plain_list.evidence()).because[0] == 'step "Train Model" ended well but wrote nothing at all;'


@pytest.mark.parametrize(
    "log",
    [
        'Traceback (most recent call last):\n  File "deploy.py", line 9, in <module>\n    1 / 0\nZeroDivisionError: division by zero\n',
        "config.json not found, using defaults\ntotals differ\n",
        "loaded 3 rows\ntotals differ\n",
    ],
)
def test_a_file_that_was_merely_looked_for_is_not_blamed_for_another_failure(plain_list, log):
    plain_list.ended("Train Model", removed=["tmp.txt"]).fails("Deploy Model", log, missing=["config.json"])
    assert diagnose(plain_list.evidence()).code == "step-failed"


def test_a_slip_of_the_code_is_not_explained_away_but_what_was_seen_is_told(plain_list, agrees):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    slip = NOT_THERE.rsplit("\n", 2)[0] + "\nAttributeError: 'NoneType' object has no attribute 'predict'\n"
    plain_list.fails("Deploy Model", slip, missing=["models/model.pkl"])
    agrees("slip", diagnose(plain_list.evidence()))


def test_a_deliberate_error_in_own_words_is_explained_by_the_file_that_was_missed(plain_list):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    log = 'Traceback (most recent call last):\n  File "deploy.py", line 9, in <module>\n    raise RuntimeError("train first")\nRuntimeError: train first\n'
    plain_list.fails("Deploy Model", log, missing=["models/model.pkl"])
    assert diagnose(plain_list.evidence()).code == "output-not-written"


def test_a_step_that_was_killed_did_not_fail_of_a_missing_file(plain_list):
    plain_list.file("models/modell.pkl").ended("Train Model", ["models/modell.pkl"])
    plain_list.fails("Deploy Model", "", exit_code=-9, missing=["models/model.pkl"])
    assert diagnose(plain_list.evidence()).code == "killed-by-signal"
