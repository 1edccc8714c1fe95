"""``assay diff``."""

import click
import msgspec

from assay.cli.project import here
from assay.cli.screen import emit, marked, say, strong, table
from assay.core.digest import Digest, short
from assay.flows.diff import MetricPair, RunDiff
from assay.flows.diff import diff as compare


@click.command(epilog="Example: assay diff 3 5")
@click.argument("before", type=click.IntRange(1), metavar="RUN")
@click.argument("after", type=click.IntRange(1), metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def diff(before: int, after: int, as_json: bool) -> None:
    """What differs between two runs: code, data, parameters, packages, machine, metrics and outputs."""
    found = compare(here(), before, after)
    if as_json:
        metrics = [{**msgspec.to_builtins(metric), "change": metric.change} for metric in found.metrics]
        emit("assay.diff/1", {**msgspec.to_builtins(found), "metrics": metrics})
    else:
        _show(found)


def _show(found: RunDiff) -> None:
    say(strong(f"run {found.before.run} -> run {found.after.run}"))
    if found.is_empty:
        say(marked("note", "nothing that is recorded differs"))
        return
    then, now = found.before.code_version, found.after.code_version
    code = [("version", f"{then} -> {now}")] if then != now else []
    lines = [
        *code,
        *((change.kind, change.text) for change in found.changes),
        *(
            ("step", f"{step.step}: {step.before or 'not in it'} -> {step.after or 'not in it'}")
            for step in found.steps
        ),
        *(("output", f"{each.path} {_digest(each.before)} -> {_digest(each.after)}") for each in found.outputs),
    ]
    if lines:
        say(table(lines))
    _show_metrics(found)


def _show_metrics(found: RunDiff) -> None:
    other = [metric for metric in found.metrics if metric.before != metric.after]
    if other:
        head = ("metric", f"run {found.before.run}", f"run {found.after.run}", "change", "step")
        say(table([head, *map(_row, other)]))
    same = len(found.metrics) - len(other)
    if same:
        say(marked("note", f"{same:,} metric{'' if same == 1 else 's'} the same"))


def _row(metric: MetricPair) -> tuple[str, ...]:
    change = "" if metric.change is None else f"{metric.change:+.4g}"
    return metric.name, _number(metric.before), _number(metric.after), change, metric.step


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _digest(digest: Digest | None) -> str:
    return "none" if digest is None else short(digest)
