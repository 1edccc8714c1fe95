"""Projects in temporary folders, and the command line as a person types it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from real_postgres import database, postgres_server  # noqa: F401 -- fixtures
from two_nodes import two_nodes

SCENES = Path(__file__).parents[1] / "scenes"
ASSAY = (sys.executable, "-m", "assay")


class Answer:
    """How a command ended, and what it said."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON Lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


class Project:
    """A folder with an assay.yaml, and commands typed in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        home = root.parent / "home"
        home.mkdir(exist_ok=True)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        where = {name: os.environ[name] for name in ("ASSAY_ON", "RAY_ADDRESS") if name in os.environ}
        self.environ = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "USER": "tester", **where}

    def write(self, **files: str) -> None:
        """Write files; ``__`` in a name stands for a dot, ``___`` for a slash."""
        for name, text in files.items():
            self.put(name.replace("___", "/").replace("__", "."), text)

    def put(self, path: str, text: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def assay(self, *words: str, **environ: str) -> Answer:
        done = subprocess.run(
            [*ASSAY, *words],
            cwd=self.root,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Answer(done)

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*ASSAY, *words],
            cwd=self.root,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def git(self, *words: str) -> str:
        author = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
        done = subprocess.run(
            ["git", *author, *words], cwd=self.root, env=self.environ, capture_output=True, text=True, check=True
        )
        return done.stdout


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What holds for steps on this machine alone is not asked of a cluster."""
    if config.getoption("--on") != "local":
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("here")])
        items[:] = [item for item in items if not item.get_closest_marker("here")]


@pytest.fixture(scope="session", autouse=True)
def steps_run_where_the_option_says(pytestconfig: pytest.Config) -> Iterator[None]:
    """pytest --on ray: on a cluster that is started once."""
    if pytestconfig.getoption("--on") == "local":
        yield
        return
    with two_nodes(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_ON", "ray")
        yield


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    root = tmp_path / "project"
    root.mkdir()
    return Project(root)


@pytest.fixture
def scene(tmp_path: Path):
    """A project copied from tests/scenes."""

    def copy(name: str) -> Project:
        root = tmp_path / "project"
        shutil.copytree(SCENES / name, root)
        return Project(root)

    return copy
