"""``assay init``."""

from typing import TYPE_CHECKING

import click

from assay.cli.project import here
from assay.cli.screen import emit, marked, say

if TYPE_CHECKING:
    from assay.flows.init_dvc import Written


@click.command(epilog="Example: assay init --from dvc")
@click.option(
    "--from", "source", type=click.Choice(["dvc"]), required=True, help="What says now how the project is run."
)
@click.option("--print", "only_print", is_flag=True, help="Print the file, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def init(source: str, only_print: bool, as_json: bool) -> None:
    """Write assay.yaml from what the project has already. A file that is there is never overwritten.

    `--from dvc` reads every dvc.yaml of the project, and leaves DVC's files as they are.
    """
    from assay.flows.init import write_new
    from assay.flows.init_dvc import from_dvc

    workspace = here()
    written = from_dvc(workspace)
    if not only_print:
        write_new(workspace.root, written.text)
    if as_json:
        emit("assay.init/1", written)
    elif only_print:
        say(written.text.rstrip("\n"))
    else:
        _show(written)


def _show(written: "Written") -> None:
    say(marked("ok", f"assay.yaml  {written.steps} steps"))
    for note in written.notes:
        say(marked("note", note))
