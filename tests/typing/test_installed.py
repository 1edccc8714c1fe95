"""Assay's types reach whoever installs it: the wheel says that it has them, and a user's file is checked against them."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WRONG = """\
from assay import compare, log_metric

log_metric("accuracy", "high")
compare([1, 0], [1, 0])
compare([1, 0], [1, 0], require="accuracy > 0.5").outcom
"""


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in ("MYPYPATH", "PYTHONPATH")}
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has Assay's wheel beside the libraries of this one."""
    folder = tmp_path_factory.mktemp("installed")
    build = f"from hatchling.build import build_wheel; build_wheel({str(folder)!r})"
    built = run(sys.executable, "-c", build, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    assert run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder).returncode == 0
    (packages,) = (folder / "env").glob("lib/python*/site-packages")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "locked.pth").write_text(f"{Path(np.__file__).parents[1]}\n")
    return folder / "env/bin/python"


def checked(installed: Path, file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What mypy says of a user's file, in a folder of its own and without any settings of ours."""
    mypy = (sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--python-executable", installed)
    return run(*mypy, file, cwd=folder)


def test_the_public_interface_is_typed_as_installed(installed: Path, tmp_path: Path) -> None:
    file = tmp_path / "uses_assay.py"
    file.write_text((HERE / "public.py").read_text())
    said = checked(installed, file, tmp_path)
    assert said.returncode == 0, said.stdout


def test_what_is_used_wrongly_is_told_to_the_user(installed: Path, tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(WRONG)
    said = checked(installed, file, tmp_path).stdout
    assert [said.count(code) for code in ("[arg-type]", "[call-arg]", "[attr-defined]")] == [1, 1, 1], said
    assert [f"wrong.py:{line}:" in said for line in (3, 4, 5)] == [True] * 3
