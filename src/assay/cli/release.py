"""``assay release`` and ``assay rollback``."""

from datetime import UTC, datetime

import click

from assay.cli.project import here
from assay.cli.screen import emit, marked, say, show_untold, strong, table, titled
from assay.cli.verdict import show_verdict
from assay.core.digest import short
from assay.core.release import Bill
from assay.flows.release import ReleaseLine, ReleaseRecord, list_releases, show_release, verify_release
from assay.flows.release import rollback as roll_back


@click.group(epilog="Example: assay release show r2")
def release() -> None:
    """Releases: each joins code, data and model, with the verdict that let it pass."""


@release.command("ls", epilog="Example: assay release ls --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_(as_json: bool) -> None:
    """Every release, the newest first."""
    found = list_releases(here())
    if as_json:
        emit("assay.releases/1", {"releases": found})
        return
    rows = [
        (r.release, _role(r), f"model {short(r.model)}", f"run {r.run}", _date(r.at_s), " ".join(r.marks))
        for r in found
    ]
    say(table(rows) if rows else "no releases yet: assay run")


@release.command(epilog="Example: assay release show r2")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: bill and record.")
def show(name: str, as_json: bool) -> None:
    """Show a release: bill and record.

    The bill is what it is made of; the record is what happened to it.
    """
    found = show_release(here(), name)
    if as_json:
        emit("assay.release/1", found)
    else:
        _show(found)


@release.command(epilog="Example: assay release verify r2")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def verify(name: str, as_json: bool) -> int:
    """Read every byte of a release again.

    And the ledger's chain. Exit code 1 where anything is missing or damaged.
    """
    found = verify_release(here(), name)
    if as_json:
        emit("assay.verification/1", found)
    else:
        for item in found.examined:
            label = f"{item.role:<5} {item.artifact.path}  {item.artifact.digest}"
            say(marked("failed" if item.faults else "ok", label))
            for fault in item.faults:
                say(f"     {fault}")
        say(marked("failed" if found.chain_fault else "ok", f"chain {found.chain_fault or 'whole'}"))
    return 0 if found.is_whole else 1


@click.command(epilog='Example: assay rollback r1 --reason "r2 is slow on mobile"')
@click.argument("name", metavar="[RELEASE]", required=False)
@click.option("--reason", default="", help="Kept in the record.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def rollback(name: str | None, reason: str, as_json: bool) -> None:
    """Give the champion's place and the traffic back to RELEASE, or to the champion before this one."""
    found = roll_back(here(), name, reason)
    if as_json:
        emit("assay.rollback/1", found)
    else:
        say(marked("ok", f"{titled(found.release, found.marks)} is live and champion; it was {found.previous}"))
        show_untold(found.untold)


def _show(found: ReleaseRecord) -> None:
    line, bill = found.line, found.bill
    say(strong(titled(line.release, line.marks)) + f"  {_role(line)}  {_date(line.at_s)}")
    rows = [
        ("code", f"{bill.code_version.text}  ({bill.code.digest})"),
        *(("data", f"{artifact.label}  {artifact.path}, {artifact.size_bytes:,} bytes") for artifact in bill.data),
        ("model", f"{bill.model.label}  {bill.model.path}, {bill.model.size_bytes:,} bytes"),
        ("env", f"Python {bill.environment.python}, {bill.environment.platform}"),
        ("reads", _reads(bill)),
        *(("metric", f"{name} {value:g}") for name, value in sorted(bill.metrics.items())),
        ("bill", str(found.bill_digest)),
        ("run", f"{line.run}{f': {found.trigger.why}' if found.trigger else ''}"),
    ]
    say(table(rows))
    for verdict in bill.verdicts:
        show_verdict(verdict)


def _reads(bill: Bill) -> str:
    if not bill.input_schema:
        return "not known: no rows were seen when it was judged"
    return ", ".join(f"{f.name} {f.type}{'?' if f.nullable else ''}" for f in bill.input_schema)


def _role(line: ReleaseLine) -> str:
    if line.is_live and line.is_champion:
        return "live, champion"
    if line.is_live:
        return "live"
    if line.is_champion:
        return "champion"
    return "was champion" if line.was_champion else "released"


def _date(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
