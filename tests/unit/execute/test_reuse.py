"""When an earlier result stands for a step, and what is said when it does not."""

import pytest
from msgspec.structs import replace

from assay.core.artifact import Artifact
from assay.core.digest import digest_of, short
from assay.core.pipeline import RunAction, Step
from assay.core.problem import Problem, StateError
from assay.core.release import Environment
from assay.core.run import StepResult, Trace
from assay.execute.key import settings_of
from assay.execute.reuse import Now, Rerun, Reuse, decide


def artifact(path: str, content: str) -> Artifact:
    return Artifact(path, digest_of(content.encode()), "file", len(content))


DATA = artifact("data.csv", "rows")
SCRIPT = artifact("helper.py", "code")
MODEL = artifact("model.pkl", "weights")
STEP = Step("Train", RunAction("python train.py"), inputs=("data.csv",), outputs=("model.pkl",))
DONE = StepResult("Train", "ok", "", inputs=(DATA,), discovered=(SCRIPT,), outputs=(MODEL,))


def standing(*artifacts: Artifact):
    return {each.path: each for each in artifacts}.get


def ask(*there: Artifact, same_key=(DONE,), last=DONE, inputs=(DATA,), kept=True, step=STEP, params=None):
    return decide(Now(step, inputs, params or {}), same_key, lambda: last, standing(*there), lambda artifact: kept)


def test_a_step_is_reused_while_everything_that_it_read_and_wrote_stands():
    decision = ask(DATA, SCRIPT, MODEL)
    assert isinstance(decision, Reuse)
    assert decision.restore == ()


def test_an_output_that_is_gone_is_restored_from_the_store():
    decision = ask(DATA, SCRIPT)
    assert isinstance(decision, Reuse)
    assert decision.restore == (MODEL,)
    assert "model.pkl comes back from the store" in decision.reason


def test_an_output_that_was_overwritten_is_restored_too():
    assert ask(DATA, SCRIPT, artifact("model.pkl", "other")).restore == (MODEL,)


def test_an_output_that_may_not_be_executed_any_more_is_restored_and_one_that_may_now_is_left():
    tool = replace(MODEL, mode="executable")
    made_tool = replace(DONE, outputs=(tool,))
    assert ask(DATA, SCRIPT, MODEL, same_key=(made_tool,)).restore == (tool,)
    assert ask(DATA, SCRIPT, tool, same_key=(made_tool,)).restore == ()
    assert ask(DATA, SCRIPT, tool).restore == ()


def test_an_output_that_the_store_has_lost_is_made_again():
    decision = ask(DATA, SCRIPT, kept=False)
    assert decision == Rerun("model.pkl is gone, and the store does not have it")


def test_an_edited_helper_that_nobody_declared_makes_the_step_run_again():
    edited = artifact("helper.py", "other code")
    decision = ask(DATA, edited, MODEL)
    assert isinstance(decision, Rerun)
    assert decision.reason.startswith("helper.py, which it read, changed: ")


def test_a_helper_that_is_gone_makes_the_step_run_again():
    assert ask(DATA, MODEL) == Rerun("helper.py, which it read, is gone")


LOOKED = StepResult(
    "Train", "ok", "", trace=Trace(True, missing=("config.yaml", "/etc/x", "model.pkl")), outputs=(MODEL,)
)


def test_a_file_that_it_looked_for_and_that_is_there_now_makes_it_run_again():
    assert ask(MODEL, artifact("config.yaml", "a: 1"), same_key=(LOOKED,)) == Rerun(
        "config.yaml, which it looked for, is there now"
    )


def test_what_it_looked_for_outside_the_project_or_wrote_itself_is_no_condition():
    assert isinstance(ask(MODEL, artifact("/etc/x", ""), same_key=(LOOKED,)), Reuse)


def test_what_it_looked_for_and_cannot_be_read_is_there():
    def unreadable(path: str) -> Artifact | None:
        if path == "config.yaml":
            raise StateError(Problem("links-below", "config.yaml holds links"))
        return MODEL

    assert isinstance(decide(Now(STEP, ()), (LOOKED,), lambda: None, unreadable, lambda artifact: True), Rerun)


def test_the_last_good_result_is_looked_for_only_to_say_why_it_runs():
    def never() -> StepResult:
        raise AssertionError("asked")

    assert isinstance(
        decide(Now(STEP, (DATA,)), (DONE,), never, standing(DATA, SCRIPT, MODEL), lambda artifact: True), Reuse
    )
    assert isinstance(decide(Now(STEP, (DATA,)), (DONE,), never, standing(DATA, MODEL), lambda artifact: True), Rerun)


def test_of_several_results_under_one_key_any_that_fits_stands():
    edited = artifact("helper.py", "other code")
    other = StepResult("Train", "ok", "", inputs=(DATA,), discovered=(edited,), outputs=(MODEL,))
    decision = ask(DATA, edited, MODEL, same_key=(DONE, other))
    assert isinstance(decision, Reuse)
    assert decision.result == other


def test_a_failure_is_never_reused():
    failed = StepResult("Train", "failed", "", inputs=(DATA,))
    assert isinstance(ask(DATA, same_key=(failed,), last=None), Rerun)


def test_a_changed_input_is_named_with_both_digests():
    newer = artifact("data.csv", "more rows")
    decision = ask(newer, same_key=(), inputs=(newer,))
    assert isinstance(decision, Rerun)
    assert decision.reason.startswith("data.csv changed: ")
    assert " -> " in decision.reason


def test_a_new_and_a_removed_input_are_named():
    extra = artifact("extra.csv", "x")
    assert ask(same_key=(), inputs=(DATA, extra)).reason == "extra.csv is a new input"
    assert ask(same_key=(), inputs=()).reason == "data.csv is no input any more"


def test_where_inputs_and_command_are_the_same_something_else_that_it_declares_changed():
    assert ask(same_key=()).reason == "its environment variables, its secrets, its folder or its shell changed"


@pytest.mark.parametrize(
    "then, reason",
    [
        (Environment("3.11", "linux", digest_of(b"lock")), "Python changed: 3.11 -> 3.12"),
        (Environment("3.12", "darwin", digest_of(b"lock")), "platform changed: darwin -> linux"),
        (
            Environment("3.12", "linux", digest_of(b"other")),
            f"poetry.lock changed: {short(digest_of(b'other'))} -> {short(digest_of(b'lock'))}",
        ),
        (Environment("3.12", "linux", packages=digest_of(b"x")), "there is a lock file now: poetry.lock"),
    ],
)
def test_a_changed_environment_is_named(then, reason):
    now = Environment("3.12", "linux", digest_of(b"lock"))
    before = replace(DONE, environment=then)
    there = standing(artifact("requirements.txt", "x"), artifact("poetry.lock", "lock"))
    assert decide(Now(STEP, (DATA,), {}, now), (), lambda: before, there, lambda _: True) == Rerun(reason)


def test_a_lock_file_that_is_gone_is_told():
    then, now = Environment("3.12", "linux", digest_of(b"lock")), Environment("3.12", "linux", packages=digest_of(b"x"))
    rerun = decide(Now(STEP, (DATA,), {}, now), (), lambda: replace(DONE, environment=then), standing(), lambda _: True)
    assert rerun.reason.startswith("there is no lock file any more, none of uv.lock, ")


@pytest.mark.parametrize(
    "then, now, reason",
    [
        ({}, {"secrets": ("TOKEN",)}, "its secret TOKEN is new"),
        ({"secrets": ("TOKEN",)}, {}, "its secret TOKEN is declared no more"),
        ({"env": (("RATE", "1"),)}, {"env": (("RATE", "2"),)}, "its environment variable RATE changed: '1' -> '2'"),
        ({}, {"env": (("RATE", "1"),)}, "its environment variable RATE is new"),
        ({}, {"workdir": "src"}, "its folder changed: the default -> src"),
        ({"shell": ("bash", "-c")}, {}, "its shell changed: bash -c -> the default"),
    ],
)
def test_what_else_a_step_declares_is_named_where_it_changed(then, now, reason):
    before = replace(DONE, settings=settings_of(replace(STEP, **then)))
    assert ask(same_key=(), last=before, step=replace(STEP, **now)).reason == reason


def test_installed_packages_count_where_there_is_no_lock_file():
    then, now = (Environment("3.12", "linux", packages=digest_of(data)) for data in (b"numpy==1", b"numpy==2"))
    before = replace(DONE, environment=then)
    rerun = decide(Now(STEP, (DATA,), {}, now), (), lambda: before, standing(), lambda _: True)
    assert rerun == Rerun("what is installed changed")


def test_a_changed_command_is_named_where_the_inputs_are_the_same():
    before = replace(DONE, command="python train.py --fast")
    assert ask(same_key=(), last=before).reason == "its command changed: python train.py --fast -> python train.py"


def test_a_changed_parameter_is_named_with_both_values():
    before = replace(DONE, params={"params.yaml:rate": 0.1, "params.yaml:old": 1})
    assert ask(same_key=(), last=before, params={"params.yaml:rate": 0.2, "params.yaml:old": 1}).reason == (
        "params.yaml:rate changed: 0.1 -> 0.2"
    )
    assert ask(same_key=(), last=before, params={"params.yaml:rate": 0.1}).reason == (
        "params.yaml:old is no parameter any more"
    )
    assert ask(same_key=(), params={"params.yaml:rate": 0.1}).reason == "params.yaml:rate is a new parameter"


def test_other_outputs_are_named():
    assert ask(same_key=(), step=replace(STEP, outputs=("other.pkl",))).reason == "other.pkl is a new output"
    assert ask(same_key=(), step=replace(STEP, outputs=())).reason == "model.pkl is no output any more"


def test_a_step_that_never_ran_says_so():
    assert ask(same_key=(), last=None) == Rerun("it has not run yet")


def test_of_a_changed_table_the_rows_are_told_where_they_were_counted_before():
    edited = artifact("data.csv", "other rows")
    before = replace(DONE, rows={"data.csv": 10})
    said = [
        decide(
            Now(STEP, (edited,), rows=lambda artifact, rows=rows: rows), (), lambda last=last: last, standing(), bool
        ).reason
        for last, rows in ((before, 1024), (before, 9), (before, 10), (before, None), (DONE, 10))
    ]
    digests = f"data.csv changed: {short(DATA.digest)} -> {short(edited.digest)}"
    assert said == [f"{digests}; +1,014 rows", f"{digests}; -1 row", f"{digests}; 10 rows as before", digests, digests]
