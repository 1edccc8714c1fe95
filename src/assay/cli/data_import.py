"""``assay data import``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assay.cli.screen import emit, marked, say

if TYPE_CHECKING:
    from assay.flows.import_suite import ImportedSuite


@click.command(
    "import", epilog="Example: assay data import great_expectations/expectations/flights.json --out checks/flights.yaml"
)
@click.argument("suite")
@click.option("--out", metavar="PATH", help="Write the rules into a file, in place of printing them.")
@click.option("--force", is_flag=True, help="With --out: overwrite the file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def import_suite(suite: str, out: str | None, force: bool, as_json: bool) -> None:
    """Turn a suite of Great Expectations or a schema of pandera into rules.

    SUITE is a suite's JSON, a schema that pandera wrote as YAML or JSON, or a Python file with a schema in it (schemas.py, or
    schemas.py:NAME where there are several), which the `python` on your PATH runs. Every rule that could not be carried over is
    named, with the reason.
    """
    from assay.flows.import_suite import import_suite as imported
    from assay.workspace import Workspace

    if force and out is None:
        raise click.UsageError("--force goes with --out")
    root = Path.cwd()
    workspace = Workspace(root, os.environ)  # a suite may come before there is a project
    found = imported(root, suite, lambda: workspace.interpreter, out=out, force=force)
    if as_json:
        emit("assay.data-import/1", found)
    else:
        _show(found)


def _show(result: "ImportedSuite") -> None:
    """The rules are the answer; what became of the suite is talk."""
    from assay.flows.suite_text import changed, in_words

    found = result.found
    if result.written is None:
        say(result.text.rstrip("\n"))
    else:
        say(marked("ok", f"wrote {result.written} from {found.origin}"))
    whole = found.rules_in_suite - len({each.number for each in found.left})
    say(marked("note", f"{whole:,} of {found.rules_in_suite:,} rules carried over whole"), err=True)
    for line in changed(found):
        say(marked("note", line), err=True)
    for left in found.left:
        say(marked("skipped", f"not carried over: {in_words(left)}"), err=True)
    if found.is_empty:
        say(marked("warn", "none of its rules could be carried over: there is nothing to write"), err=True)
