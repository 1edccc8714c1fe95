"""How a run ended, for a person: what fits a screen, the important last."""

from collections.abc import Iterable

from assay.cli.screen import Mark, faint, marked, say, seconds, show_problem, show_untold, strong, titled
from assay.core.problem import Problem
from assay.core.run import RAN, StepResult
from assay.flows.running import RunReport

METRICS_SHOWN = 4
WHOLE_FAILURES = 3
"""So many failures are told whole; of further ones what happened."""
FAILURES_NAMED = 20
NAMES_SHOWN = 3
SLIPS_SHOWN = 3


def show_report(report: RunReport) -> None:
    """The end of a run: the causes of failures, the first one last and whole, then one line."""
    for number in report.recovered:
        say(marked("interrupted", f"run {number} had been killed: it is recorded as interrupted"))
    for process in report.swept:
        say(marked("note", f"ended what it had left running: {process}"))
    _show_failures([result for result in report.results if result.outcome == "failed"])
    _show_slips(report)
    show_untold(report.untold)
    outcomes = [result.outcome for result in report.results]
    ran = outcomes.count("ok") + outcomes.count("failed")
    made = [titled(report.release, report.marks)] if report.release and report.marks else []
    others = [f"{count:,} {outcome}" for outcome in ("skipped", "held") if (count := outcomes.count(outcome))]
    parts = [*made, f"{ran:,} ran", f"{outcomes.count('reused'):,} reused", *others, seconds(report.seconds)]
    say(f"{strong(f'run {report.run}: {report.outcome}')} · {' · '.join(parts)}")


def result_line(result: StepResult) -> str:
    """One step's end, in a line."""
    took = faint(f"  {seconds(result.seconds)}") if result.outcome in RAN else ""
    mark: Mark = result.outcome
    return marked(mark, f"{result.step}  {result.outcome}{_tail(result)}{took}")


def warning_lines(results: Iterable[StepResult]) -> list[str]:
    """The warnings of all steps: of each kind one whole, with the number of those like it."""
    kinds: dict[str, list[tuple[str, Problem]]] = {}
    for result in results:
        for warning in result.warnings:
            kinds.setdefault(warning.code, []).append((result.step, warning))
    return [marked("warn", _warned(warnings)) for warnings in kinds.values()]


def _warned(warnings: list[tuple[str, Problem]]) -> str:
    (step, first), *others = warnings
    name = "" if step in first.what else f"{step}: "
    if not others:
        return f"{name}{first.what}"
    return f"{name}{first.what}; {len(others):,} more like it ({_named([step for step, _ in others])})"


def _show_slips(report: RunReport) -> None:
    """Of steps that failed their cause is told already."""
    failed = {result.step for result in report.results if result.outcome == "failed"}
    slips = [slip for slip in report.slips if slip.step not in failed]
    for slip in slips[:SLIPS_SHOWN]:
        say(marked("warn", f"{slip.place or slip.step}: {slip.what}"), err=True)
    if slips:
        more = f"{len(slips) - SLIPS_SHOWN:,} more; " if len(slips) > SLIPS_SHOWN else ""
        say(faint(f"   {more}assay plan --check says how to mend it"), err=True)


def _show_failures(failed: list[StepResult]) -> None:
    told = [result for result in failed if result.problem is not None]
    rest = told[WHOLE_FAILURES:]
    for result in rest[:FAILURES_NAMED]:
        say(marked("failed", f"{result.step}: {result.problem.what if result.problem else ''}"), err=True)
    if len(rest) > FAILURES_NAMED:
        say(marked("failed", f"{len(rest) - FAILURES_NAMED:,} more failed: assay why"), err=True)
    for result in reversed(told[:WHOLE_FAILURES]):
        if result.problem is not None:
            say(err=True)
            show_problem(result.problem)
    if told:
        say(err=True)


def _named(steps: list[str]) -> str:
    names = list(dict.fromkeys(steps))
    more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
    return f"{', '.join(names[:NAMES_SHOWN])}{more}"


def _tail(result: StepResult) -> str:
    if result.outcome != "ok":
        return f"  {result.reason}" if result.outcome not in RAN or result.exit_code is None else ""
    told = [f"{metric.name} {metric.value:g}" for metric in result.metrics[:METRICS_SHOWN]]
    if len(result.metrics) > METRICS_SHOWN:
        told.append(f"{len(result.metrics) - METRICS_SHOWN} more")
    if result.model is not None:
        told.append(f"model {result.model.label}")
    if result.exit_code is None:
        told.append(result.reason)
    return f"  {', '.join(told)}" if told else ""
