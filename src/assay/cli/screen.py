"""What the faces share: the JSON envelope, marks, colours, and how a problem is shown.

stdout is the answer, stderr is talk. Colour only on a terminal, and not with NO_COLOR; a mark always comes with a word.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from assay.core.problem import AssayError, DeclarationError, Problem, describe

STDOUT = "standard output"
STDERR = "standard error"
Mark = Literal["ok", "reused", "skipped", "failed", "held", "interrupted", "warn", "began", "note"]
_MARKS: dict[Mark, tuple[str, str | None]] = {
    "ok": ("✓", "green"),
    "reused": ("=", "cyan"),
    "skipped": ("-", None),
    "failed": ("✗", "red"),
    "held": ("-", None),
    "interrupted": ("!", "yellow"),
    "warn": ("!", "yellow"),
    "began": ("→", None),
    "note": ("·", None),
}


def emit(schema: str, value: Any) -> None:
    """Print one JSON object in its envelope: ``{"schema": "assay.status/1", ...}``; a line of its own."""
    say(enveloped(schema, value))


def enveloped(schema: str, value: Any) -> str:
    """One JSON object in its envelope, as a line."""
    plain = msgspec.to_builtins(value, str_keys=True)
    return json.dumps({"schema": schema, **plain}, ensure_ascii=False, allow_nan=False)


def say(text: str = "", *, err: bool = False) -> None:
    """Print a line. When nobody listens any more (``assay run | head``) the work goes on in silence; ``OSError`` names the stream that
    takes nothing more, as on a full disk."""
    try:
        click.echo(text, err=err, color=None if may_colour() else False)
    except OSError as error:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, (sys.stderr if err else sys.stdout).fileno())  # what is buffered goes there too
        if not isinstance(error, BrokenPipeError):
            raise OSError(error.errno, error.strerror, STDERR if err else STDOUT) from error


def marked(mark: Mark, text: str) -> str:
    """A line with its mark in front."""
    sign, colour = _MARKS[mark]
    return f" {click.style(sign, fg=colour) if colour else sign} {text}"


def titled(name: str, marks: Sequence[str]) -> str:
    """A release with what must be said wherever it appears: ``r2 [unprotected: no rows]``."""
    return " ".join((name, *(f"[{mark}]" for mark in marks)))


def strong(text: str) -> str:
    """Text that should be seen first."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """Text that can be passed over."""
    return click.style(text, dim=True)


def table(rows: Sequence[tuple[str, ...]], *, indent: int = 1) -> str:
    """Rows in columns as wide as they need; the last column is left as it is."""
    if not rows:
        return ""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1])) for row in rows
    ]
    return "\n".join(" " * indent + line.rstrip() for line in lines)


def seconds(value: float) -> str:
    """A duration as people say it: ``0.3 s``, ``2 min 5 s``."""
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def show_problem(problem: Problem) -> None:
    """A problem, whole, for a person."""
    say(describe(problem), err=True)


def show_untold(problems: Sequence[Problem]) -> None:
    """Who could not be told, in a line each."""
    for problem in problems:
        say(marked("warn", ": ".join((problem.what, *problem.because[:1]))), err=True)


def show_error(error: AssayError, *, as_json: bool) -> None:
    """An error that ends the command: every problem that it carries."""
    problems = error.problems if isinstance(error, DeclarationError) else (error.problem,)
    if as_json:
        emit("assay.error/1", {"problems": problems, "exit_code": error.exit_code})
        return
    for problem in problems:
        show_problem(problem)


def show_own_error(error: Exception, *, as_json: bool) -> None:
    """A mistake of ours: what it was, and what to send us."""
    problem = Problem(
        "internal-error",
        f"Assay made a mistake: {type(error).__name__}: {error}",
        (_last_frame(error),),
        "run it again with ASSAY_DEBUG=1 and report what it prints",
    )
    show_error(AssayError(problem), as_json=as_json)
    if os.environ.get("ASSAY_DEBUG"):
        import traceback  # not needed to start up

        traceback.print_exception(error)


def _last_frame(error: Exception) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "no frame"
    code = frame.tb_frame.f_code
    return f"in {code.co_name}, {Path(code.co_filename).name}:{frame.tb_lineno}"


def may_colour() -> bool:
    """Whether colours are wanted where the answer goes."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and "NO_COLOR" not in os.environ
        and os.environ.get("TERM") != "dumb"
    )
