"""``assay ledger``."""

import click

from assay.cli.project import here
from assay.cli.screen import emit, marked, say


@click.group(epilog="Example: assay ledger verify")
def ledger() -> None:
    """The append-only list of everything that happened, each event chained to the one before."""


@ledger.command(epilog="Example: assay ledger verify --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def verify(as_json: bool) -> int:
    """Read the whole chain. Exit code 1 where an event was altered, removed or moved."""
    workspace = here()
    fault, (seq, head) = workspace.ledger.verify(), workspace.ledger.head()
    if as_json:
        emit("assay.ledger/1", {"events": seq, "head": head, "fault": fault})
    else:
        say(marked("failed" if fault else "ok", fault or f"{seq:,} events, chain whole; head {head}"))
    return 1 if fault else 0
