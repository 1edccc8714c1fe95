"""``assay gate`` and ``assay gate STEP``: what the gates of the pipeline last said."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from assay.cli.project import here
from assay.cli.screen import emit, faint, marked, say, strong
from assay.cli.verdict_answer import FILE, as_answer, exit_code, write_files

if TYPE_CHECKING:
    from assay.flows.last_verdict import GateVerdict, LastVerdict, NothingToJudge


class GateGroup(click.Group):
    """A word after ``assay gate`` that is no command below it names a gate."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = super().get_command(ctx, cmd_name)
        return known or click.Command(cmd_name, callback=partial(show_last, cmd_name), params=forms(), help=_HELP)


def show_last(step: str | None, html: Path | None, markdown: Path | None, *, as_json: bool) -> int:
    """The last verdict of each gate, or of one."""
    from assay.flows.last_verdict import last_verdicts
    from assay.flows.written_apart import demand_apart, project_files

    workspace = here()
    if html or markdown:
        demand_apart({"--html": html, "--markdown": markdown}, project_files(workspace))
    found = last_verdicts(workspace, step)
    if len(found) > 1 and (html or markdown):
        gates = ", ".join(each.step for each in found)
        raise click.UsageError(f"a page is about one verdict: name one of {gates}, as in assay gate STEP --html PATH")
    for each in found if html or markdown else ():
        assert each.last is not None
        write_files(each.last.verdict, html, markdown, each.step, _when(each.last), str(each.last.run))
    if as_json:
        _emit(found)
    else:
        _show(found)
    decides = [each for each in found if each.nothing_to_judge is None]
    return exit_code(*(None if each.last is None else each.last.verdict for each in decides))


_HELP = "The last verdict of this gate."


def forms() -> list[click.Parameter]:
    """The options that say in which form the verdicts are told."""
    return [
        click.Option(["--html"], type=FILE, metavar="PATH", help="Write the verdict as a page that stands alone."),
        click.Option(["--markdown"], type=FILE, metavar="PATH", help="Write the verdict as Markdown."),
        click.Option(["--json", "as_json"], is_flag=True, help="One JSON object."),
    ]


def _emit(found: "tuple[GateVerdict, ...]") -> None:
    told = [_as_answer(each) for each in found]
    if len(told) == 1:
        emit("assay.verdict/1", told[0])
    else:
        emit("assay.verdicts/1", {"gates": told})


def _as_answer(gate: "GateVerdict") -> dict[str, Any]:
    last = gate.last
    if last is None:
        return {"verdict": None, "run": None, "step": gate.step, "at_s": None}
    since = msgspec.to_builtins(gate.nothing_to_judge)
    return as_answer(last.verdict, run=last.run, step=last.step, at_s=last.at_s, nothing_to_judge=since)


def _show(found: "tuple[GateVerdict, ...]") -> None:
    for at, each in enumerate(found):
        if at:
            say()
        if each.last is None:
            say(marked("note", f"{each.step} has not judged a model yet"))
        else:
            if each.nothing_to_judge is not None:
                _show_since(each.nothing_to_judge, each.last.run)
            _show_one(each.last)


def _show_since(since: "NothingToJudge", run: int) -> None:
    reason = since.reason.removesuffix(": nothing to judge")
    say(strong(f"nothing to judge in run {since.run}: {reason}. The last verdict is of run {run}:"))


def _show_one(last: "LastVerdict") -> None:
    from assay.cli.verdict import show_verdict

    show_verdict(last.verdict)
    say(faint(f" run {last.run}, {last.step}, {_when(last)}"))
    for path in last.files:
        say(marked("note", str(path)))


def _when(last: "LastVerdict") -> str:
    return datetime.fromtimestamp(last.at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
