"""Slips of real projects, each found where it stands; and silence where nothing can be shown."""

import textwrap

import pytest

from assay.core.pipeline import Declaration
from assay.core.problem import DeclarationError
from assay.declare import read_declaration
from assay.explain.lint import Sources, lint


def declared(text: str) -> Declaration:
    return read_declaration(textwrap.dedent(text).encode(), "assay.yaml", "project")


def found(text: str, **files: str):
    """The problems; names of files with ``__`` for a dot and ``___`` for a slash."""
    contents = {name.replace("___", "/").replace("__", "."): body for name, body in files.items()}
    folders = {path.rpartition("/")[0] for path in contents}
    sources = Sources(
        lambda path: contents[path].encode() if path in contents else None,
        lambda path: path in contents or path in folders,
    )
    return lint(declared(text), sources)


def codes(text: str, **files: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.place.line) for problem in found(text, **files)]


ONE = """\
    steps:
      - name: Train
        run: python train.py
        outputs: [data/iris.csv]
    """


def test_an_input_that_is_not_there_and_that_nobody_makes():
    text = """\
        steps:
          - name: Stitch
            run: ./stitch
            outputs: [outputs/stitch]
          - name: Read
            run: ./ocr
            inputs: [outputs/stitched, data.csv, outputs/stitch/one.png]
        """
    (problem,) = found(text, data__csv="x")
    assert (problem.code, problem.place.line, problem.place.column) == ("input-not-made", 7, 14)
    assert problem.what == 'step "Read" reads "outputs/stitched", which is not there and which no step writes'
    assert problem.fix == "write outputs/stitch"


@pytest.mark.parametrize("inputs", ["data", "'data/*.csv'", "made/by/glob.csv", "raw.csv", "raw.csv/one", "made"])
def test_inputs_that_are_there_or_come_by_other_ways_are_none(inputs):
    text = f"""\
        steps:
          - name: Make
            run: ./make
            outputs: [made]
          - name: Read
            run: ./read
            inputs: [{inputs}]
        """
    assert codes(text, data___one__csv="x", raw__csv__dvc="outs:") == []


def test_a_script_runs_that_is_not_the_one_declared():
    text = """\
        steps:
          - name: Prepare
            run: python preparing.py
            inputs: [prepare.py]
        """
    assert codes(text, prepare__py="", preparing__py="") == [("other-script-declared", 4)]


def test_a_declared_helper_of_a_like_name_is_no_slip():
    text = """\
        steps:
          - name: Prepare
            run: python prepare.py
            inputs: [preparer.py]
        """
    assert codes(text, prepare__py="import preparer", preparer__py="") == []


def test_a_script_that_is_not_there():
    text = """\
        steps:
          - name: Train
            run: python trian.py
          - name: Test
            run: python test_model.py
            inputs: [train.py]
        """
    (problem,) = found(text, train__py="", test_model__py="")
    assert (problem.code, problem.place.line, problem.fix) == ("script-not-there", 3, "run train.py")


@pytest.mark.parametrize(
    "command", ["python $SCRIPTS/train.py", "cd src && python train.py", "python /opt/train.py", "python -m train"]
)
def test_a_script_that_may_be_elsewhere_is_none(command):
    assert codes(f"steps:\n  - {{name: a, run: {command}}}\n") == []


@pytest.mark.parametrize(
    "command",
    [
        "bash train.sh",
        "cat d > e && sh -eu ./train.sh a b",
        "X=1 ./train.sh",
        "/bin/bash train.sh",
        "time bash train.sh",
    ],
)
def test_a_script_that_is_not_traced_and_not_declared(command):
    (problem,) = found(f"steps:\n  - {{name: a, run: {command}, inputs: [d]}}\n", train__sh="", d="")
    assert (problem.code, problem.fix) == ("script-not-declared", "add train.sh to `inputs:` of a")


@pytest.mark.parametrize(
    "step",
    [
        "run: bash train.sh, inputs: [d, train.sh]",
        "run: bash train.sh, inputs: [d, '*.sh']",
        "run: bash train.sh",
        "run: python train.py, inputs: [d]",
        "run: bash -c ls, inputs: [d]",
        "run: echo bash train.sh, inputs: [d]",
        "run: cd x && bash train.sh, inputs: [d]",
    ],
)
def test_a_script_that_is_declared_or_traced_or_of_a_step_that_always_runs_is_none(step):
    assert codes(f"steps:\n  - {{name: a, {step}}}\n", train__sh="", train__py="", d="") == []


def test_a_python_script_counts_where_nothing_is_traced():
    text = "steps:\n  - {name: a, run: python3 -u train.py, inputs: [d], trace: off}\n"
    assert codes(text, train__py="", d="") == [("script-not-declared", 2)]


def test_an_output_that_the_script_never_names():
    (problem,) = found(ONE, train__py="open('data/iris_full.csv', 'w').write('x')")
    assert (problem.code, problem.place.line, problem.because) == (
        "output-never-named",
        4,
        ("it names data/iris_full.csv",),
    )


def test_an_output_of_a_script_that_writes_nothing():
    (problem,) = found(ONE, train__py="def main():\n    return 1\n")
    assert problem.because == ("nothing in it writes a file",)


@pytest.mark.parametrize(
    "script",
    [
        "open('data/iris.csv', 'w')",
        "import sys\nopen(sys.argv[1], 'w'); open('other.csv')",
        "import yaml\nopen(yaml.safe_load(open('c'))['out'], 'w'); open('other.csv')",
        "name = 'iris'\nopen(f'data/{name}.csv', 'w'); open('other.csv')",
        "from names import OUT\nopen(OUT, 'w'); open('other.csv')",
        "from dvclive import Live\nopen('other.csv')",
        "for name in names(): open(name + '.csv', 'w')",
        "import os\nopen(os.environ['OUT'], 'w'); open('other.csv')",
    ],
)
def test_a_name_that_may_come_from_elsewhere_is_left_alone(script):
    assert codes(ONE, train__py=script, names__py="OUT = 'data/iris.csv'") == []


@pytest.mark.parametrize(
    "command", ["python train.py data/iris.csv", "python train.py --to data", "python train.py > data/iris.csv"]
)
def test_a_command_that_hands_values_is_left_alone(command):
    text = ONE.replace("python train.py", command)
    assert codes(text, train__py="open('data/iris_full.csv', 'w')") == []


def test_a_parameter_that_the_script_never_reads():
    text = """\
        steps:
          - name: Train
            run: python train.py
            params: [train.rate, split]
        """
    assert codes(text, train__py="rate = load()['rate']") == [("param-never-read", 4)]
    assert codes(text, train__py="fit(**load()['train'], by='split')") == []


def test_a_step_that_declares_nothing_among_steps_that_do():
    text = """\
        steps:
          - {name: a, run: ./a, outputs: [a.csv]}
          - {name: b, run: ./b}
          - {name: c, run: ./c, inputs: [a.csv]}
        """
    assert codes(text) == [("accidental-barrier", 3)]
    assert codes(text.replace("run: ./b", "run: ./b, needs: [a]")) == []
    assert codes(text.replace("run: ./b", "run: ./b, needs: []")) == []
    assert codes(text.replace("run: ./c,", "run: ./c, needs: [b],")) == []


@pytest.mark.parametrize(
    ("theirs", "ours"), [("deps", "inputs"), ("outs", "outputs"), ("live", "metrics"), ("wdir", "workdir")]
)
def test_keys_of_other_tools_are_errors_that_say_what_to_write(theirs, ours):
    with pytest.raises(DeclarationError) as caught:
        declared(f"steps: [{{name: a, run: b, {theirs}: [x]}}]")
    assert [(each.code, each.fix) for each in caught.value.problems] == [("unknown-key", f"write `{ours}:`")]


def test_the_plain_list_is_left_alone():
    text = "steps:\n" + "".join(f"  - {{name: {name}, run: python {name}.py}}\n" for name in "abc")
    assert codes(text, a__py="", b__py="", c__py="") == []


def test_what_cells_share_is_told_once():
    text = """\
        steps:
          - name: Train
            matrix: {seed: [1, 2, 3]}
            run: python train.py ${matrix.seed}
            inputs: [missing.csv]
        """
    assert codes(text, train__py="") == [("input-not-made", 5)]
