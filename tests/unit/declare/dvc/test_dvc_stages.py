"""A stage of dvc.yaml is a step that does the same."""

from dvc_files import command, read, steps

from assay.core.order import waits_for
from assay.core.pipeline import ParamSelection, RunAction, Step
from assay.core.problem import Place


def test_a_stage_with_everything():
    text = """
stages:
  train:
    cmd: python train.py
    wdir: ./work/
    deps: [train.py, ../data/, /abs/file]
    params: [lr, {conf.json: [a.b, c]}, depth, {whole.toml: }]
    outs: [model, {cp/: {persist: true, cache: false, push: false, remote: r, desc: d, type: t, labels: [l], meta: {}}}]
    metrics: [m.json, notes.txt]
    plots: [p.csv: {x: a, y: b, title: t, header: true}]
    desc: what it does
    meta: {anything: [1]}
"""
    assert steps(text)["train"] == Step(
        "train",
        RunAction("python train.py"),
        inputs=("work/train.py", "data", "/abs/file"),
        outputs=("work/model", "work/cp", "work/p.csv", "work/notes.txt"),
        metrics=("work/m.json",),
        params=(
            ParamSelection("work/params.yaml", ("lr", "depth")),
            ParamSelection("work/conf.json", ("a.b", "c")),
            ParamSelection("work/whole.toml"),
        ),
        workdir="work",
        shell=("$SHELL",),
        clears=("work/model", "work/p.csv", "work/notes.txt", "work/m.json"),
        keeps=("work/cp",),
    )


def test_when_stages_run():
    kinds = steps(
        """
stages:
  callback: {cmd: x}
  once: {cmd: x, outs: [a]}
  usual: {cmd: x, deps: [b], outs: [c]}
  chosen: {cmd: x, params: [p]}
  frozen: {cmd: x, deps: [c], frozen: true}
  always: {cmd: x, deps: [d], always_changed: true}
"""
    )
    assert {name: (step.runs, step.is_free) for name, step in kinds.items()} == {
        "callback": ("always", True),
        "once": ("changed", False),
        "usual": (None, False),
        "chosen": (None, False),
        "frozen": ("never", False),
        "always": ("always", False),
    }


def test_order_is_by_files_alone():
    text = "stages:\n  b: {cmd: x, deps: [a.txt]}\n  tell: {cmd: x}\n  a: {cmd: x, outs: [a.txt]}\n"
    assert waits_for(read(text).pipeline) == {"b": ("a",), "tell": (), "a": ()}


def test_several_commands_run_one_by_one():
    assert command("[cd a, ls]") == "(\ncd a\n) && (\nls\n)"
    assert command("|\n      cd a\n\n      ls # b") == "(\ncd a\n) && (\nls # b\n)"
    assert command(">\n      python train.py\n      --rate 1") == "python train.py --rate 1"


def test_merge_keys_and_aliases_are_carried_out():
    text = """
stages:
  a: &base {cmd: x, deps: [in], frozen: true}
  b: {<<: *base, frozen: false, outs: &outs [b]}
  c: {<<: [*base, {cmd: y, wdir: w}], deps: *outs}
"""
    found = steps(text)
    assert found["b"].inputs == ("in",)
    assert found["b"].runs is None
    assert (found["c"].action.command, found["c"].inputs, found["c"].runs) == ("x", ("w/b",), "never")


def test_a_stage_of_a_folder_goes_by_its_address():
    declaration = read(
        "stages: {a: {cmd: x}}", sub___dvc__yaml="stages: {a: {cmd: y, deps: [in, ../out], outs: [made]}}"
    )
    assert [(s.name, s.inputs, s.workdir) for s in declaration.pipeline.steps] == [
        ("a", (), "."),
        ("sub/dvc.yaml:a", ("sub/in", "out"), "sub"),
    ]
    assert declaration.places["steps.sub/dvc.yaml:a.inputs[1]"] == Place("sub/dvc.yaml", 1, 33)


def test_the_digest_is_over_all_that_was_read():
    text = "stages: {a: {cmd: x}}"
    assert read(text).digest != read(text, params__yaml="a: 1").digest != read(text, params__yaml="a: 2").digest
    assert read(text).digest == read(text, unrelated__yaml="a: 1").digest


def test_other_sections_are_accepted():
    text = "artifacts: {m: {path: m}}\ndatasets: [{type: dc, name: x}]\nplots: [a.csv, {b: null}]\nmetrics: [m]\nparams: [p]\nstages: {a: {cmd: x}}"
    assert list(steps(text)) == ["a"]
