"""What of a result goes into the ledger."""

from assay.core.run import Metric, StepResult, Trace, WrittenFile
from assay.execute.recorded import recorded


def test_a_small_result_is_recorded_as_it_is():
    result = StepResult(
        "a", "ok", "", trace=Trace(True, ("r",), ("w",), ("m",)), metrics=(Metric("loss", 1.0, (1.0,)),)
    )
    assert recorded(result) == result


def test_the_first_files_and_paths_and_the_last_values_are_kept():
    numbers = tuple(map(float, range(5000)))
    paths = tuple(f"/outside/{at}" for at in range(1500)) + tuple(f"inside/{at}" for at in range(1500))
    written = tuple(WrittenFile(str(at), 1, 0.0) for at in range(1500))
    result = StepResult(
        "a", "ok", "", trace=Trace(True, paths, paths, paths), metrics=(Metric("loss", 9.0, numbers),), written=written
    )
    small = recorded(result)
    assert small.written == written[:1000]
    assert small.metrics == (Metric("loss", 9.0, numbers[-1000:]),)
    assert small.trace.reads == small.trace.writes == small.trace.missing == paths[1500:] + paths[:500]
