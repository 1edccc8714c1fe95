"""A plan lists its steps in an order in which they could run."""

from assay.core.order import waits_for
from assay.core.pipeline import Pipeline, RunAction, Step
from assay.flows.plan import in_order


def run(name: str, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = ()) -> Step:
    return Step(name, RunAction("true"), inputs, outputs)


def test_a_step_comes_after_what_it_waits_for_else_in_file_order():
    steps = (run("use", ("made",), ("used",)), run("make", ("raw",), ("made",)), run("other", ("raw",), ("elsewhere",)))
    assert [step.name for step in in_order(steps, waits_for(Pipeline("p", steps)))] == ["make", "use", "other"]
