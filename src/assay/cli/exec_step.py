"""``assay exec-step``."""

from pathlib import Path

import click

from assay.cli.screen import emit, say, seconds
from assay.flows.exec_step import exec_step as exec_spec


@click.command(name="exec-step", epilog="Example: assay exec-step /shared/jobs/job-7f3a/spec.json")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The record, as one JSON object.")
def exec_step(spec: Path, as_json: bool) -> int:
    """Run one step for an `assay run` on another machine. Schedulers type this; see docs/how-to/executors.md.

    SPEC says what to run. It is taken once, and goes; the record of how the step ended is written beside it. Exit code 0: there is
    such a record, however the step ended.
    """
    record = exec_spec(spec.absolute())
    if as_json:
        emit("assay.job/1", record)
    else:
        say(f"{record.ended.name} ended with {record.ended.exit_code} after {seconds(record.ended.seconds)}")
    return 0
