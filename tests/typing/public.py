"""The public interface as a user would write it; read by mypy, never run."""

import numpy as np

from assay import AssayError, EvidenceError, Pipeline, UsageError, Verdict, __version__, compare, log_metric

version: str = __version__
log_metric("accuracy", 0.93)
log_metric("loss", 0.25, step=3)

verdict: Verdict = compare([1, 0, None], np.array([1, 0, 1]), ["a", "b", "c"], require="accuracy > champion.accuracy")
same: Verdict = compare(
    np.array([1.0, 2.0]),
    np.array([1.0, 2.0]),
    require=["mae < 3", "every slice(kind).mae < 4 at 99%"],
    columns={"kind": ["a", "b"]},
    cost={"late": {"on time": 5}},
    score_range=(0, 5),
    detect=0.5,
    decisions=4,
)
at_99: Verdict = compare([1], [1], require="accuracy > 0.5", confidence="99%", detect="2%")
errors: tuple[type[AssayError], ...] = (UsageError, EvidenceError)
outcome: str = verdict.outcome
more: int | None = verdict.sentences[0].labels_more

pipeline = Pipeline("delays", params="params.yaml", env={"SEED": 1})
pipeline.run("Prepare", "python prepare.py", outputs=["rows.csv"], retries=2)
pipeline.check("Check", {"rows.csv": {"rows": "1.."}}, needs=["Prepare"])


@pipeline.step(inputs=["rows.csv"], outputs=["model.pkl"], matrix={"model": ["linear"]})
def train(model: str) -> float:
    return len(model) / 2


half: float = train("linear")
pipeline.gate("Gate", data="test.csv", require=["mae < champion.mae"])
pipeline.release()
pipeline.deploy(when="branch == 'main'")
