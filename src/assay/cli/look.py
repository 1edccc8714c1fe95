"""``assay why``, ``log``, ``doctor`` and ``schema``: looking, never changing."""

import json
import os
import sys

import click

from assay.cli.project import here
from assay.cli.screen import emit, marked, say, seconds, strong, table
from assay.cli.verdict import show_verdict
from assay.core.problem import UsageError, describe


@click.command(epilog="Example: assay why Deploy")
@click.argument("subject", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def why(subject: tuple[str, ...], as_json: bool) -> None:
    """Explain a run (3), a step (Train), a release (r2) or an error code; the last run where nothing is named."""
    from assay.flows.why import why as explain
    from assay.flows.why import why_code

    name = " ".join(subject) or None
    found = (why_code(name) if name else None) or explain(here(), name)
    if as_json:
        emit("assay.why/1", found)
        return
    say(strong(found.answer))
    for line in found.details:
        say(marked("note", line))
    if found.verdict is not None:
        show_verdict(found.verdict)
    if found.problem is not None:
        say()
        say(describe(found.problem))


@click.command(epilog="Example: assay log 3 Train")
@click.argument("run", required=False)
@click.argument("step", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until the run has ended.")
@click.option("--json", "as_json", is_flag=True, help="JSON: the runs, or the run with its steps.")
def log(run: str | None, step: str | None, follow: bool, as_json: bool) -> None:
    """All runs; the steps of RUN; or the output of STEP, byte for byte. RUN may be left out before a step's name."""
    from assay.flows.log import find_run, follow_log, list_runs, read_log

    if run is not None and not run.isdigit():
        run, step = None, run
    number = int(run) if run else None
    if step is not None:
        read = follow_log if follow else read_log
        for chunk in read(here(), number, step):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    elif number is not None:
        found = find_run(here(), number)
        if as_json:
            emit("assay.log/1", found)
            return
        say(strong(f"run {number}: {found.run.outcome}") + f"  code {found.run.code_version}  {found.run.trigger.why}")
        for result in found.steps:
            say(marked(result.outcome, f"{result.step}  {result.outcome}  {result.reason}"))
    else:
        runs = list_runs(here())
        if as_json:
            emit("assay.runs/1", {"runs": runs})
            return
        rows = [(str(r.run), r.outcome, _took(r.seconds), r.code_version, r.trigger.why) for r in runs]
        say(table([("run", "outcome", "took", "code", "why"), *rows]) if rows else "no runs yet: assay run")


@click.command(epilog="Example: assay doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def doctor(as_json: bool) -> int:
    """Look at this machine and, in a project, at its file, ledger and disk. Exit code 1 where something is wrong."""
    from assay.flows.doctor import examine_machine, examine_project

    found = examine_machine(dict(os.environ))
    try:
        found += examine_project(here())
    except UsageError as error:
        say(marked("note", error.problem.what), err=True)
    if as_json:
        emit("assay.doctor/1", {"examined": found})
    else:
        for item in found:
            say(marked(item.state, f"{item.subject:<14} {item.seen}{f'; {item.fix}' if item.fix else ''}"))
    return 1 if any(item.state == "failed" for item in found) else 0


@click.command(epilog="Example: assay schema > assay.schema.json")
@click.option("--json", "as_json", is_flag=True, help="It is JSON in any case.")
def schema(as_json: bool) -> None:
    """Print the JSON Schema of assay.yaml. Name the file that you keep it in on assay.yaml's first line:

    # yaml-language-server: $schema=assay.schema.json
    """
    from assay.declare import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _took(value: float | None) -> str:
    return "" if value is None else seconds(value)
