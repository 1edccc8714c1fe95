"""Slips are told before they cost a run, and nothing is told of pipelines that are right."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from assay.core.problem import AssayError
from assay.flows.check_pipeline import check_pipeline
from assay.workspace import Workspace

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = {
    "find-the-cause-of-a-failure.md": {"output-never-named"},
    "run-in-github-or-gitlab.md": {"script-not-there"},
    "check-your-pipeline.md": {"output-never-named", "other-script-declared", "accidental-barrier"},
}
"""What pages about slips show on purpose, and one that runs nothing and so needs no script."""

SLIPS = """\
steps:
  - name: Prepare
    run: python preparing.py
    inputs: [prepare.py]
    outputs: [rows.csv]
  - name: Report
    run: ls
  - name: Train
    run: "true"
    inputs: [rows.csv]
"""


@pytest.fixture
def slips(project):
    project.write(assay__yaml=SLIPS, prepare__py="", preparing__py="open('rows.csv', 'w').write('x')")
    return project


def test_every_slip_is_told_with_its_place_and_its_fix(slips):
    answer = slips.assay("plan", "--check")
    assert answer.code == 1
    assert 'assay.yaml:4:14: step "Prepare" runs preparing.py and declares prepare.py\n' in answer.out
    assert "  fix      write preparing.py in `inputs:`, or run prepare.py\n" in answer.out
    assert answer.out.endswith(" ! 2 things to look at\n")


def test_the_slips_as_json(slips):
    answer = slips.assay("plan", "--check", "--json")
    assert (answer.code, answer.json["schema"]) == (1, "assay.check/1")
    assert [problem["code"] for problem in answer.json["problems"]] == ["other-script-declared", "accidental-barrier"]


def test_a_run_warns_of_slips_and_goes_on(slips):
    answer = slips.assay("run")
    assert answer.code == 0
    assert ' ! assay.yaml:4:14: step "Prepare" runs preparing.py and declares prepare.py\n' in answer.err
    assert slips.assay("run", "Prepare", "--json").lines[-1]["slips"] == []  # nothing to do, so nothing is looked at


def test_nothing_to_look_at_is_said(project):
    project.write(assay__yaml="steps:\n  - {name: a, run: ls}\n")
    answer = project.assay("plan", "--check")
    assert (answer.code, answer.out) == (0, " ✓ nothing to look at\n")


def test_it_looks_at_the_whole_pipeline_alone(slips):
    assert slips.assay("plan", "Train", "--check").code == 2


def test_the_demo_has_no_slips(tmp_path):
    place = tmp_path / "demo"
    shutil.copytree(ROOT / "src/assay/flows/demo/flights/project", place)
    for folder in ("data/arriving", "data/labels"):  # the demo fills them month by month
        (place / folder).mkdir(parents=True)
    assert check_pipeline(Workspace(place, dict(os.environ))).problems == ()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_the_docs_have_none_but_those_they_show(page, tmp_path):
    """Data that a page makes by commands is not there, and told to be missing: all else is right."""
    for block in docs_blocks().finditer(page.read_text()):
        if block["file"]:
            place = tmp_path / block["file"]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(block["text"])
    if not (tmp_path / "assay.yaml").exists():
        return
    try:
        problems = check_pipeline(Workspace(tmp_path, dict(os.environ))).problems
    except AssayError:
        return  # a page about mistakes in the file
    assert {problem.code for problem in problems} - {"input-not-made"} <= SHOWN.get(page.name, set())


def docs_blocks():
    spec = importlib.util.spec_from_file_location("docs_conftest", ROOT / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.BLOCK
