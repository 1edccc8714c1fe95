"""``assay gate``: the challenger against the champion."""

from pathlib import Path

import click
import msgspec

from assay.cli.easeml import easeml
from assay.cli.screen import emit
from assay.core.metrics import MetricSettings

NOT_PASSED = 3


@click.group(epilog='Example: assay gate judge rows.csv --require "accuracy > champion.accuracy at 99%"')
def gate() -> None:
    """The challenger against the champion: any two models from a table, and labels needed."""


@gate.command(epilog='Example: assay gate judge rows.csv --require "accuracy > champion.accuracy at 99%" --detect 0.02')
@click.argument("rows", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--require", multiple=True, required=True, help="A sentence; give it again for more.")
@click.option("--detect", type=click.FloatRange(0, min_open=True), help="The smallest gain worth finding.")
@click.option("--confidence", default="95%", show_default=True, help="The level of sentences without an `at`.")
@click.option("--positive", help="The class that precision, recall, f1, auc and average_precision speak of.")
@click.option("--quantile", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Of quantile_loss.")
@click.option("--group", help="The column whose rows belong together.")
@click.option("--time", help="The column of times whose rows of one day belong together.")
@click.option("--min-rows", type=click.IntRange(1), default=100, show_default=True, help="Smaller slices are pooled.")
@click.option("--decisions", type=click.IntRange(0), help="Judge as a ledger that has seen so many decisions.")
@click.option("--passes", type=click.IntRange(0), default=0, help="How many of those passed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def judge(
    rows: Path,
    require: tuple[str, ...],
    detect: float | None,
    confidence: str,
    positive: str | None,
    quantile: float | None,
    group: str | None,
    time: str | None,
    min_rows: int,
    decisions: int | None,
    passes: int,
    *,
    as_json: bool,
) -> int:
    """Judge a table of answers: columns id, label, challenger and champion (predictions), challenger_score and champion_score
    where a metric needs scores; any other column can be sliced by. Exit code 3 where it does not pass.
    """
    from assay.cli.verdict import show_verdict
    from assay.flows.judge import JudgeSettings, judge_table

    settings = JudgeSettings(
        require=require,
        detect=detect,
        confidence=_level(confidence),
        group=group,
        time=time,
        min_rows=min_rows,
        metrics=MetricSettings(positive=positive, quantile=quantile),
        decisions=decisions,
        passes=passes,
    )
    verdict = judge_table(rows, settings)
    if as_json:
        told = msgspec.to_builtins(verdict)
        emit("assay.verdict/1", {"verdict": told.pop("outcome"), **told})
    else:
        show_verdict(verdict)
    return 0 if verdict.outcome == "pass" else NOT_PASSED


def _level(text: str) -> float:
    """``95%`` as .95."""
    digits = text.strip().removesuffix("%").strip()
    try:
        percent = float(digits)
    except ValueError:
        percent = 0.0
    if not 50 < percent < 100:
        raise click.UsageError(f"--confidence is a level over 50% and below 100%, such as 99%; this is {text!r}")
    return float(f"{percent / 100:.12g}")


gate.add_command(easeml)
