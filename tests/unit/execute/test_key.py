"""What enters a step's key: everything declared that decides about its result, and nothing else."""

import pytest

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.pipeline import GateAction, RunAction, Step
from assay.core.release import Environment
from assay.execute.key import declared_key

HERE = Environment("3.11", "linux-x86_64")
STEP = Step("Train", RunAction("python train.py"), inputs=("a.csv",), outputs=("m.pkl",))


def key(step=STEP, content="rows", environment=HERE, path="a.csv"):
    return declared_key(step, (Artifact(path, digest_of(content.encode()), "file", 4),), environment)


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
    ],
    ids=["content", "path", "python", "lock file", "command", "outputs"],
)
def test_each_of_these_makes_another_key(other):
    assert other != key()


def test_the_name_of_the_step_does_not_matter():
    assert key(Step("Fit", RunAction("python train.py"), inputs=("a.csv",), outputs=("m.pkl",))) == key()


def test_a_step_without_inputs_has_no_key_and_always_runs():
    assert declared_key(Step("Test", RunAction("python test.py")), (), HERE) is None


def test_a_gate_has_no_key():
    assert declared_key(Step("Gate", GateAction("g.csv", ()), inputs=("a.csv",)), (), HERE) is None
