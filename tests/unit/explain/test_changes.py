"""What has changed since the last green run, in lines; and what is worth telling of a step that ended well."""

import pytest

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.machine import Machine
from assay.core.pipeline import RunAction, Step
from assay.core.problem import describe
from assay.core.release import CodeVersion, Environment
from assay.core.run import Metric, StepResult
from assay.explain.failure import Aftermath, Circumstances, Shared, Since, find_changes, notices
from assay.explain.failure.changes import NOTHING, Change, tell


def file(path: str, text: str, size_bytes: int = 1000) -> Artifact:
    return Artifact(path, digest_of(text.encode()), "file", size_bytes)


def files(*artifacts: Artifact) -> dict[str, Artifact]:
    return {artifact.path: artifact for artifact in artifacts}


def texts(before: Circumstances, now: Circumstances) -> list[str]:
    return [change.text for change in find_changes(before, now)]


def test_sources_stand_before_what_steps_made_of_them():
    before = Circumstances(files(file("data/raw.csv", "a"), file("clean.csv", "a"), file("train.py", "a")))
    now = Circumstances(
        files(file("data/raw.csv", "b"), file("clean.csv", "b"), file("train.py", "b")), {"clean.csv": "Prepare"}
    )
    assert [change.name for change in find_changes(before, now)] == ["data/raw.csv", "train.py", "clean.csv"]
    assert find_changes(before, now)[-1].writer == "Prepare"


@pytest.mark.parametrize(
    ("were", "are", "said"),
    [
        ({"raw.csv": 100}, {"raw.csv": 114}, "(+14 rows)"),
        ({"raw.csv": 100}, {"raw.csv": 99}, "(-1 row)"),
        ({"raw.csv": 100}, {"raw.csv": 100}, "(still 100 rows)"),
        ({}, {"raw.csv": 114}, "(1.0 kB -> 2.0 kB, 114 rows)"),
        ({}, {}, "(1.0 kB -> 2.0 kB)"),
    ],
)
def test_rows_are_told_where_they_are_known(were, are, said):
    before = Circumstances(files(file("raw.csv", "a")), rows=were)
    now = Circumstances(files(file("raw.csv", "b", 2000)), rows=are)
    assert texts(before, now)[0].endswith(said)


def test_files_that_come_and_go():
    before, now = Circumstances(files(file("old.csv", "a"))), Circumstances(files(file("new.csv", "a")))
    assert texts(before, now)[0] == "new.csv is read now, and was not then"
    assert texts(before, now)[1].startswith("old.csv is gone (")


def test_commands_parameters_packages_and_the_machine():
    before = Circumstances(
        commands={"Train": "python train.py", "Old": "x"},
        params={"params.yaml:train.lr": 0.1, "params.yaml:depth": 3},
        packages={"numpy": "2.3.1", "scipy": "1.0"},
        environment=Environment("3.11", "linux-x86_64", digest_of(b"a")),
        machine=Machine("ada-laptop", 8, 16_000_000_000, "Linux 6.8 x86_64"),
    )
    now = Circumstances(
        commands={"Train": "python train.py --fast"},
        params={"params.yaml:train.lr": 0.5, "params.yaml:depth": 3},
        packages={"numpy": "2.4.0", "rich": "14.0"},
        environment=Environment("3.12", "linux-x86_64", None),
        machine=Machine("runner-7", 2, 16_100_000_000, "Linux 6.8 x86_64"),
    )
    assert texts(before, now) == [
        'the command of step "Train": `python train.py` -> `python train.py --fast`',
        "params.yaml:train.lr: 0.1 -> 0.5",
        "numpy 2.3.1 -> 2.4.0",
        "rich not installed -> 14.0",
        "scipy 1.0 -> not installed",
        "Python 3.11 -> 3.12",
        f"the lock file {digest_of(b'a')[3:11]} -> none",
        "machine ada-laptop -> runner-7",
        "8 -> 2 CPUs",
    ]


def test_what_was_not_recorded_is_no_change():
    before = Circumstances(packages=None, environment=None, machine=None)
    now = Circumstances(
        packages={"numpy": "2.4.0"}, environment=Environment("3.12", "x"), machine=Machine("a", 1, 1, "Linux")
    )
    assert find_changes(before, now) == ()


def test_that_nothing_has_changed_is_said_too():
    assert tell(Since(12, ())) == (f"run 12, which was green: {NOTHING}",)
    assert tell(None) == ()


def test_many_changes_are_counted_and_packages_do_not_crowd_out_the_rest():
    packages = [Change("package", f"p{at}", f"p{at} 1 -> 2") for at in range(20)]
    lines = tell(Since(12, (*packages, Change("machine", "host", "machine a -> b"))))
    assert lines[1:] == ("p0 1 -> 2", "p1 1 -> 2", "p2 1 -> 2", "p3 1 -> 2", "machine a -> b", "and 16 more")


STEP = Step("Train", RunAction("sh train.sh"), secrets=("TOKEN",))
DONE = StepResult("Train", "ok", "", 0, started_s=100.0)
DATA = Change("data", "raw.csv", "raw.csv changed 9c41e0d2 -> d11f42aa (+14 rows)")


def fell(*changes: Change, name: str = "accuracy", was: float = 0.9, now: float = 0.7) -> Aftermath:
    result = StepResult("Train", "ok", "", 0, metrics=(Metric(name, now),))
    return Aftermath(STEP, result, since=Since(12, changes, metrics={"Train": {name: was}}))


TOLD = {
    "secret": Aftermath(STEP, DONE, printed_secrets=("TOKEN",)),
    "dirty": Aftermath(STEP, DONE, CodeVersion("1.4.0+3.g91bc2e.dirty", "91bc2e", dirty=True)),
    "old_result": Aftermath(STEP, StepResult("Train", "reused", "", started_s=100.0), edited={"train.sh": 200.0}),
    "metric_fell": fell(DATA),
    "loss_rose": fell(DATA, name="val_loss", was=0.2, now=0.4),
    "leak": Aftermath(STEP, DONE, overlaps=(Shared("test.csv", "train.csv", 300, 41),)),
    "outside": Aftermath(STEP, DONE, outside=("/home/ada/data/extra.csv",)),
}
SILENT = {
    "committed code": Aftermath(STEP, DONE, CodeVersion("1.4.0", "91bc2e")),
    "a script that is an input": Aftermath(
        STEP,
        StepResult("Train", "reused", "", inputs=(file("train.sh", "a"),), started_s=100.0),
        edited={"train.sh": 200.0},
    ),
    "a script from before the result": Aftermath(
        STEP, StepResult("Train", "reused", "", started_s=100.0), edited={"train.sh": 50.0}
    ),
    "a metric that fell with the code": fell(DATA, Change("code", "train.py", "train.py changed")),
    "a metric that fell a little": fell(DATA, now=0.89),
    "a metric that rose": fell(DATA, now=0.95),
    "a loss that fell": fell(DATA, name="val_loss", was=0.4, now=0.2),
    "a number that is no metric of quality": fell(DATA, name="rows", was=100, now=10),
    "no row in both": Aftermath(STEP, DONE, overlaps=(Shared("test.csv", "train.csv", 300, 0),)),
    "libraries outside": Aftermath(STEP, DONE, outside=("/usr/share/zoneinfo/UTC", "/etc/hosts")),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_worth_telling(snapshot, name):
    (notice,) = notices(TOLD[name])
    snapshot(f"explain/notice_{name}.txt", describe(notice) + "\n")


@pytest.mark.parametrize("after", SILENT.values(), ids=SILENT)
def test_what_is_not(after):
    assert notices(after) == ()
