"""`matrix` and `foreach`: the steps that one declared step becomes."""

import pytest

from assay.core.condition import RunFacts, holds
from assay.core.pipeline import Declaration, Pipeline, RunAction, Step
from assay.core.problem import DeclarationError
from assay.declare import read_declaration

PARAMS = b"models: [lgbm, linear]\nnone: []\nregions: {east: EWR, west: SFO}\ntrain: {rate: 0.1}\n"


def read(path: str) -> bytes:
    if path == "params.yaml":
        return PARAMS
    raise FileNotFoundError(path)


def declared(text: str) -> Declaration:
    return read_declaration(text, read=read)


def steps(text: str) -> tuple[Step, ...]:
    return declared(f"steps:\n{text}").pipeline.steps


def names(text: str) -> list[str]:
    return [step.name for step in steps(f"  - {{name: t, run: x, {text}}}\n")]


def whats(text: str) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        declared(f"steps:\n{text}")
    return [problem.what for problem in caught.value.problems]


def codes(text: str) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        declared(f"steps:\n{text}")
    return [problem.code for problem in caught.value.problems]


def test_each_combination_is_a_step_of_its_own() -> None:
    found = steps("""\
  - name: train
    run: python train.py ${matrix.model} "${matrix.depth}"
    matrix: {model: [lgbm, "my model"], depth: [2]}
    outputs: ["models/${matrix.model}.pkl"]
""")
    assert found == (
        Step(
            "train@lgbm-2",
            RunAction('python train.py lgbm "2"'),
            outputs=("models/lgbm.pkl",),
            cell_of="train",
            cell=(("model", "lgbm"), ("depth", 2)),
        ),
        Step(
            "train@my model-2",
            RunAction("python train.py 'my model' \"2\""),
            outputs=("models/my model.pkl",),
            cell_of="train",
            cell=(("model", "my model"), ("depth", 2)),
        ),
    )


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("matrix: {a: [1, 2], b: [x]}", ["t@1-x", "t@2-x"]),
        ("matrix: {a: [0.1, true, no]}", ["t@0.1", "t@true", "t@no"]),
        ("matrix: {a: [{b: 1}, [2]], c: [z]}", ["t@a0-z", "t@a1-z"]),
        ("matrix: {a: [1, 2], b: [x, y], exclude: [{a: 1, b: x}]}", ["t@1-y", "t@2-x", "t@2-y"]),
        ("matrix: {a: [1, 2], b: [x, y], exclude: [{a: 1}]}", ["t@2-x", "t@2-y"]),
        ("matrix: {a: '${params.models}'}", ["t@lgbm", "t@linear"]),
        ("matrix: {a: ['${params.train.rate}', 'm-${params.train.rate}']}", ["t@0.1", "t@m-0.1"]),
        ("foreach: [EWR, 5]", ["t@EWR", "t@5"]),
        ("foreach: [EWR, {a: 1}]", ["t@0", "t@1"]),
        ("foreach: {east: EWR, west: {a: 1}}", ["t@east", "t@west"]),
        ("foreach: '${params.regions}'", ["t@east", "t@west"]),
    ],
)
def test_cells_are_called_as_dvc_calls_them(text: str, wanted: list[str]) -> None:
    assert names(text) == wanted


def test_items_and_keys_stand_where_they_are_named() -> None:
    found = steps("""\
  - name: fetch
    run: "python fetch.py ${item.code} ${key} ${HOME}"
    foreach: {east: {code: EWR}, west: {code: SFO}}
    inputs: ["raw/${item.code}.csv"]
    env: {REGION: "${key}-1", SEED: 7}
    workdir: "regions/${key}"
""")
    assert [step.action for step in found] == [
        RunAction("python fetch.py EWR east ${HOME}"),
        RunAction("python fetch.py SFO west ${HOME}"),
    ]
    assert (found[1].inputs, found[1].workdir) == (("raw/SFO.csv",), "regions/west")
    assert found[1].env == (("REGION", "west-1"), ("SEED", "7"))
    assert found[1].cell == (("key", "west"), ("item", {"code": "SFO"}))


def test_needs_of_a_step_with_cells_are_all_of_them() -> None:
    found = steps("""\
  - {name: a, run: x, foreach: [1, 2], outputs: ["a${item}"]}
  - {name: b, run: "x ${item}", foreach: [1, 2], needs: ["a@${item}"]}
  - {name: c, run: x, needs: [a, b@1, a@2]}
""")
    assert [step.needs for step in found[2:]] == [("a@1",), ("a@2",), ("a@1", "a@2", "b@1")]


def test_a_condition_knows_the_cell() -> None:
    found = steps("  - {name: a, run: x, matrix: {model: [lgbm, linear]}, when: \"matrix.model == 'lgbm'\"}\n")
    assert [holds(step.when, RunFacts()) for step in found if step.when] == [True, False]


def test_parameters_are_selected_by_cell() -> None:
    first, _ = steps("  - {name: a, run: x, foreach: [east, west], params: ['regions.${item}', models]}\n")
    assert first.params[0].keys == ("regions.east", "models")


def test_places_of_cells_lead_to_where_the_step_is_declared() -> None:
    places = declared("steps:\n- name: t\n  run: x\n  foreach: [1, 2]\n  outputs:\n  - 'o${item}'\n").places
    assert {str(places[f"steps.t@{item}.outputs[0]"]) for item in (1, 2)} == {"assay.yaml:6:6"}
    assert places["steps.t"] == places["steps.t@1"]
    assert str(places["steps.t.foreach"]) == "assay.yaml:4:3"


def test_a_mistake_in_all_cells_is_told_once() -> None:
    assert codes("  - {name: a, run: '${matrix.x}', matrix: {m: [1, 2, 3]}, outputs: ['/x${matrix.m}']}\n") == [
        "unknown-reference",
        "bad-path",
    ]


def test_a_mistake_in_the_matrix_hides_none_in_the_step_and_invents_none() -> None:
    text = "  - {name: a, run: 'x ${matrix.m}', matrix: {m: 5}, outputs: ['${matrix.m}', /x], when: matrix.m > 3}\n"
    assert codes(text + "  - {name: b, run: x, needs: [a]}\n") == ["wrong-type", "bad-path"]


def test_ten_thousand_steps_are_made_and_no_more() -> None:
    hundred = list(range(100))
    text = f"  - {{name: a, run: x, matrix: {{a: {hundred}, b: {hundred}}}}}\n"
    assert len(steps(text)) == 10_000
    assert codes(text + "  - {name: b, run: x, foreach: [1]}\n") == ["too-many-cells"]


def test_what_would_make_millions_is_refused_before_it_is_made() -> None:
    thousand = list(range(1000))
    assert codes(f"  - {{name: a, run: x, matrix: {{a: {thousand}, b: {thousand}, c: {thousand}}}}}\n") == [
        "too-many-cells"
    ]


def test_a_thousand_steps_do_not_each_wait_for_thousands() -> None:
    many = list(range(2000))
    text = f"  - {{name: a, run: x, foreach: {many}, outputs: ['a${{item}}']}}\n  - {{name: b, run: x, foreach: {many}, needs: [a]}}\n"
    assert codes(text) == ["too-many-cells"]


def test_one_name_for_a_step_and_for_cells_is_one_too_many() -> None:
    assert codes("  - {name: a, run: x, foreach: [1]}\n  - {name: a, run: y}\n") == ["same-name"]
    assert codes("  - {name: a@1, run: x}\n  - {name: a, run: y, foreach: [1, 2]}\n") == ["same-name"]
    assert codes("  - {name: a, run: x, foreach: [1]}\n  - {name: a, run: y, foreach: [2]}\n") == ["same-name"]


def test_a_pipeline_of_cells_is_equal_to_one_built_by_hand() -> None:
    text = "name: p\nsteps: [{name: a, run: 'x ${item}', foreach: [1]}]"
    assert declared(text).pipeline == Pipeline("p", (Step("a@1", RunAction("x 1"), cell_of="a", cell=(("item", 1),)),))


def test_what_a_reference_leads_to_is_told_and_not_its_letters() -> None:
    empty = "is empty, so there is nothing to run"
    assert whats("  - {name: a, run: x, foreach: '${params.none}'}\n") == [
        f"`steps.a.foreach`: ${{params.none}} {empty}"
    ]
    assert whats("  - {name: a, run: x, matrix: {n: '${params.none}'}}\n") == [
        f"`steps.a.matrix.n`: ${{params.none}} {empty}"
    ]
    assert whats("  - {name: a, run: x, foreach: '${params.train.rate}'}\n") == [
        "`steps.a.foreach`: expected a list such as [EWR, JFK], or keys with values, and ${params.train.rate} is 0.1"
    ]
    assert whats("  - {name: a, run: x, matrix: {n: '${params.regions}'}}\n") == [
        "`steps.a.matrix.n`: expected a list of values such as [linear, forest], and ${params.regions} is keys with values"
    ]
