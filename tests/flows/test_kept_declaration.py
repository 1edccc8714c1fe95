"""The compiled file: believed while assay.yaml and the files that it rests on are the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assay.core.pipeline import RunAction
from assay.core.problem import DeclarationError
from assay.workspace import Workspace


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "assay.yaml").write_text("name: p\nsteps: [{name: a, run: 'x ${params.rate}', params: [rate]}]\n")
    (tmp_path / "params.yaml").write_text("rate: 1\n")
    (tmp_path / ".assay").mkdir()
    return tmp_path


def command(project: Path) -> str:
    action = Workspace(project, {}).pipeline.steps[0].action
    assert isinstance(action, RunAction)
    return action.command


def loaded_when_asked_again(project: Path) -> str:
    program = (
        "import sys; from pathlib import Path; from assay.workspace import Workspace\n"
        f"print(Workspace(Path({str(project)!r}), {{}}).declaration.params)\n"
        "print(sorted({'yaml', 'assay.declare'} & set(sys.modules)))"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_an_unchanged_file_is_not_read_again(project: Path) -> None:
    assert command(project) == "x 1"
    assert loaded_when_asked_again(project) == "{'params.yaml:rate': 1}\n[]\n"


def test_a_parameter_that_changes_is_seen(project: Path) -> None:
    assert command(project) == "x 1"
    (project / "params.yaml").write_text("rate: 2\n")
    assert command(project) == "x 2"


def test_a_file_of_parameters_that_goes_away_or_comes_is_seen(project: Path) -> None:
    assert command(project) == "x 1"
    (project / "params.yaml").unlink()
    with pytest.raises(DeclarationError, match=r"there is no params\.yaml"):
        command(project)
    (project / "params.yaml").write_text("rate: 3\n")
    assert command(project) == "x 3"


def test_a_pipeline_in_python_is_kept_until_a_file_that_it_read_changes(tmp_path: Path) -> None:
    (tmp_path / "assay.yaml").write_text("python: pipeline.py\n")
    (tmp_path / "names.py").write_text("NAMES = ['a']\n")
    (tmp_path / "pipeline.py").write_text(
        "import assay, names\np = assay.Pipeline('p')\nfor name in names.NAMES:\n    p.run(name, 'x')\n"
        "open('.assay/ran', 'a').write('!')\n"
    )
    (tmp_path / ".assay").mkdir()

    def names() -> list[str]:
        return [step.name for step in Workspace(tmp_path, dict(os.environ)).pipeline.steps]

    assert [names(), names()] == [["a"], ["a"]]
    assert (tmp_path / ".assay/ran").read_text() == "!"
    (tmp_path / "names.py").write_text("NAMES = ['a', 'bc']\n")
    assert names() == ["a", "bc"]
