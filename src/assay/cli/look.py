"""``assay why``, ``log``, ``doctor`` and ``schema``: looking, never changing."""

import json
import os
import sys

import click

from assay.cli.project import here
from assay.cli.screen import emit, marked, say, seconds, strong, table
from assay.cli.verdict import show_verdict
from assay.core.problem import UsageError, describe
from assay.flows.log import find_run, follow_log, list_runs, read_log, runs_of_others


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
    for notice in found.notices:
        say()
        say(describe(notice))


@click.command(epilog="Example: assay log 3 Train")
@click.argument("words", nargs=-1, metavar="[RUN] [STEP]")
@click.option("-f", "--follow", is_flag=True, help="With STEP: go on until its run has ended.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: the runs, the run with its steps, or the step's lines."
)
def log(words: tuple[str, ...], follow: bool, as_json: bool) -> None:
    """All runs; the steps of RUN; or the output of STEP, byte for byte. Without RUN it is the last one of the step."""
    number = int(words[0]) if words and words[0].isdigit() else None
    step = " ".join(words if number is None else words[1:])
    if follow and not step:
        raise click.UsageError("-f follows a step: assay log -f STEP")
    if step:
        _log_step(number, step, follow=follow, as_json=as_json)
    elif number is not None:
        _log_run(number, as_json=as_json)
    else:
        _log_runs(as_json=as_json)


def _log_step(run: int | None, step: str, *, follow: bool, as_json: bool) -> None:
    chunks = (follow_log if follow else read_log)(here(), run, step)
    if as_json:
        lines = b"".join(chunks).decode("utf-8", "backslashreplace").splitlines()
        emit("assay.output/1", {"step": step, "lines": lines})
        return
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def _log_run(number: int, *, as_json: bool) -> None:
    found = find_run(here(), number)
    if as_json:
        emit("assay.log/1", found)
        return
    say(strong(f"run {number}: {found.run.outcome}") + f"  code {found.run.code_version}  {found.run.trigger.why}")
    for result in found.steps:
        say(marked(result.outcome, f"{result.step}  {result.outcome}  {result.reason}"))


def _log_runs(*, as_json: bool) -> None:
    runs = list_runs(here())
    if as_json:
        emit("assay.runs/1", {"runs": runs})
        return
    if not runs:
        say("no runs yet: assay run")
        for name, number in runs_of_others(here()):
            say(marked("note", f"{number} run{'s' * (number > 1)} under another name of this pipeline: `name: {name}`"))
        return
    rows = [(str(r.run), r.outcome, _took(r.seconds), r.code_version, r.trigger.why) for r in runs]
    say(table([("run", "outcome", "took", "code", "why"), *rows]))


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
@click.option("--json", "as_json", is_flag=True, help="The same: a schema is JSON.")
def schema(as_json: bool) -> None:
    """Print the JSON Schema of assay.yaml. Name the file that you keep it in on assay.yaml's first line:

    # yaml-language-server: $schema=assay.schema.json
    """
    from assay.declare import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _took(value: float | None) -> str:
    return "" if value is None else seconds(value)
