"""A step that prints without end costs no memory, in `run` and in `log -f`, whether it is text or not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.fault
ASSAY = (sys.executable, "-m", "assay")
FLOOD_BYTES = 100_000_000
MOST_BYTES = 100 << 20
FLOODS = {
    "lines": "b'nothing to see in this line\\n' * 40_000",
    "one line without end": "b'x' * 1_000_000",
    "bytes that are no text": "os.urandom(1_000_000)",
}
# A process counts the memory of the one it was forked from: the one that measures is a small one, unlike pytest's own.
MEASURE = """
import resource, subprocess, sys
with open(sys.argv[1], "wb") as out:
    code = subprocess.call(sys.argv[2:], stdout=out, stderr=out)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
FLOOD = "import os, sys\npiece, told = {piece}, 0\nwhile told < {size}:\n    told += os.write(1, piece)\nprint('\\nloss: 0.5')\n"


class Flooded:
    """A project whose one step floods its log."""

    def __init__(self, root: Path, piece: str, size: int = FLOOD_BYTES) -> None:
        self.root = root
        root.joinpath("assay.yaml").write_text("steps:\n  - name: flood\n    run: python flood.py\n")
        root.joinpath("flood.py").write_text(FLOOD.format(piece=piece, size=size))
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environ = {"PATH": path, "HOME": str(root.parent), "LANG": "C.UTF-8"}

    def peak_bytes(self, *words: str, out: Path) -> int:
        """The most memory that a command, or a process of its, took while its output went to a file."""
        words = [sys.executable, "-c", MEASURE, os.fspath(out), *ASSAY, *words]
        measured = subprocess.run(words, check=False, cwd=self.root, env=self.environ, stdout=subprocess.PIPE)
        assert measured.returncode == 0, out.read_bytes()[-2000:]
        return int(measured.stdout) * 1024


@pytest.fixture(params=FLOODS.values(), ids=FLOODS.keys())
def flooded(request, tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    return Flooded(root, request.param)


def test_a_flood_costs_no_memory_and_little_of_it_is_shown(flooded, tmp_path):
    out = tmp_path / "out"
    assert flooded.peak_bytes("run", out=out) < MOST_BYTES
    assert b"loss 0.5" in out.read_bytes()
    assert out.stat().st_size < FLOOD_BYTES / 10
    assert flooded.peak_bytes("log", "-f", "flood", out=out) < MOST_BYTES
    assert out.stat().st_size >= FLOOD_BYTES


def test_lines_that_are_not_shown_are_counted_and_their_place_is_told(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    out = tmp_path / "out"
    Flooded(root, FLOODS["lines"]).peak_bytes("run", out=out)
    assert b"lines more, in .assay/runs/1/flood.log" in out.read_bytes()


@pytest.mark.parametrize("piece", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_as_json_lines_is_told_whole_and_costs_no_memory_either(piece, tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    flooded = Flooded(root, piece, FLOOD_BYTES // 10)
    out = tmp_path / "out"
    assert flooded.peak_bytes("run", "--json", out=out) < MOST_BYTES
    assert out.stat().st_size > FLOOD_BYTES // 10
