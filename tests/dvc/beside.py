"""The same project twice: one for Assay, one for the real DVC, each command told what ran and what it left."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

DVC = Path(__file__).parents[2] / ".venv-dvc" / "bin" / "dvc"
OWN = {".git", ".dvc", ".assay", ".gitignore", "dvc.lock", "tmp"}
"""What the tools and their state are called: the rest is the project's."""


class Twin:
    """One of the two, with its tool."""

    code = 0
    said = ""

    def __init__(self, root: Path, *words: str) -> None:
        self.root = root
        self.words = words
        self.log = root.parent / "ran"
        home = root.parents[1] / "home"
        home.mkdir(parents=True, exist_ok=True)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        quiet = {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(root.parent / "site")}
        self.environ = {
            "PATH": path,
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "USER": "tester",
            "SHELL": "/bin/bash",
            **quiet,
        }
        self.environ["RAN"] = str(self.log)

    def put(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def remove(self, path: str) -> None:
        place = self.root / path
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()

    def do(self, *command: str | Path) -> str:
        """Run a command in the project; what it said."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        self.said = done.stdout + done.stderr
        self.code = done.returncode
        return self.said

    def run(self, *more: str) -> list[str]:
        """Bring the project up to date; the stages whose commands ran, sorted."""
        self.log.write_text("")
        self.do(*self.words, *more)
        return sorted(self.log.read_text().split())

    def files(self) -> dict[str, bytes]:
        """Everything in the project but what is the tools' own."""
        found = (path for path in self.root.rglob("*") if path.is_file())
        named = {path.relative_to(self.root): path for path in found}
        return {str(name): path.read_bytes() for name, path in named.items() if not OWN & set(name.parts)}


class Pair:
    """Both of them: what is done is done to both."""

    def __init__(self, ours: Twin, theirs: Twin) -> None:
        self.ours = ours
        self.theirs = theirs

    def put(self, path: str, text: str) -> None:
        for twin in (self.ours, self.theirs):
            twin.put(path, text)

    def remove(self, path: str) -> None:
        for twin in (self.ours, self.theirs):
            twin.remove(path)

    def run(self) -> list[str]:
        """Run both, which must do the same and leave the same; the stages that ran."""
        ours, theirs = self.ours.run(), self.theirs.run()
        assert (self.ours.code == 0) == (self.theirs.code == 0), f"{self.ours.said}\n{self.theirs.said}"
        assert ours == theirs, f"{self.ours.said}\n{self.theirs.said}"
        left, wanted = self.ours.files(), self.theirs.files()
        assert sorted(left) == sorted(wanted)
        assert {path: data for path, data in left.items() if data != wanted[path]} == {}
        return ours


def dvc(twin: Twin, *words: str) -> str:
    """Type a command of the real DVC."""
    return twin.do(DVC, *words)
