"""A gate that rows without a label leave undecided names the file that lists which of them to label first."""

import re

import pytest
from loop import rows, write_loop


@pytest.fixture
def undecided(project):
    """A project whose second model was judged on rows of which most have no label, and what the run said."""
    answer = write_loop(project, slope=2.5).assay("run")
    assert answer.code == 0, answer.err
    lines = rows(200, 2.52, start=5000).splitlines()
    blank = [f"{line.rsplit(',', 1)[0]}," for line in lines[41:]]
    project.put("gate.csv", "\n".join([*lines[:41], *blank]) + "\n")
    project.put("slope.txt", "2.55")
    answer = project.assay("run")
    assert answer.code == 3, answer.err
    return project, answer.err


def fix(said):
    return re.search(r"  fix      (.*)", said)[1]


def test_the_file_of_ids_is_named_and_is_there(undecided):
    project, said = undecided
    path = ".assay/runs/2/gate.label-first.txt"
    told = f"label the 160 unlabelled rows on which the two models differ ({path} lists them), and run again"
    assert fix(said) == told
    assert sorted(map(int, (project.root / path).read_text().split())) == list(range(5040, 5200))


def test_an_answer_that_was_given_before_names_the_file_of_the_run_that_gave_it(undecided):
    project, said = undecided
    again = project.assay("run", "--force")
    assert again.code == 3, again.err
    assert fix(again.err) == fix(said)


def test_a_file_that_is_gone_is_not_named(undecided):
    project, _ = undecided
    (project.root / ".assay/runs/2/gate.label-first.txt").unlink()
    again = project.assay("run", "--force")
    assert fix(again.err) == "label the 160 unlabelled rows on which the two models differ, and run again"
