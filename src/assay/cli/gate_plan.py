"""``assay gate plan``: how many labels a gate needs, before any is bought."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from assay.cli.parameters import level, number_or_share, over_0, share
from assay.cli.screen import emit, faint, say, strong, table
from assay.core.metrics import METRICS
from assay.core.problem import Problem, UsageError
from assay.core.sentence import VIOLATIONS, Sentence, latency_share, parse_sentence

if TYPE_CHECKING:
    from assay.flows.gate_plan import GatePlan, PlanSettings
    from assay.judge.plan import Reached, SentencePlan


@click.command(
    epilog='Example: assay gate plan --require "accuracy > champion.accuracy at 99%" --detect 0.02 --disagreement 5%'
)
@click.option(
    "--require", multiple=True, metavar="SENTENCE", help="Plan this instead of the project's gates; again for more."
)
@click.option(
    "--detect", callback=over_0, metavar="NUMBER", help="The smallest gain worth finding, in the metric's unit."
)
@click.option(
    "--disagreement",
    callback=share(),
    metavar="SHARE",
    help="Share of rows on which the two models answer differently.",
)
@click.option("--champion", callback=number_or_share, metavar="NUMBER", help="The champion's value of the metric.")
@click.option(
    "--spread",
    callback=over_0,
    metavar="NUMBER",
    help="Standard deviation of a row's value (mae: of the error); beside a champion, of the difference row by row.",
)
@click.option("--slices", type=click.IntRange(1), help="How many slices a `no slice(COLUMN)` sentence is about.")
@click.option(
    "--power",
    callback=share(0.5, 0.9999),
    metavar="SHARE",
    default="90%",
    show_default=True,
    help="Probability to pass if it is true.",
)
@click.option(
    "--confidence", callback=level, metavar="LEVEL", help="Of sentences without an `at` (the gate's, else 95%)."
)
@click.option("--decisions", type=click.IntRange(0), help="Plan as a ledger that has seen so many decisions.")
@click.option("--passes", type=click.IntRange(0), default=0, help="How many of those passed.")
@click.option("--rows", type=click.IntRange(1), help="Tell also what so many rows would show.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def plan(as_json: bool, **asked: Any) -> None:
    """How many rows for which gain at which confidence, before any label is bought.

    With --require anywhere; without it for the gates of the project, by what their last verdicts showed.
    """
    from assay.flows.gate_plan import PlanSettings

    settings = PlanSettings(**asked)
    gates = _plans(settings)
    if as_json:
        emit("assay.gate-plan/1", {"power": settings.power, "rows": settings.rows, "gates": gates})
        return
    for at, gate in enumerate(gates):
        if at:
            say()
        _show(gate, settings)


def _plans(settings: "PlanSettings") -> tuple["GatePlan", ...]:
    from assay.cli.project import here
    from assay.flows.gate_plan import plan_given, plan_project

    if settings.require:
        return (plan_given(settings),)
    try:
        workspace = here()
    except UsageError as error:
        fix = 'assay gate plan --require "accuracy > champion.accuracy" --disagreement 5%, or go to a project'
        what = "there is no sentence to plan for"
        raise UsageError(Problem("nothing-to-plan", what, (error.problem.what,), fix)) from error
    return plan_project(workspace, settings)


def _show(gate: "GatePlan", settings: "PlanSettings") -> None:
    prefix = "" if gate.step is None else f"{gate.step}: "
    say(strong(f"{prefix}{_headline(gate)}"))
    for line in _about(gate, settings):
        say(faint(f" {line}"))
    for each in gate.sentences:
        say()
        _show_sentence(each, settings)


def _headline(gate: "GatePlan") -> str:
    if gate.labelled_rows:
        return f"{gate.labelled_rows:,} labelled rows decide"
    if gate.labelled_rows == 0:
        return "it takes no labelled rows"
    if any(each.lacks for each in gate.sentences):
        return "not every sentence can be planned yet"
    if any(each.rows is None for each in gate.sentences):
        return "more rows do not decide every sentence"
    return "the labelled rows that decide depend on how many of them each sentence speaks of"


def _about(gate: "GatePlan", settings: "PlanSettings") -> Iterable[str]:
    """What the numbers promise, and where they are from."""
    if gate.labelled_rows != 0 and any(each.table for each in gate.sentences):
        yield f"each sentence passes with a probability of {100 * settings.power:.6g} % if its line with the arrow is true"
    if gate.run is not None:
        yield f"by what the verdict of run {gate.run} showed"
    if gate.wear is not None and gate.wear.decisions:
        seen, passed = _counted(gate.wear.decisions, "decision"), f"{gate.wear.passes:,} passed"
        fresh = "" if gate.fresh_rows is None else f"; on rows that none has seen it takes {gate.fresh_rows:,}"
        yield f"on rows that have seen {seen}, of which {passed}{fresh}"


def _show_sentence(each: "SentencePlan", settings: "PlanSettings") -> None:
    level = "" if each.delta is None else faint(f"  error probability {each.delta:.3g}")
    say(f" {each.sentence}{level}")
    if each.table:
        said = parse_sentence(each.sentence)
        has_few = any(row.to_label is not None for row in each.table)
        heads = ("", "if", each.unit, *(("of these to label",) if has_few else ()))
        rows = [_row(row, each, said, has_few=has_few) for row in each.table]
        say(table([heads, *rows], indent=3))
    for line in _below(each, settings):
        say(faint(f"   {line}"))


def _row(row: "Reached", each: "SentencePlan", said: Sentence, *, has_few: bool) -> tuple[str, ...]:
    mark = "→" if row.shown == each.shown else ""
    rows = "no number of rows" if row.rows is None else f"{row.rows:,}"
    few = "" if row.to_label is None else f"{row.to_label:,}"
    return (mark, say_truth(said, row.shown), rows, *((few,) if has_few else ()))


def _below(each: "SentencePlan", settings: "PlanSettings") -> Iterable[str]:
    if each.rows and each.labelled and each.labelled != each.rows:
        yield f"{each.labelled:,} labelled rows in all hold as many{' of the smallest slice' if ' of each ' in each.unit else ''}"
    if settings.rows is not None and each.unit and each.table:
        unit = f"{settings.rows:,} {each.unit}"
        said = parse_sentence(each.sentence)
        found = each.would_show
        yield f"{unit} would show nothing" if found is None else f"{unit} would show it if {say_truth(said, found)}"
    yield from (f"assumed: {line}" for line in each.assumed)
    if each.note:
        yield each.note
    if each.lacks:
        from assay.flows.gate_plan import say_lacks

        yield say_lacks(each)


def say_truth(sentence: Sentence, shown: float) -> str:
    """What is true of the challenger: ``it is 2.00 points better``, ``accuracy is 82.00 %``, ``0.25 % of calls are slower``."""
    from assay.explain.amounts import GAP, SHARE
    from assay.explain.verdict.asked import scale_of

    if latency_share(sentence.metric) is not None:
        return f"{SHARE.say(shown)} of calls are slower" if shown else "no call is slower"
    if sentence.metric == VIOLATIONS:
        return f"{SHARE.say(shown)} violate it" if shown else "nothing violates it"
    values = scale_of(sentence.metric)
    differences = GAP if values == SHARE else values
    if sentence.quantifier == "gap":
        return f"the gap is {differences.say(shown)}" if shown else "there is no gap"
    if not sentence.is_relative:
        return f"{sentence.metric} is {values.say(shown)}"
    if differences.bare(shown) == differences.bare(0.0):
        return "the challenger is equal"
    is_wanted_better = (sentence.comparison[0] == ">") == METRICS[sentence.metric].higher_is_better
    return f"it is {differences.say(abs(shown))} {'better' if (shown > 0) == is_wanted_better else 'worse'}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
