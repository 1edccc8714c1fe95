"""``assay demo``."""

import json
import os
import shutil
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path

import click
import msgspec

from assay.cli.screen import emit, faint, marked, say, strong
from assay.flows.demo import DemoRelease, DemoReport, Month, Refusal, prepare_folder
from assay.flows.demo import demo as live_through
from assay.flows.demo.project import read_flights
from assay.flows.serve import open_service
from assay.web import create_app, serve_app
from assay.workspace import Workspace

NAMES = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@click.command(epilog="Example: assay demo flights")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--exit", "is_exit", is_flag=True, help="Stop the server at the end instead of leaving it in the foreground."
)
@click.option("--port", type=int, default=0, help="The server's port; any free one by default.")
@click.option(
    "--json", "as_json", is_flag=True, help="JSON Lines, one a month, release and refusal; the last is the report."
)
def demo(folder: Path | None, is_exit: bool, port: int, as_json: bool) -> None:
    """A year of real flights in FOLDER (the current one if it is empty, else a new one): train, judge, release, serve,
    watch, retrain, and once refuse. Offline, within a minute; ends with a server in the foreground.
    """
    place = prepare_folder(folder)
    if not as_json:
        say(strong("Flights from New York, 2013 (CC0, 48,000 real rows). How long will a flight be in the air?"))
        say(faint(f" the project: {place}\n"))
    report = live_through(place, _environ(), _tell_json if as_json else _tell)
    if not as_json:
        _show_end(report)
    _serve(place, port, is_exit=is_exit, as_json=as_json)
    if as_json:
        emit("assay.demo/1", {"event": "report", **msgspec.to_builtins(report)})


def _environ() -> dict[str, str]:
    """The caller's environment, with Assay's own python first: the demo's scripts need numpy, which it has."""
    own = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{own}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def _tell(news: Month | DemoRelease | Refusal) -> None:
    match news:
        case Month():
            _tell_month(news)
        case DemoRelease():
            say(
                marked(
                    "ok",
                    f"     {'trained' if news.month == 1 else 'retrained'} -> gate PASS -> {strong(news.release)} live",
                )
            )
            say(faint(f"         {news.reason}"))
        case Refusal():
            say(
                marked(
                    "failed", f"     {news.trigger.removeprefix('assay run: ')} -> gate {news.verdict.upper()}: refused"
                )
            )
            say(faint(f"         {news.reason}"))


def _tell_month(month: Month) -> None:
    if month.month == 1:
        say(marked("ok", f"Jan  MAE {month.mae:5.2f} min on {month.rows:,} held-out flights"))
        return
    without = "" if month.release == "r1" else f"  (January's model: {month.mae_without_retraining:.2f})"
    head = f"{NAMES[month.month]}  MAE {month.mae:5.2f} min by {month.release}{without}"
    if month.state == "decayed" and month.interval is not None:
        bound = f"at least {month.interval[0]:.2f} with 95 %, limit {month.limit:.2f}; inputs look the same (PSI {month.psi:.3f})"
        say(marked("warn", f"{head}  decayed: {bound}"))
    else:
        say(marked("ok", head))


def _tell_json(news: Month | DemoRelease | Refusal) -> None:
    kind = {Month: "month", DemoRelease: "release", Refusal: "refusal"}[type(news)]
    emit("assay.demo/1", {"event": kind, kind: msgspec.to_builtins(news)})


def _show_end(report: DemoReport) -> None:
    retrained = [month for month in report.months if month.release != "r1"]
    better = sum(month.mae < month.mae_without_retraining for month in retrained)
    late = report.months[-2]
    last = report.releases[-1].release
    say()
    say(
        f"{len(report.releases)} releases, {len(report.refusals)} refused, in {report.seconds:.0f} s; in {better} of the "
        f"{len(retrained)} months since the first retraining better than January's model."
    )
    if late.mae_without_retraining < late.mae:
        say(
            f"Seasons return: in {NAMES[late.month]} January's model ({late.mae_without_retraining:.2f}) "
            f"was better than the live one ({late.mae:.2f})."
        )
    say(f"The picture: {report.chart}\n")
    say(f"Try next, in {report.folder}:")
    for words in ("status", "log", f"why {last}", f"release show {last}", "rollback", "serve"):
        say(f"   {_program()} {words}")
    say()


def _program() -> str:
    """What to type for this Assay: its name where the PATH finds it, else its path."""
    own = Path(sys.argv[0]).absolute()
    found = shutil.which("assay")
    return "assay" if found is not None and Path(found).absolute() == own else str(own)


def _serve(place: Path, port: int, *, is_exit: bool, as_json: bool) -> None:
    """The server, with one real flight predicted as soon as it answers; until Ctrl-C, or no longer with ``is_exit``."""
    stop = threading.Event()
    workspace = Workspace.find(place.resolve(), _environ())

    def ready(host: str, bound: int) -> None:
        if not as_json:
            end = "" if is_exit else "  (Ctrl-C ends it)"
            say(marked("ok", f"serving at http://{host}:{bound}{end}"))
        threading.Thread(
            target=_ask, args=(host, bound, stop), kwargs={"is_exit": is_exit, "as_json": as_json}, daemon=True
        ).start()

    with open_service(workspace) as service:
        serve_app(create_app(service), "127.0.0.1", port, ready, stop)


def _ask(host: str, port: int, stop: threading.Event, *, is_exit: bool, as_json: bool) -> None:
    """Send one real flight, and show what came back."""
    flight = read_flights()[12][-1]
    landed = flight.pop("air_time")
    row = {name: int(value) if value.isdigit() else value for name, value in flight.items()}
    body = json.dumps({"rows": [row]})
    connection = HTTPConnection(host, port, timeout=30)
    try:
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = json.load(connection.getresponse())
        if not as_json:
            say(faint(f"   curl -s http://{host}:{port}/predict -H 'content-type: application/json' -d '{body}'"))
            predicted = answer["predictions"][0]["prediction"]
            say(f"   -> {answer['release']} says {predicted:.0f} minutes; it took {landed}")
    finally:
        connection.close()
        if is_exit:
            stop.set()
