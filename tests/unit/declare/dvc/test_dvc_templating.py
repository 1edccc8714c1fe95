"""``${...}`` in dvc.yaml is filled in as DVC does it."""

import pytest
from dvc_files import command, read, steps

from assay.core.problem import DeclarationError

PARAMS = 'train: {rate: 1e-3, deep: [{a: 7}], on: true, text: "it\'s"}\nnumbers: [1, 2]\nnone: null\nflag: false\ngrouped: [1_000, "1_000"]\n'


@pytest.mark.parametrize(
    "written, made",
    [
        ("x ${train.rate} ${train.deep[0].a}", "x 0.001 7"),
        ("x ${ train.on } ${flag} ${train.text}", "x true false it's"),
        (r"echo \${HOME} ${numbers.1}", "echo ${HOME} 2"),
        ("x ${none}", "x None"),
        ("${train.text}", "it's"),
        ("x ${grouped[0]} ${grouped[1]}", "x 1000 1_000"),
        ("${train.text}/${flag}", "it's/false"),
        ("x ${opts}", "x --rate 0.1 --deep.a 1 --names a 'b c' --on --n 3"),
    ],
)
def test_a_command(written, made):
    more = "opts: {rate: 0.1, deep: {a: 1}, names: [a, b c], on: true, off: false, n: 3, none: []}\n"
    assert command(written, params__yaml=PARAMS + more) == made


def test_flags_are_spelt_as_dvc_is_told():
    config = "[core]\n    remote = x\n    autostage = true\n[parsing]\n    bool = boolean_optional\n    list = append\n"
    params = "opts: {names: [a, b], off: false}"
    assert command("x ${opts}", params__yaml=params, __dvc___config=config) == "x --names a --names b --no-off"


def test_cells_are_named_as_dvc_names_them():
    text = """
stages:
  list: {foreach: [a, 1, true, a], do: {cmd: "x ${item}"}}
  composite: {foreach: [{n: a}, {n: b}], do: {cmd: "x ${item.n}"}}
  map: {foreach: {k: 1, l: {m: 2}}, do: {cmd: "x ${key}"}}
  grid: {matrix: {a: "${numbers}", b: [x, [1]]}, cmd: "x ${item.a} ${key}"}
"""
    assert {name: step.action.command for name, step in steps(text, params__yaml=PARAMS).items()} == {
        "list@a": "x a",
        "list@1": "x 1",
        "list@true": "x true",
        "composite@0": "x a",
        "composite@1": "x b",
        "map@k": "x k",
        "map@l": "x l",
        "grid@1-x": "x 1 1-x",
        "grid@1-b1": "x 1 1-b1",
        "grid@2-x": "x 2 2-x",
        "grid@2-b1": "x 2 2-b1",
    }


def test_a_cell_knows_its_stage_and_its_axes():
    step = steps("stages: {s: {matrix: {a: [1], b: [x]}, cmd: x}}")["s@1-x"]
    assert (step.cell_of, step.cell) == ("s", (("a", 1), ("b", "x")))


def test_variables_come_from_params_then_vars_then_the_stage():
    text = """
vars: [more.json, "part.toml:a,b", {own: {x: 1}}]
stages:
  s: {wdir: sub, vars: [local.yaml, {mine: 5}], cmd: "x ${p} ${more} ${a.n} ${own.x} ${local} ${mine} ${own.y}"}
"""
    files = {
        "more__json": '{"more": 2, "own": {"y": 9}}',
        "part__toml": "b = 1\nc = 2\n[a]\nn = 3\n",
        "params__yaml": "p: 1",
    }
    assert steps(text, sub___local__yaml="local: 4", **files)["s"].action.command == "x 1 2 3 1 4 5 9"


@pytest.mark.parametrize(
    "text, code, what",
    [
        ("stages: {s: {cmd: 'x ${train.rte}'}}", "unknown-variable", "did you mean ${train.rate}?"),
        ("stages: {s: {cmd: 'x ${numbers[2]}'}}", "unknown-variable", "a list of 2"),
        ("stages: {s: {cmd: 'x ${flag.a}'}}", "unknown-variable", "in which there is no `a`"),
        ("stages: {s: {cmd: 'x ${a..b}'}}", "bad-interpolation", "does not read"),
        ("stages: {s: {cmd: x, deps: ['${train}']}}", "bad-interpolation", "is a mapping"),
        ("stages: {s: {cmd: 'x ${numbers}'}}", "bad-interpolation", "is a list"),
        ("vars: [{flag: 1}]\nstages: {s: {cmd: x}}", "variable-redefined", "`flag` of vars[0]"),
        ("vars: [{train: {rate: 1}}]\nstages: {s: {cmd: x}}", "variable-redefined", "`train.rate`"),
        ("vars: ['params.yaml:flag']\nstages: {s: {cmd: x}}", "variable-redefined", "loaded already"),
        ("vars: [none.yaml]\nstages: {s: {cmd: x}}", "no-params-file", "there is no none.yaml"),
        ("vars: ['other.yaml:b']\nstages: {s: {cmd: x}}", "unknown-variable", 'has no "b"'),
        ("vars: [bad.json]\nstages: {s: {cmd: x}}", "params-not-readable", "bad.json"),
        ("vars: [{a: '${flag}'}]\nstages: {s: {cmd: x}}", "bad-interpolation", "cannot name variables"),
        ("stages: {s: {foreach: [1], do: {vars: [{item: 1}], cmd: x}}}", "variable-redefined", "`item`"),
        ("stages: {s: {foreach: '${flag}', do: {cmd: x}}}", "wrong-type", "a list, names with values"),
    ],
)
def test_what_cannot_be_filled_in_is_told(text, code, what):
    with pytest.raises(DeclarationError) as error:
        read(text, params__yaml=PARAMS, bad__json="{", other__yaml="a: 1")
    assert [problem.code for problem in error.value.problems] == [code]
    assert what in error.value.problems[0].what


def test_a_mistake_stands_at_its_very_letter():
    with pytest.raises(DeclarationError) as error:
        read("stages:\n  s:\n    cmd: echo ${nothing}\n")
    assert str(error.value.problems[0].place) == "dvc.yaml:3:15"
