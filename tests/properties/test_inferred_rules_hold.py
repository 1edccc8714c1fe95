"""The data from which rules were inferred passes them, whatever it holds; every line reads as it is written."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_frames import CELLS, NAMES, Frame, frames, write

from assay.check import check
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.pipeline import CheckAction
from assay.core.rules import Rules
from assay.declare import read_pipeline
from assay.flows.data_infer import infer
from assay.workspace import open_engine


def rules_in(text: str) -> Rules:
    """The rules of the file, read as assay.yaml reads them."""
    indented = "\n".join(f"        {line}" for line in text.splitlines())
    (step,) = read_pipeline(f"steps:\n  - name: Check\n    check:\n      data.csv:\n{indented}\n").steps
    assert isinstance(step.action, CheckAction)
    return step.action.datasets[0][1]


def has_rules(text: str) -> bool:
    return any(line and not line.lstrip().startswith("#") for line in text.splitlines())


@st.composite
def batches(draw: st.DrawFn) -> list[Frame]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=4))
    types = {name: draw(st.sampled_from(sorted(CELLS))) for name in names}
    return [draw(frames(types)) for _ in range(draw(st.sampled_from([1, 1, 2, 4])))]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_the_data_passes_the_rules_that_it_suggests(suffix: str, tmp_path: Path) -> None:
    @given(batches())
    @settings(max_examples=15, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    def holds(found: list[Frame]) -> None:
        names = []
        for at, frame in enumerate(found):
            if suffix != ".jsonl" or frame.rows:
                write(frame, tmp_path / f"b{at}{suffix}")
                names.append(f"b{at}{suffix}")
        if not names:
            return
        inferred = infer(tmp_path, {}, names)
        if not has_rules(inferred.text):
            return
        rules = rules_in(inferred.text)
        lines = {each.name: each.line for each in inferred.columns if each.line}
        assert {rule.column: rule.text for rule in rules.columns} == lines
        for name in names:
            dataset = Artifact(name, digest_of(b""), "file", 0)
            report = check(dataset, Files((tmp_path / name,)), rules, open_engine("duckdb"))
            assert report.passed, [each for each in report.findings if not each.passed]

    holds()
