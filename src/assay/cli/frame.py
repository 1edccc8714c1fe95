"""The outermost frame of the command line, where every error gets its exit code."""

import signal
import sys
from types import FrameType

import click

from assay.cli.root import assay
from assay.cli.screen import STDOUT, show_error, show_own_error
from assay.core.problem import AssayError, Problem

INTERRUPTED = 130
OWN_ERROR = 70


def _refused_by_the_system(error: OSError) -> AssayError:
    """A full disk, a folder that is gone or not ours: no mistake of anyone's program."""
    where = f": {error.filename}" if error.filename else ""
    seen = f"{error.strerror or error}{where}"
    fix = "make the place writable, free space on its disk, or work in another folder"
    return AssayError(Problem("system-refused", "the system refused to go on", (seen,), fix))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """A polite end is Ctrl-C, whoever asks for it: CI that cancels, systemd, docker stop."""
    raise KeyboardInterrupt


def run_command_line() -> int:
    """Run ``sys.argv`` and return the exit code (docs/reference/exit-codes.md)."""
    as_json = "--json" in sys.argv
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        code = assay.main(prog_name="assay", standalone_mode=False)
    except AssayError as error:
        show_error(error, as_json=as_json)
        return error.exit_code
    except click.exceptions.Exit as request:
        return request.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except OSError as error:
        show_error(_refused_by_the_system(error), as_json=as_json and error.filename != STDOUT)
        return 1
    except Exception as error:
        show_own_error(error, as_json=as_json)
        return OWN_ERROR
    return code if isinstance(code, int) else 0
