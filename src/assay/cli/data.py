"""``assay data``: datasets, and what is asked of them. A command's module is imported when the command is called."""

from importlib import import_module

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "show": ("assay.cli.data_show:show", "What a dataset holds: rows, types, NULLs, quantiles, frequent values."),
    "check": ("assay.cli.data_check:check", "Datasets against their rules, now, without a run."),
    "infer": ("assay.cli.data_infer:infer", "Rules for review, from one or several batches."),
    "diff": ("assay.cli.data_diff:diff", "What differs between two versions: schema, distributions, rows by key."),
    "import": (
        "assay.cli.data_import:import_suite",
        "Rules from a suite of Great Expectations or a schema of pandera.",
    ),
}


class DataGroup(click.Group):
    """A group that knows its commands by name and help, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=DataGroup, epilog="Example: assay data show data/flights.parquet")
def data() -> None:
    """Datasets: what they hold, what is asked of them, and how versions differ."""
