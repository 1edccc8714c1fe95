"""``assay notify``."""

from datetime import UTC, datetime

import click

from assay.cli.project import here
from assay.cli.screen import emit, marked, say, table
from assay.flows.notify.delivery import Sent, waiting
from assay.flows.notify.delivery import send as send_due
from assay.flows.notify.delivery import test as try_all


@click.group(epilog="Example: assay notify test")
def notify() -> None:
    """Who is told of failures, refusals, decay and rollbacks: `notify:` of assay.yaml."""


@notify.command(epilog="Example: assay notify test")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def test(as_json: bool) -> int:
    """Tell everybody in `notify:` of a trial, now. Exit code 1 where somebody was not reached."""
    return _show(try_all(here()), "nobody is told of anything: `notify:` is empty", as_json=as_json)


@notify.command(epilog="Example: assay notify send --now")
@click.option("--now", "is_now", is_flag=True, help="Also what is to be tried again only later.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def send(is_now: bool, as_json: bool) -> int:
    """Deliver the notices that wait and are due; `run`, `watch` and `rollback` do it by themselves. Exit code 1 where somebody was
    not reached."""
    return _show(send_due(here(), is_now=is_now), "nothing is due", as_json=as_json)


@notify.command("ls", epilog="Example: assay notify ls")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_(as_json: bool) -> None:
    """Notices that have not been delivered yet, the oldest first."""
    letters = waiting(here())
    if as_json:
        emit("assay.outbox/1", {"letters": letters})
        return
    rows = [
        (
            letter.notice.kind,
            letter.recipient,
            f"tried {letter.attempts}",
            _date(letter.due_s),
            letter.error or letter.notice.text,
        )
        for letter in letters
    ]
    say(table(rows) if rows else "nothing waits")


def _show(sent: tuple[Sent, ...], nothing: str, *, as_json: bool) -> int:
    if as_json:
        emit("assay.sent/1", {"sent": sent})
    for each in () if as_json else sent:
        say(marked("failed" if each.error else "ok", f"{each.recipient}{f': {each.error}' if each.error else ''}"))
    if not sent and not as_json:
        say(nothing)
    return 1 if any(each.error for each in sent) else 0


def _date(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC") if at_s else "due now"
