"""What fault tests share: a project's folder with commands in it, and disks of a size."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ASSAY = (sys.executable, "-m", "assay")


class Folder:
    """A project's folder, and commands in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environ = {"PATH": path, "HOME": str(root.parent), "LANG": "C.UTF-8"}

    def put(self, path: str, text: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def assay(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ASSAY, *words], cwd=self.root, env=self.environ, capture_output=True, text=True, check=False, timeout=120
        )

    def start(self, *words: str, program: tuple[object, ...] = ASSAY) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*map(str, program), *words],
            cwd=self.root,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def json(self, *words: str):
        answer = self.assay(*words, "--json")
        assert answer.returncode == 0, answer.stderr + answer.stdout
        return json.loads(answer.stdout.splitlines()[-1])


def wait_until(it_is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not it_is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def disk_of(size: str, place: Path) -> Iterator[Path]:
    """A disk of that size, mounted on a new folder."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "assay-test", place]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.fail("this suite needs to be root: it mounts small disks")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def fill(disk: Path, *, but_bytes: int = 0) -> Path:
    """Leave so much room and no more; the file that takes the rest."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(ballast, max(0, ballast.stat().st_size - but_bytes))
    return ballast
