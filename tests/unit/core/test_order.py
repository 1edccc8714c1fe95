"""Steps wait for what they name; a step that names nothing waits for all before it and holds all after it."""

import pytest

from assay.core.order import find_cycle, overlaps, reads, touches, waits_for
from assay.core.pipeline import (
    CheckAction,
    DeployAction,
    GateAction,
    ParamSelection,
    Pipeline,
    ReleaseAction,
    RunAction,
    Step,
)
from assay.core.rules import Rules
from assay.core.sentence import parse_sentence


def run(name, inputs=(), outputs=(), metrics=(), needs=()):
    return Step(name, RunAction(f"python {name}.py"), inputs, outputs, metrics, needs)


def check(name, *paths):
    return Step(name, CheckAction(tuple((path, Rules()) for path in paths)))


def waits(*steps):
    return waits_for(Pipeline("delays", steps))


def test_the_plain_list_runs_in_file_order():
    assert waits(run("validate"), run("train"), run("test"), run("deploy")) == {
        "validate": (),
        "train": ("validate",),
        "test": ("train",),
        "deploy": ("test",),
    }


def test_declared_files_decide_whatever_the_order_in_the_file():
    assert waits(
        run("score", inputs=("m.onnx",), metrics=("m.json",)),
        run("train", inputs=("d.csv",), outputs=("m.onnx",)),
        run("report", inputs=("m.json",), outputs=("r.html",)),
        run("other", inputs=("x.csv",), outputs=("y.csv",)),
    ) == {"score": ("train",), "train": (), "report": ("score",), "other": ()}


def test_a_folder_and_what_lies_in_it_are_one():
    steps = (run("split", outputs=("data/parts",)), run("train", inputs=("data/parts/0.csv",), outputs=("m",)))
    assert waits(*steps)["train"] == ("split",)
    steps = (run("one", outputs=("data/a.csv",)), run("two", outputs=("data/b.csv",)), run("all", inputs=("data",)))
    assert waits(*steps)["all"] == ("one", "two")


@pytest.mark.parametrize("workdir", ["code", "code/deep", "./code"])
def test_a_step_waits_for_whoever_makes_the_folder_in_which_it_runs(workdir):
    train = Step("train", RunAction("x"), inputs=("d",), outputs=("m",), workdir=workdir)
    assert waits(train, run("fetch", inputs=("u",), outputs=("code",))) == {"train": ("fetch",), "fetch": ()}


def test_steps_that_run_in_one_folder_and_write_into_it_wait_not_for_each_other():
    steps = [Step(name, RunAction("x"), inputs=("d",), outputs=(f"code/{name}",), workdir="code") for name in "ab"]
    assert waits(*steps) == {"a": (), "b": ()}


def test_a_file_of_parameters_that_a_step_writes_is_waited_for():
    train = Step("train", RunAction("x"), outputs=("m",), params=(ParamSelection("best.json", ("rate",)),))
    assert waits(train, run("tune", inputs=("d",), outputs=("best.json",))) == {"train": ("tune",), "tune": ()}


def test_needs_names_steps():
    assert waits(run("a", outputs=("x",)), run("b", outputs=("y",), needs=("a", "nobody")), run("c", needs=("a",))) == {
        "a": (),
        "b": ("a",),
        "c": ("a",),
    }


def test_a_step_that_declares_nothing_stands_between_those_before_and_after():
    assert waits(run("a", outputs=("x",)), run("b", outputs=("y",)), run("clean"), run("c", inputs=("x",))) == {
        "a": (),
        "b": (),
        "clean": ("a", "b"),
        "c": ("a", "clean"),
    }


def test_a_check_holds_later_readers_of_what_it_checks_and_nobody_else():
    assert waits(
        run("early", inputs=("d.csv",), outputs=("e",)),
        check("check", "d.csv"),
        run("train", inputs=("d.csv",), outputs=("m",)),
        run("other", inputs=("x.csv",), outputs=("o",)),
    ) == {"early": (), "check": (), "train": ("check",), "other": ()}


def test_a_check_on_a_glob_holds_later_readers_and_waits_for_writers_of_its_files():
    found = waits(
        run("make", inputs=("raw",), outputs=("data/a.csv",)),
        check("check", "data/*.csv"),
        run("train", inputs=("data/a.csv",), outputs=("m",)),
        run("all", inputs=("data",), outputs=("n",)),
        run("each", inputs=("data/*.csv",), outputs=("o",)),
        run("other", inputs=("data/a.json", "data.csv", "data/sub/a.csv"), outputs=("p",)),
    )
    assert found == {
        "make": (),
        "check": ("make",),
        "train": ("make", "check"),
        "all": ("make", "check"),
        "each": ("make", "check"),
        "other": (),
    }


def test_a_reader_of_a_glob_waits_for_whoever_writes_into_it():
    steps = (run("train", inputs=("*/parts/**/*.csv",), outputs=("m",)), run("split", outputs=("data/parts",)))
    assert waits(*steps)["train"] == ("split",)
    assert waits(run("train", inputs=("data/*.csv",)), run("one", outputs=("a.csv",)))["train"] == ()


def test_a_check_waits_for_the_step_that_makes_its_data():
    steps = (check("check", "data"), run("make", outputs=("data/a.csv",)))
    assert waits(*steps) == {"check": ("make",), "make": ()}


@pytest.mark.parametrize("action", [GateAction("test.csv", ()), ReleaseAction(), DeployAction()])
def test_gate_release_and_deploy_wait_for_everything_before_them(action):
    steps = (run("a", outputs=("x",)), check("b", "x"), Step("last", action))
    assert waits(*steps)["last"] == ("a", "b")


def test_a_step_does_not_wait_for_itself():
    assert waits(run("tune", inputs=("m",), outputs=("m",))) == {"tune": ()}


def test_a_ring_of_steps_is_named_step_by_step():
    steps = (
        run("free", outputs=("f",)),
        run("a", inputs=("z",), outputs=("x",)),
        run("b", inputs=("x", "f"), outputs=("y",)),
        run("c", inputs=("y",), outputs=("z",)),
    )
    ring = find_cycle(waits(*steps))
    assert ring[0] == ring[-1]
    assert set(ring) == {"a", "b", "c"}
    assert len(ring) == 4
    assert find_cycle(waits(*steps[:3])) == ()


def test_a_step_that_needs_itself_is_a_ring():
    assert find_cycle(waits(run("a", needs=("a",)))) == ("a", "a")


def test_many_steps_in_a_row_are_no_matter():
    names = [f"s{number}" for number in range(3000)]
    chain = {name: (names[at - 1],) if at else () for at, name in enumerate(names)}
    assert find_cycle(dict(reversed(chain.items()))) == ()
    assert len(find_cycle(chain | {"s0": ("s2999",)})) == 3001


def test_checks_and_gates_read_their_data():
    assert reads(check("c", "a", "b")) == ("a", "b")
    assert reads(Step("g", GateAction("test.csv", ()), inputs=("x",))) == ("x", "test.csv")
    cases = parse_sentence("violations(cases hard.csv) <= 0")
    assert reads(Step("g", GateAction("test.csv", (cases,)))) == ("test.csv", "hard.csv")
    assert reads(Step("g", GateAction(None, (), metrics="metrics.json"))) == ("metrics.json",)


@pytest.mark.parametrize(
    "one, other, expected",
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a/b/c", "a", True),
        ("./a", "a", True),
        ("a", "ab", False),
        ("a/b", "a/c", False),
    ],
)
def test_paths_overlap_where_one_lies_in_the_other(one, other, expected):
    assert overlaps(one, other) is expected


@pytest.mark.parametrize(
    "pattern, path, expected",
    [
        ("data/gat*.csv", "data/gate.csv", True),
        ("data/gat*.csv", "./data/x/../gate.csv", True),
        ("data/gat*.csv", "data", True),
        ("data/gat*.csv", "data/rate.csv", False),
        ("data/gat*.csv", "data/gate.csv/deeper", False),
        ("data/gat*.csv", "data/sub/gate.csv", False),
        ("data/?ate[0-9].csv", "data/gate7.csv", True),
        ("data/?ate[!0-9].csv", "data/gate7.csv", False),
        ("data/**/*.csv", "data/a/b/c.csv", True),
        ("data/**/*.csv", "data/c.csv", True),
        ("data/**/*.csv", "other/c.csv", False),
        ("**", "a/b", True),
        ("/srv/*.csv", "/srv/a.csv", True),
        ("/srv/*.csv", "srv/a.csv", False),
        ("a[1].csv", "a[1].csv", True),
        ("data/train_*.csv", "data/test_*.csv", False),
        ("data/*_train.csv", "data/*_test.csv", False),
        ("data/2024-*.csv", "data/*.csv", True),
        ("data/**/x.csv", "data/a/*.csv", True),
        ("data", "data/sub/*.csv", True),
    ],
)
def test_a_glob_touches_the_files_that_it_may_name_and_the_folders_above_them(pattern, path, expected):
    assert touches(pattern, path) is expected
    assert touches(path, pattern) is expected


def test_ten_thousand_steps_that_read_by_globs_find_their_writers_by_folder():
    """Each is held against the files of its own folder, not against those of all others."""
    makers = [run(f"make{at}", inputs=("raw",), outputs=(f"data/{at}/a.csv",)) for at in range(5000)]
    readers = [run(f"read{at}", inputs=(f"data/{at}/*.csv",), outputs=(f"out/{at}",)) for at in range(5000)]
    found = waits(*makers, *readers)
    assert found["read17"] == ("make17",)
    assert found["read4999"] == ("make4999",)


def test_a_step_that_says_that_it_needs_nothing_stands_aside():
    free = Step("tell", RunAction("echo"), is_free=True)
    assert waits(run("a", outputs=("x",)), free, run("b", inputs=("x",))) == {"a": (), "tell": (), "b": ("a",)}


def test_a_step_that_never_runs_waits_for_nothing():
    frozen = Step("frozen", RunAction("false"), inputs=("x",), outputs=("y",), runs="never")
    assert waits(run("a", outputs=("x",)), frozen, run("b", inputs=("y",))) == {"a": (), "frozen": (), "b": ("frozen",)}
