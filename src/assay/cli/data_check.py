"""``assay data check``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from assay.cli.screen import emit, marked, say
from assay.core.problem import AssayError, UsageError

if TYPE_CHECKING:
    from assay.core.finding import CheckReport
    from assay.flows.accept import Change
    from assay.flows.findings_report import Face
    from assay.workspace import Workspace

BROKEN = 4
STDOUT = "-"
_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command(epilog="Example: assay data check data/flights.parquet --rules checks/flights.yaml --html findings.html")
@click.argument("data", required=False)
@click.option("--rules", metavar="FILE", help="The rules, where assay.yaml has none for DATA.")
@click.option("--serving", is_flag=True, help="Columns of `train_only` may be absent.")
@click.option("--accept", is_flag=True, help="Write the proposed changes into the rules, for review.")
@click.option("--all", "all_rules", is_flag=True, help="Also the rules that hold, and whole samples.")
@click.option("--html", type=_FILE, metavar="PATH|-", help="Write the findings as a page that stands alone.")
@click.option("--junit", type=_FILE, metavar="PATH|-", help="Write them as JUnit XML.")
@click.option("--markdown", type=_FILE, metavar="PATH|-", help="Write them as Markdown.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(
    data: str | None,
    rules: str | None,
    html: Path | None,
    junit: Path | None,
    markdown: Path | None,
    *,
    serving: bool,
    accept: bool,
    all_rules: bool,
    as_json: bool,
) -> int:
    """Hold datasets against their rules, now, without a run: all that assay.yaml checks, or DATA alone.

    DATA is a dataset as assay.yaml names it, one of its files, or with --rules any path, glob or table. Exit code 0 where every
    rule holds but for warnings, 4 where one is broken. Nothing is recorded. With --accept the rules are changed so that what was
    found would pass, where that can be proposed; look at the change before you commit it. Where a page, XML or Markdown goes to
    stdout (-), what was found is told in a line on stderr.
    """
    from assay.flows.accept import accept as accepted
    from assay.flows.data_check import check_data
    from assay.flows.findings_report import told_as, write_file

    places = _places(html, junit, markdown)
    answer = _on_stdout(places, as_json=as_json)
    workspace = _workspace(rules, data)
    held = check_data(workspace, data, rules=rules, environment="serve" if serving else None)
    reports = [each.report for each in held]
    changes = accepted(workspace, held, rules) if accept else ()
    try:
        if answer is not None:
            _answer_as(told_as(answer, workspace, reports), reports)
        elif as_json:
            emit("assay.data-check/1", {"passed": _passed(reports), "reports": reports, "changes": changes})
        else:
            _show(reports, changes, all_rules=all_rules, is_accepting=accept)
    finally:  # also where nobody could be answered
        for face, place in places.items():
            if face != answer:
                write_file(place, told_as(face, workspace, reports))
    return 0 if _passed(reports) else BROKEN


def _places(html: Path | None, junit: Path | None, markdown: Path | None) -> "dict[Face, Path]":
    asked: dict[Face, Path | None] = {"html": html, "junit": junit, "markdown": markdown}
    return {face: place for face, place in asked.items() if place is not None}


def _on_stdout(places: "dict[Face, Path]", *, as_json: bool) -> "Face | None":
    """What is the answer instead of the findings for a terminal."""
    asked = [face for face, place in places.items() if str(place) == STDOUT]
    options = [f"--{face} -" for face in asked] + (["--json"] if asked and as_json else [])
    if len(options) > 1:
        raise click.UsageError(f"{' and '.join(options)} both print the answer: write one to a file")
    return asked[0] if asked else None


def _answer_as(text: str, reports: "list[CheckReport]") -> None:
    from assay.explain.findings import headline

    click.echo(text, nl=False)
    say(headline(reports), err=True)


def _workspace(rules: str | None, data: str | None) -> "Workspace":
    """The project; with rules of their own no project is needed."""
    from assay.cli.project import here
    from assay.workspace import Workspace

    if rules is not None:
        return Workspace(Path.cwd(), os.environ)
    try:
        return here()
    except AssayError as error:
        if data is None or error.problem.code != "no-assay-yaml":
            raise
        fix = (
            f"name the rules: assay data check {data} --rules FILE; `assay data infer {data} --out FILE` proposes some"
        )
        raise UsageError(msgspec.structs.replace(error.problem, fix=fix)) from error


def _passed(reports: "list[CheckReport]") -> bool:
    return all(report.passed for report in reports)


def _show(reports: "list[CheckReport]", changes: "tuple[Change, ...]", *, all_rules: bool, is_accepting: bool) -> None:
    from assay.cli.findings import show_findings
    from assay.flows.drift import undecided_drift

    show_findings(reports, all_rules=all_rules)
    for undecided in filter(None, map(undecided_drift, reports)):
        say(marked("note", undecided.removeprefix("; ")))
    for change in changes:
        if change.is_written:
            say(marked("ok", f"accepted: {change.says}: {change.place} {change.key}: {change.line}"))
        elif change.is_outdated:
            changed = f"{change.place} {change.key} has changed since it was checked: check again"
            say(marked("warn", f"not accepted: {change.says}: {changed}"))
        else:
            say(marked("warn", f"write it by hand: {change.place} {change.key}: {change.line}"))
    if changes and not _passed(reports):
        say(marked("note", "what was found is of the rules before: check again"))
    if is_accepting and not changes:
        say(marked("note", "nothing that was found proposes a change of the rules"))
