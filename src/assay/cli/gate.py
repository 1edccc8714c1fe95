"""``assay gate``: what it takes to judge a challenger against the champion."""

import click

from assay.cli.easeml import easeml


@click.group(epilog='Example: assay gate easeml "n > 0.8 +/- 0.05"')
def gate() -> None:
    """The challenger against the champion: labels needed."""


gate.add_command(easeml)
