"""``assay data infer``: rules for review."""

import os
from pathlib import Path

import click

from assay.cli.screen import emit, marked, say


@click.command(epilog="Example: assay data infer data/flights.parquet --out checks/flights.yaml")
@click.argument("data", nargs=-1, required=True)
@click.option("--out", metavar="FILE", help="Write the rules there instead of printing them.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the lines, and the text of the file.")
def infer(data: tuple[str, ...], out: str | None, force: bool, as_json: bool) -> None:
    """Write rules for review from DATA, each DATA being one batch; from three batches on also limits of means and quantiles.

    Ranges and limits have slack, and each line says from what it was inferred. The data keeps the rules. No project is needed.
    """
    from assay.flows.data_infer import infer as inferred
    from assay.flows.data_infer import write_rules

    found = inferred(Path.cwd(), os.environ, data)
    if out is not None:
        write_rules(Path.cwd(), out, found.text, force=force)
    if as_json:
        emit("assay.inferred/1", found)
    elif out is None:
        click.echo(found.text, nl=False)
    else:
        lines = sum(bool(each.line) for each in found.columns)
        say(marked("ok", f"{out}: {lines} line{'' if lines == 1 else 's'} to review"))
        say(marked("note", f"next: assay data check DATA --rules {out}"))
