"""How a problem reads: STYLE's format, to the space."""

from assay.core.problem import Place, Problem, describe

WHOLE = Problem(
    "output-not-written",
    "the declared output was not written: models/churn.onnx",
    ("first fact", "second fact"),
    "what to do",
    step="train",
)


def test_the_step_stands_before_and_each_part_beside_its_name() -> None:
    assert describe(WHOLE) == (
        "train: the declared output was not written: models/churn.onnx\n"
        "  because  first fact\n"
        "           second fact\n"
        "  fix      what to do\n"
        "  code     output-not-written"
    )


def test_the_place_stands_before_where_there_is_one() -> None:
    placed = Problem("same-name", "two steps are called train", place=Place("assay.yaml", 14, 5), step="train")
    assert describe(placed) == "assay.yaml:14:5: two steps are called train\n  code     same-name"


def test_without_place_and_step_the_sentence_stands_alone() -> None:
    assert describe(Problem("x", "it broke")) == "it broke\n  code     x"


def test_a_fact_of_several_lines_stays_in_its_column() -> None:
    assert "  because  one\n           two\n" in describe(Problem("x", "it broke", ("one\ntwo",)))
