"""Hold a dataset against its rules: measure it in one scan, decide, and fetch rows for what failed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from assay.check.findings import Cause, judged
from assay.core.artifact import Artifact
from assay.core.finding import CheckReport, Finding
from assay.core.ports import Engine
from assay.core.rules import Rules

SAMPLE_ROWS = 10
_VALUES_TOLD = 3
_TOLD_BY_VALUE = ("wrong_type", "not_in_set", "wrong_length")


def check(
    dataset: Artifact, paths: Sequence[Path], rules: Rules, engine: Engine, sample_rows: int = SAMPLE_ROWS
) -> CheckReport:
    """All findings on ``dataset``, whose files stand at ``paths``, with up to ``sample_rows`` failing rows each.

    Rules that hold cost nothing beyond the one scan. ``EvidenceError`` where the files are no table.
    """
    measured = engine.measure(paths, rules)
    found = tuple(
        finding if cause is None else _with_sample(finding, cause, engine.sample(paths, rules, *cause, sample_rows))
        for finding, cause in judged(rules, measured)
    )
    return CheckReport(dataset, measured.rows, found)


def _with_sample(finding: Finding, cause: Cause, sample: tuple[dict[str, Any], ...]) -> Finding:
    column, aspect = cause
    detail = finding.detail
    if aspect in _TOLD_BY_VALUE:
        values = list(dict.fromkeys(_quoted(row[column]) for row in sample))
        more = ", …" if len(values) > _VALUES_TOLD else ""
        detail = f"{detail}: {', '.join(values[:_VALUES_TOLD])}{more}"
    return msgspec.structs.replace(finding, sample=sample, detail=detail)


def _quoted(value: object) -> str:
    return msgspec.json.encode(value).decode()
