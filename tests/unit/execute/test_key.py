"""What enters a step's key: everything declared that decides about its result, and nothing else."""

import pytest
from msgspec.structs import replace

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.pipeline import GateAction, ParamSelection, RunAction, Step
from assay.core.release import Environment
from assay.execute.key import declared_key

HERE = Environment("3.11", "linux-x86_64")
STEP = Step("Train", RunAction("python train.py"), inputs=("a.csv",), outputs=("m.pkl",))


def key(step=STEP, content="rows", environment=HERE, path="a.csv", **params):
    return declared_key(step, (Artifact(path, digest_of(content.encode()), "file", 4),), params, environment)


def declaring(**fields):
    return replace(STEP, **fields)


def test_equal_declarations_and_content_give_one_key():
    assert key() == key()


@pytest.mark.parametrize(
    "other",
    [
        key(content="other rows"),
        key(path="b.csv"),
        key(environment=Environment("3.12", "linux-x86_64")),
        key(environment=Environment("3.11", "linux-x86_64", digest_of(b"lock"))),
        key(Step("Train", RunAction("python train.py --fast"), inputs=("a.csv",), outputs=("m.pkl",))),
        key(Step("Train", RunAction("python train.py"), inputs=("a.csv",), outputs=("n.pkl",))),
        key(rate=0.1),
        key(declaring(env=(("SEED", "1"),))),
        key(declaring(secrets=("TOKEN",))),
        key(declaring(workdir="training")),
        key(declaring(shell=("zsh", "-c"))),
    ],
    ids=["content", "path", "python", "lock", "command", "outputs", "params", "env", "secrets", "workdir", "shell"],
)
def test_each_of_these_makes_another_key(other):
    assert other != key()


def test_the_value_of_a_parameter_enters_and_its_spelling_does_not():
    assert key(rate=0.1) != key(rate=0.2)
    assert key(rate=0.1, depth=3) == key(depth=3, rate=0.1)


def test_a_step_that_only_selects_parameters_has_a_key():
    step = Step("Train", RunAction("python train.py"), params=(ParamSelection("params.yaml", ("rate",)),))
    assert declared_key(step, (), {"params.yaml:rate": 1}, HERE) != declared_key(
        step, (), {"params.yaml:rate": 2}, HERE
    )


def test_a_step_that_says_that_it_always_runs_has_none():
    assert key(declaring(runs="always")) is None


@pytest.mark.parametrize(
    "field", [{"timeout_s": 5.0}, {"trace": "strict"}, {"needs": ("Other",)}, {"when": None}, {"clears": ("m.pkl",)}]
)
def test_what_decides_nothing_about_the_result_does_not_enter(field):
    assert key(declaring(**field)) == key()


def test_the_name_of_the_step_does_not_matter():
    assert key(Step("Fit", RunAction("python train.py"), inputs=("a.csv",), outputs=("m.pkl",))) == key()


def test_a_step_without_inputs_has_no_key_and_always_runs():
    assert declared_key(Step("Test", RunAction("python test.py")), (), {}, HERE) is None


def test_a_gate_has_no_key():
    assert declared_key(Step("Gate", GateAction("g.csv", ()), inputs=("a.csv",)), (), {}, HERE) is None
