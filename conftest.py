"""Run the examples of README.md and docs/. Each document is one test, in an empty folder and a shell of its own.

    ```console                `$ command` lines are typed into the shell, and what they print is compared
    <!-- file: train.py -->   the block that follows is written into the folder
    <!-- reads -->            the block that follows reads as an assay.yaml
    ```python                 runs as a program in the folder
    ```text, ```json          are shown only; a ```yaml block must say which of the above it is

Durations, dates, digests and process numbers count as equal; ``...`` stands for anything. Port 7878 becomes a free one. A
command that ends with ``&`` has said what it says before the next one is typed.
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
from collections.abc import Iterable
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
BLOCK = re.compile(
    r"(?:<!-- (file: (?P<file>\S+)|reads) -->\n+)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMAND = re.compile(r"^\$ (.*(?:\n> .*)*)\n?((?:(?!\$ ).*\n)*)", re.MULTILINE)
VARIES = ((r"\d+(\.\d)? s\b", "0.1 s"), (r"\b[0-9a-f]{8,64}\b", "90abcdef"), (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "now"))
DONE = "the command has ended 5c1d"
PATIENCE_S = 60.0
CHECKER = OutputChecker()


class Terminal:
    """A shell in an empty folder, with Assay on PATH and an empty home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        (folder / "home").mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        person = {f"GIT_{role}_{what}": "reader" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environ = {"PATH": path, "HOME": str(folder / "home"), "LANG": "C.UTF-8", "USER": "reader", **person}
        self.shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=self.folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def type(self, command: str, wanted: str) -> str:
        """What the command prints; of one that goes on in the background, until that is what is wanted."""
        assert self.shell.stdin is not None
        line = command.replace("\n> ", "\n").replace("7878", self.port)
        self.shell.stdin.write(f"{{ {line}\n}} </dev/null\necho '{DONE}'\n".encode())
        self.shell.stdin.flush()
        said, deadline = "", time.monotonic() + PATIENCE_S
        while DONE not in said or (command.endswith("&") and not is_as_wanted(wanted, self._told(said))):
            said += self._read(deadline)
            if time.monotonic() > deadline:
                break
        return self._told(said)

    def close(self) -> None:
        """End the shell with all that it started."""
        os.killpg(self.shell.pid, signal.SIGTERM)
        self.shell.communicate(timeout=PATIENCE_S)

    def _read(self, deadline: float) -> str:
        assert self.shell.stdout is not None
        ready, _, _ = select.select([self.shell.stdout], [], [], max(0.0, deadline - time.monotonic()))
        return os.read(self.shell.stdout.fileno(), 1_000_000).decode("utf-8", "replace") if ready else ""

    def _told(self, said: str) -> str:
        return re.sub(rf"\b{self.port}\b", "7878", said.replace(f"{DONE}\n", ""))


def is_as_wanted(wanted: str, said: str) -> bool:
    """The texts are equal, but for what varies."""
    for pattern, constant in VARIES:
        wanted, said = re.sub(pattern, constant, wanted), re.sub(pattern, constant, said)
    return CHECKER.check_output(wanted, said, ELLIPSIS)


def evaluate_block(example) -> str | None:
    """Do what the block is for; what is wrong with it, or None."""
    block, terminal = example.parsed, example.namespace["terminal"]
    kind, text = block["kind"], block["text"]
    if block["file"]:
        place = terminal.folder / block["file"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace("7878", terminal.port), encoding="utf-8")
    elif block[1] == "reads":
        from assay.declare import read_pipeline

        read_pipeline(text.encode(), "assay.yaml", "project")
    elif kind == "console":
        return compare_commands(COMMAND.findall(text), terminal)
    elif kind == "python":
        done = subprocess.run([sys.executable, "-"], input=text.encode(), cwd=terminal.folder, check=False)
        return None if done.returncode == 0 else f"exit code {done.returncode}"
    elif kind not in {"text", "json"}:
        return f"a {kind} block needs a comment: <!-- file: NAME --> or <!-- reads -->"
    return None


def compare_commands(commands: Iterable[tuple[str, str]], terminal: Terminal) -> str | None:
    """Type each command; the first that says something else than the document, or None."""
    for command, wanted in commands:
        said = terminal.type(command, wanted)
        if not is_as_wanted(wanted, said):
            return f"$ {command}\n--- the document\n{wanted}--- really\n{said}"
    return None


def parse_blocks(document):
    """Every fenced block of a document, with the comment before it."""
    from sybil import Region

    for match in BLOCK.finditer(document.text):
        yield Region(match.start(), match.end(), match, evaluate_block)


class DocumentItem(pytest.Item):
    """One document: its blocks in order."""

    def runtest(self) -> None:
        from sybil.document import Document

        document = Document.parse(str(self.path), parse_blocks)
        with tempfile.TemporaryDirectory(prefix="assay-docs-") as folder:
            terminal = document.namespace["terminal"] = Terminal(Path(folder))
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
    """What pytest collects for a document."""

    def collect(self):
        yield DocumentItem.from_parent(self, name="examples")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """README.md, and every page below docs/ that has a block."""
    is_ours = file_path == ROOT / "README.md" or (file_path.suffix == ".md" and ROOT / "docs" in file_path.parents)
    if not is_ours or not BLOCK.search(file_path.read_text(encoding="utf-8")):
        return None
    return DocumentFile.from_parent(parent, path=file_path)
