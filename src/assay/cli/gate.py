"""``assay gate``: the challenger against the champion."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from assay.cli.easeml import easeml
from assay.cli.gate_plan import plan
from assay.cli.parameters import level, low_and_high
from assay.cli.project import here
from assay.cli.screen import emit, faint, marked, say
from assay.core.metrics import MetricSettings

if TYPE_CHECKING:
    from assay.core.verdict import Verdict
    from assay.flows.last_verdict import LastVerdict

NOT_PASSED = 3
STDOUT = "-"
FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group(invoke_without_command=True, epilog="Example: assay gate --html verdict.html")
@click.option("--html", type=FILE, metavar="PATH", help="Write the verdict as a page that stands alone.")
@click.option("--markdown", type=FILE, metavar="PATH", help="Write the verdict as Markdown.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def gate(ctx: click.Context, html: Path | None, markdown: Path | None, *, as_json: bool) -> int:
    """The challenger against the champion: the last verdict of the pipeline.

    Exit code 0 where it is a pass, 3 where it is not, 6 where no gate has judged yet. Below: any two models from a table, and
    how many labels a gate needs.
    """
    from assay.flows.last_verdict import last_verdict
    from assay.flows.written_apart import demand_apart, project_files

    if ctx.invoked_subcommand is not None:
        if html or markdown or as_json:
            raise click.UsageError(f"put options of `{ctx.invoked_subcommand}` after it", ctx)
        return 0
    workspace = here()
    if html or markdown:
        demand_apart({"--html": html, "--markdown": markdown}, project_files(workspace))
    found = last_verdict(workspace)
    when = _date(found.at_s)
    _write(found.verdict, html, markdown, found.step, when, str(found.run))
    if as_json:
        _emit(found.verdict, run=found.run, step=found.step, at_s=found.at_s)
    else:
        _show_last(found, when)
    return _exit_code(found.verdict)


@gate.command(epilog='Example: assay gate judge rows.csv --require "accuracy > champion.accuracy at 99%" --detect 0.02')
@click.argument("rows", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--require", multiple=True, required=True, metavar="SENTENCE", help="Give it again for more.")
@click.option("--detect", type=click.FloatRange(0, min_open=True), help="The smallest gain worth finding.")
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
    _write(verdict, html, markdown, rows.name)
    if label_first is not None:
        _tell_first(first_to_label(answered), label_first)
    if as_json:
        _emit(verdict)
    else:
        _show(verdict, err=label_first == STDOUT)
    return _exit_code(verdict)


gate.add_command(plan)
gate.add_command(easeml)


def _exit_code(verdict: "Verdict") -> int:
    return 0 if verdict.outcome == "pass" else NOT_PASSED


def _emit(verdict: "Verdict", **about: Any) -> None:
    """The verdict as JSON; what is not finite is null there."""
    from assay.explain.verdict import tellable

    told = msgspec.json.decode(msgspec.json.encode(tellable(verdict)))
    emit("assay.verdict/1", {"verdict": told.pop("outcome"), **told, **about})


def _show(verdict: "Verdict", *, err: bool) -> None:
    """The verdict, or where stdout has another answer only its first line, on stderr."""
    from assay.cli.verdict import show_verdict
    from assay.explain.verdict import headline

    if err:
        say(headline(verdict), err=True)
    else:
        show_verdict(verdict)


def _show_last(found: "LastVerdict", when: str) -> None:
    from assay.cli.verdict import show_verdict

    show_verdict(found.verdict)
    say(faint(f" run {found.run}, {found.step}, {when}"))
    for path in found.files:
        say(marked("note", str(path)))


def _write(
    verdict: "Verdict", html: Path | None, markdown: Path | None, title: str, when: str = "", run: str = ""
) -> None:
    from assay.flows.verdict_report import write_markdown, write_page

    if html is not None:
        write_page(html, verdict, title, when, run)
    if markdown is not None:
        write_markdown(markdown, verdict, title)


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


def _date(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
