"""``assay init``."""

from pathlib import Path

import click

from assay.cli.project import here
from assay.cli.screen import emit, marked, say
from assay.core.problem import AssayError
from assay.core.secrets import secret_names
from assay.flows.init import FILE, SOURCES, Written, pipeline_from, write_pipeline
from assay.flows.init.draft import Ready


@click.command(epilog="Example: assay init --from github --ci github")
@click.option(
    "--from", "source", type=click.Choice(list(SOURCES)), help="From what; else from the first that is there."
)
@click.option("--file", metavar="PATH", help="With --from github: the workflow, where there are several.")
@click.option("--ci", type=click.Choice(["github", "gitlab"]), help="Also write a workflow that runs the pipeline.")
@click.option("--print", "only_print", is_flag=True, help="Print assay.yaml, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def init(source: str | None, file: str | None, ci: str | None, only_print: bool, as_json: bool) -> None:
    """Write assay.yaml from the scripts, the workflow or the dvc.yaml of this folder. Nothing is ever overwritten.

    With --ci and an assay.yaml that is there already, only the workflow is written.
    """
    if file and source != "github":
        raise click.UsageError("--file goes with --from github")
    root = Path.cwd()
    if only_print:
        if ci:
            raise click.UsageError("--print shows assay.yaml alone: leave out --ci")
        _print(pipeline_from(root, source, file), as_json=as_json)
        return
    is_there = bool(ci) and not source and (root / FILE).exists()
    written = [] if is_there else [write_pipeline(root, pipeline_from(root, source, file))]
    if ci:
        from assay.flows.init.ci import write_workflow

        written.append(write_workflow(root, ci, _secrets()))
    if as_json:
        emit("assay.init/1", {"written": written})
        return
    for each in written:
        _show(each)
    say("next: assay plan --check && assay run")


def _secrets() -> tuple[str, ...]:
    """Those that the pipeline names; none where it cannot be read, which the next command tells."""
    try:
        return tuple(sorted(secret_names(here().pipeline)))
    except AssayError:
        return ()


def _print(found: Ready, *, as_json: bool) -> None:
    if as_json:
        emit("assay.init/1", found)
    else:
        say(found.text.rstrip("\n"))


def _show(written: Written) -> None:
    say(marked("ok", f"wrote {written.path} from {written.origin}"))
    for step in written.steps:
        say(f"     {step}")
    for line in written.left_out:
        say(marked("skipped", f"left out: {line}"))
