"""A check and its drift are of one version of the data, or of none."""

from pathlib import Path
from typing import Any

import pytest

from assay.core.pipeline import CheckAction
from assay.core.problem import EvidenceError
from assay.flows.actions import check as checking
from assay.workspace import Workspace

ASSAY_YAML = """\
steps:
  - name: Check
    check:
      now.csv:
        drift: {since: before.csv, batch: 1 day, time: day, severity: warn}
"""


def rows(start: int) -> str:
    return "day,x\n" + "".join(f"2024-01-{1 + number // 8:02},{start + number}\n" for number in range(240))


@pytest.mark.parametrize("changed", ["now.csv", "before.csv"])
def test_data_that_changes_between_rules_and_drift_is_told_and_leaves_no_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    (tmp_path / "assay.yaml").write_text(ASSAY_YAML)
    for name in ("now.csv", "before.csv"):
        (tmp_path / name).write_text(rows(0))
    with_drift = checking.with_drift

    def another_writes(*asked: Any) -> Any:
        (tmp_path / changed).write_text(rows(1000))
        return with_drift(*asked)

    monkeypatch.setattr(checking, "with_drift", another_writes)
    workspace = Workspace(tmp_path, {})
    (step,) = workspace.pipeline.steps
    assert isinstance(step.action, CheckAction)
    ((name, rules),) = step.action.datasets
    with pytest.raises(EvidenceError) as caught:
        checking.check_in(workspace, checking.demanded_in(workspace, name, rules))
    assert (caught.value.problem.code, caught.value.problem.what) == (
        "data-changed",
        f"{changed} changed while it was checked",
    )
    assert not [path for path in (tmp_path / ".assay").rglob("objects/*") if path.is_file()]
