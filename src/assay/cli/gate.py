"""``assay gate``: the challenger against the champion."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assay.cli.easeml import easeml
from assay.cli.gate_last import GateGroup, forms, show_last
from assay.cli.gate_plan import plan
from assay.cli.parameters import level, low_and_high, over_0
from assay.cli.screen import emit, say
from assay.cli.verdict_answer import FILE, as_answer, exit_code, write_files
from assay.core.metrics import MetricSettings

if TYPE_CHECKING:
    from assay.core.verdict import Verdict

STDOUT = "-"


@click.group(
    cls=GateGroup,
    invoke_without_command=True,
    subcommand_metavar="[STEP | COMMAND [ARGS]...]",
    params=forms(),
    epilog="Example: assay gate --html verdict.html",
)
@click.pass_context
def gate(ctx: click.Context, html: Path | None, markdown: Path | None, *, as_json: bool) -> int:
    """The challenger against the champion: the last verdict of each gate of the pipeline, or of the one that STEP names.

    Exit code 0 where it is a pass, or where a run since had nothing to judge, 3 where one is no pass, 6 where no gate has judged yet. Below: any two models from a table, and
    how many labels a gate needs.
    """
    if ctx.invoked_subcommand is not None:
        if html or markdown or as_json:
            raise click.UsageError(f"put options of `{ctx.invoked_subcommand}` after it", ctx)
        return 0
    return show_last(None, html, markdown, as_json=as_json)


@gate.command(epilog='Example: assay gate judge rows.csv --require "accuracy > champion.accuracy at 99%" --detect 0.02')
@click.argument("rows", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--require", multiple=True, required=True, metavar="SENTENCE", help="Give it again for more.")
@click.option("--detect", callback=over_0, metavar="NUMBER", help="The smallest gain worth finding.")
@click.option(
    "--confidence",
    callback=level,
    metavar="LEVEL",
    default="95%",
    show_default=True,
    help="Of sentences without an `at`.",
)
@click.option("--positive", help="The class that precision, recall, f1, auc and average_precision speak of.")
@click.option("--quantile", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Of quantile_loss.")
@click.option(
    "--cost", metavar="FILE|COLUMN", help="Of cost: {label: {prediction: cost}} in a .json or .yaml file, or a column."
)
@click.option("--score-range", callback=low_and_high, metavar="LOW,HIGH", help="The range that no score can leave.")
@click.option("--group", help="The column whose rows belong together.")
@click.option("--time", help="The column of times whose rows of one day belong together.")
@click.option("--min-rows", type=click.IntRange(1), default=100, show_default=True, help="Smaller slices are pooled.")
@click.option("--decisions", type=click.IntRange(0), help="Judge as a ledger that has seen so many decisions.")
@click.option("--passes", type=click.IntRange(0), default=0, help="How many of those passed.")
@click.option(
    "--label-first", metavar="PATH|-", help="Write the ids of the unlabelled rows on which the models differ."
)
@click.option("--html", type=FILE, metavar="PATH", help="Write the verdict as a page that stands alone.")
@click.option("--markdown", type=FILE, metavar="PATH", help="Write the verdict as Markdown.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def judge(
    rows: Path, label_first: str | None, html: Path | None, markdown: Path | None, *, as_json: bool, **asked: Any
) -> int:
    """Judge a table of answers: columns id, label, challenger and champion (predictions), challenger_score and champion_score
    where a metric needs scores; any other column can be sliced by. Exit code 3 where it does not pass.
    """
    from assay.flows.cost_file import read_cost
    from assay.flows.judge import JudgeSettings, first_to_label, judge_rows, read_rows
    from assay.flows.written_apart import demand_apart

    if label_first == STDOUT and as_json:
        raise click.UsageError("--label-first - and --json both print the answer: write the ids to a file")
    ids = None if label_first in (None, STDOUT) else Path(label_first)
    read = [rows] if asked["cost"] is None else [rows, Path(asked["cost"])]
    demand_apart({"--html": html, "--markdown": markdown, "--label-first": ids}, read)
    positive, quantile, cost, score_range = (
        asked.pop(name) for name in ("positive", "quantile", "cost", "score_range")
    )
    metrics = MetricSettings(positive, quantile, None if cost is None else read_cost(cost), score_range)
    answered = read_rows(rows)
    verdict = judge_rows(answered, JudgeSettings(metrics=metrics, **asked))
    write_files(verdict, html, markdown, rows.name)
    if label_first is not None:
        _tell_first(first_to_label(answered), label_first)
    if as_json:
        emit("assay.verdict/1", as_answer(verdict))
    else:
        _show(verdict, err=label_first == STDOUT)
    return exit_code(verdict)


gate.add_command(plan)
gate.add_command(easeml)


def _show(verdict: "Verdict", *, err: bool) -> None:
    """The verdict, or where stdout has another answer only its first line, on stderr."""
    from assay.cli.verdict import show_verdict
    from assay.explain.verdict import headline

    if err:
        say(headline(verdict), err=True)
    else:
        show_verdict(verdict)


def _tell_first(ids: tuple[str, ...], place: str) -> None:
    from assay.flows.verdict_report import write_ids

    if place == STDOUT:
        for name in ids:
            say(name)
    else:
        write_ids(Path(place), ids)
    rows = "row" if len(ids) == 1 else "rows"
    where = "" if place == STDOUT else f": their ids are in {place}"
    say(f"the two models differ on {len(ids):,} {rows} without a label, the first to label{where}", err=True)
