"""Findings as files: where they are left, and what happens where there is no room for them."""

import pytest

from assay.core.problem import Problem, UsageError
from assay.core.profile import Profile
from assay.flows.findings_report import leave_page, profiles_of, told_as, write_file
from assay.workspace import Workspace


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    (tmp_path / "assay.yaml").write_text("steps: []\n")
    return Workspace(tmp_path, {})


def test_the_page_of_a_run_is_left_in_its_folder_and_named_from_the_project_on(workspace, reports):
    told = leave_page(workspace, 2, "Data Validation", reports["broken"])
    assert told == ".assay/runs/2/data-validation-7e3675de.html"
    assert "3 of 7 rules are broken" in (workspace.root / told).read_text()


def test_a_disk_that_takes_no_page_is_no_error_and_nothing_is_promised(workspace, reports):
    (workspace.root / ".assay").mkdir(exist_ok=True)
    (workspace.root / ".assay" / "runs").write_text("in the way")
    assert not leave_page(workspace, 2, "check", reports["broken"])


def test_what_cannot_be_profiled_is_told(workspace, reports):
    (workspace.root / "data").mkdir()
    (workspace.root / "data" / "small.csv").write_text("flight,tail\n1,N14228\n")
    found = profiles_of(workspace, reports["several"])
    assert {path: len(each.columns) for path, each in found.items() if isinstance(each, Profile)} == {
        "data/small.csv": 2
    }
    assert [each.code for each in found.values() if isinstance(each, Problem)] == ["data-not-found"] * (len(found) - 1)
    page = told_as("html", workspace, reports["several"])
    assert "They are not shown: there is no data at data/flights.parquet" in page


@pytest.mark.parametrize("face", ["html", "junit", "markdown"])
def test_every_face_is_a_file_of_utf8_in_a_folder_that_is_made(workspace, reports, face):
    workspace.root = workspace.root / "Überprüfung"
    path = workspace.root / "deep" / "findings"
    write_file(path, told_as(face, workspace, reports["several"]))
    assert "Überprüfung" in path.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError) as refused:
        write_file(tmp_path / "file" / "f.html", "text")
    assert refused.value.problem.code == "not-writable"
    assert refused.value.problem.what == f"cannot write {tmp_path / 'file' / 'f.html'}"
