"""The command group. A command's module is imported when the command is called; the help texts stand here."""

from importlib import import_module

import click

from assay.core.near import near_miss

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("assay.cli.demo:demo", "The whole loop on real flights, offline, within a minute."),
    "init": ("assay.cli.init:init", "Write assay.yaml from the scripts, the workflow or the dvc.yaml that are there."),
    "run": ("assay.cli.run:run", "Run what is out of date."),
    "plan": ("assay.cli.run:plan", "What would run, and why."),
    "status": ("assay.cli.status:status", "The loop at a glance."),
    "why": ("assay.cli.look:why", "The root cause of a failure, or why something ran, was refused, was retrained."),
    "log": ("assay.cli.look:log", "Runs, the steps of a run, or a step's output."),
    "diff": ("assay.cli.diff:diff", "What differs between two runs: code, data, parameters, metrics."),
    "data": ("assay.cli.data:data", "Datasets: show, check, infer rules, compare versions, import suites."),
    "gate": (
        "assay.cli.gate:gate",
        "The challenger against the champion: the last verdict, any two tables, labels needed.",
    ),
    "release": ("assay.cli.release:release", "Releases: list, show, verify them."),
    "rollback": ("assay.cli.release:rollback", "Give the traffic back to an earlier champion."),
    "serve": ("assay.cli.serve:serve", "Serve the live release over HTTP."),
    "watch": ("assay.cli.watch:watch", "Measure the live release on arriving rows; retrain it when it has decayed."),
    "notify": ("assay.cli.notify:notify", "Who is told of failures, refusals, decay and rollbacks."),
    "ledger": ("assay.cli.ledger:ledger", "The list of everything that happened: verify."),
    "doctor": ("assay.cli.look:doctor", "Is this machine and this project all right?"),
    "exec-step": ("assay.cli.exec_step:exec_step", "Run one step for a run on another machine."),
    "schema": ("assay.cli.look:schema", "The JSON Schema of assay.yaml, for editors."),
}


class LazyGroup(click.Group):
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = near_miss(args[0], COMMANDS)
            hint = f" Did you mean {near!r}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: assay run && assay status",
)
@click.version_option(package_name="assay", message="assay %(version)s")
def assay() -> None:
    """CI/CD for machine learning: validate, train, test, gate, release, deploy, watch, retrain."""
