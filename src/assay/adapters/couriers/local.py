"""Notices by HTTP and by commands. What goes wrong is an answer, in words that hold no address: an address may be a secret."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

SHOWN = 200
"""So many letters of what a command said are told."""


class _NoRedirects(HTTPRedirectHandler):
    """A signed letter goes where it was addressed, and nowhere else."""

    def redirect_request(self, *words: Any) -> None:
        return None


class LocalCourier:
    """Delivers from this machine; each attempt ends within its time."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> str:
        """Post it: empty where it was taken (any 2xx), else why not."""
        if not url.startswith(("http://", "https://")):
            return "the address does not begin with http:// or https://"
        try:
            with build_opener(_NoRedirects).open(Request(url, body, dict(headers), method="POST"), timeout=timeout_s):  # noqa: S310 # checked above
                return ""
        except HTTPError as error:
            error.close()
            told = "; a redirection is not followed" if 300 <= error.code < 400 else ""
            return f"it answered {error.code}{told}"
        except TimeoutError:
            return f"no answer within {timeout_s:g} s"
        except URLError as error:
            late = isinstance(error.reason, TimeoutError)
            return f"no answer within {timeout_s:g} s" if late else f"no connection: {_reason(error.reason)}"
        except OSError as error:
            return f"the connection broke: {_reason(error)}"
        except (HTTPException, ValueError, UnicodeError) as error:
            return f"it could not be posted: {type(error).__name__}"

    def run(self, command: str, body: bytes, environ: Mapping[str, str], folder: Path, timeout_s: float) -> str:
        """Run a command with the notice on standard input: empty where it ended with 0, else why not. What it leaves behind is waited
        for by nobody: it is given files and no pipes, which would be at their end only when the last has closed them."""
        try:
            with TemporaryFile() as notice, TemporaryFile() as talk:
                notice.write(body)
                notice.seek(0)
                return _ended(_started(("sh", "-c", command), environ, folder, notice, talk), talk, timeout_s)
        except OSError as error:
            return f"it could not be started: {_reason(error)}"

    def start(self, words: Sequence[str], environ: Mapping[str, str], folder: Path, wait_s: float) -> None:
        """Start a program that outlives this one, and wait for its end that long at most. Where it cannot be started, nothing is."""
        try:
            child = _started(words, environ, folder, subprocess.DEVNULL, subprocess.DEVNULL)
        except OSError:
            return
        end = threading.Thread(target=child.wait, daemon=True)
        end.start()
        end.join(wait_s)


def _ended(child: subprocess.Popen[bytes], talk: IO[bytes], timeout_s: float) -> str:
    """Empty where it ended with 0, else why not."""
    try:
        code = child.wait(timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return f"it did not end within {timeout_s:g} s"
    if code == 0:
        return ""
    talk.seek(max(0, talk.seek(0, os.SEEK_END) - 4 * SHOWN))
    words = talk.read(4 * SHOWN).decode("utf-8", "replace").strip()[-SHOWN:]
    return f"exit code {code}{f': {words}' if words else ''}"


def _started(
    words: Sequence[str], environ: Mapping[str, str], folder: Path, given: int | IO[bytes], talk: int | IO[bytes]
) -> subprocess.Popen[bytes]:
    """A process in a session of its own; ``given`` is its input, ``talk`` takes its complaints."""
    return subprocess.Popen(
        list(words),
        cwd=folder,
        env=dict(environ),
        stdin=given,
        stdout=subprocess.DEVNULL,
        stderr=talk,
        start_new_session=True,
    )


def _reason(error: object) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
