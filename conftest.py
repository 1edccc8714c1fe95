"""Run the examples of README.md and docs/. Each document is one test, in an empty folder and with a shell of its own.

    ```console                `$ command` lines are typed, and what they print is compared; `> ` goes on with a line
    <!-- file: train.py -->   the block that follows is written into the folder
    <!-- reads -->            the block that follows reads as an assay.yaml
    ```python                 runs as a program in the folder
    ```text, ```json          are shown only; a ```yaml block has to say which of the above it is

``...`` stands for anything. Durations, dates and digests count as equal. Port 7878 becomes one that is free. What a command
that ends with ``&`` is to say is waited for before the next is typed.
"""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
BLOCK = re.compile(
    r"(?:<!-- (?P<says>reads|file: (?P<file>\S+)) -->\n+)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COMMAND = re.compile(r"^\$ (.*(?:\n> .*)*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
VARIES = ((r"\d+(\.\d)? s\b", "1 s"), (r"\b[0-9a-f]{8,64}\b", "digest"), (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "now"))
DONE = "- that was the command -"
PATIENCE_S = 300.0
"""Long enough for any machine: reached only where a command hangs."""


def pytest_configure() -> None:
    """A shell lets what it starts by ``&`` ignore Ctrl-C, and so would all that the tests start and interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--on ray``: the steps of tests/flows run on a Ray cluster that is started for them."""
    parser.addoption("--on", choices=["local", "ray"], default="local", help="where the steps of tests/flows run")


class Terminal:
    """A shell in an empty folder, with Assay on its PATH and an empty home."""

    def __init__(self, place: Path) -> None:
        self.folder, home = place / "project", place / "home"
        self.folder.mkdir()
        home.mkdir()
        self.port = str(free_port())
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        git = {f"GIT_{role}_{what}": "reader" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        self.environ = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "USER": "reader", **git}
        self.shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def type(self, command: str, wanted: str) -> str:
        """What the command prints; of one that goes on in the background, until it has said what is wanted."""
        assert self.shell.stdin is not None
        line = command.replace("\n> ", "\n").replace("7878", self.port)
        self.shell.stdin.write(f"{{ {line}\n}} </dev/null\necho '{DONE}'\n".encode())
        self.shell.stdin.flush()
        said, deadline = "", time.monotonic() + PATIENCE_S
        while (DONE not in said or (command.endswith("&") and not is_as_wanted(wanted, self._told(said)))) and (
            left_s := deadline - time.monotonic()
        ) > 0:
            said += self._read(left_s)
        return self._told(said)

    def close(self) -> None:
        """End the shell and all that it started."""
        os.killpg(self.shell.pid, signal.SIGTERM)
        self.shell.communicate(timeout=PATIENCE_S)

    def _read(self, timeout_s: float) -> str:
        assert self.shell.stdout is not None
        ready, _, _ = select.select([self.shell.stdout], [], [], timeout_s)
        return os.read(self.shell.stdout.fileno(), 1_000_000).decode("utf-8", "replace") if ready else ""

    def _told(self, said: str) -> str:
        return re.sub(rf"\b{self.port}\b", "7878", said.replace(f"{DONE}\n", ""))


def free_port() -> int:
    """One that nobody listens on, below those that the system gives to whoever asks for any: another test would be given it before
    the document's server has begun. Each process of the tests begins at another."""
    begin = 21_000 + os.getpid() % 11_000
    for port in range(begin, begin + 500):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no port is free")


def is_as_wanted(wanted: str, said: str) -> bool:
    """The texts are equal, but for what varies."""
    for pattern, constant in VARIES:
        wanted, said = re.sub(pattern, constant, wanted), re.sub(pattern, constant, said)
    return OutputChecker().check_output(wanted, said, ELLIPSIS)


def evaluate_block(example) -> str | None:
    """Do what the block is for; what is wrong with it, or None."""
    block, terminal = example.parsed, example.namespace["terminal"]
    if block["file"]:
        place = terminal.folder / block["file"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(block["text"].replace("7878", terminal.port), encoding="utf-8")
        return None
    if block["says"] == "reads":
        from assay.declare import read_pipeline

        read_pipeline(block["text"].encode())
        return None
    match block["kind"]:
        case "console":
            return next(filter(None, (compare(terminal, *typed) for typed in COMMAND.findall(block["text"]))), None)
        case "python":
            command = [sys.executable, "-c", block["text"]]
            done = subprocess.run(command, cwd=terminal.folder, env=terminal.environ, check=False)
            return f"exit code {done.returncode}" if done.returncode else None
        case "text" | "json":
            return None
        case kind:
            return f"a {kind} block needs a comment before it: <!-- file: NAME --> or <!-- reads -->"


def compare(terminal: Terminal, command: str, wanted: str) -> str | None:
    """Type the command; what it says where that is something else than the document has, else None."""
    said = terminal.type(command, wanted)
    return None if is_as_wanted(wanted, said) else f"$ {command}\n--- the document\n{wanted}--- really\n{said}"


def parse_blocks(document):
    """Every fenced block of a document, with the comment before it."""
    from sybil import Region

    return (Region(block.start(), block.end(), block, evaluate_block) for block in BLOCK.finditer(document.text))


class DocumentItem(pytest.Item):
    """One document: its blocks in order."""

    def runtest(self) -> None:
        from sybil.document import Document

        document = Document.parse(str(self.path), parse_blocks)
        with tempfile.TemporaryDirectory(prefix="assay-docs-") as place:
            document.namespace["terminal"] = terminal = Terminal(Path(place))
            try:
                for example in document:
                    example.evaluate()
            finally:
                terminal.close()

    def repr_failure(self, excinfo, style=None):
        return str(excinfo.value) if excinfo.errisinstance(AssertionError) else super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, 0, f"the examples of {self.path.relative_to(ROOT)} run as they are shown"


class DocumentFile(pytest.File):
    """A document with examples, as pytest collects it."""

    def collect(self):
        yield DocumentItem.from_parent(self, name="examples")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """README.md, and every page below docs/ that has a block."""
    is_ours = file_path == ROOT / "README.md" or (file_path.suffix == ".md" and ROOT / "docs" in file_path.parents)
    has_blocks = is_ours and BLOCK.search(file_path.read_text(encoding="utf-8"))
    return DocumentFile.from_parent(parent, path=file_path) if has_blocks else None
