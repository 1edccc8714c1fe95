"""When January's model beats the live one in November, the gate says so, and how to bring it back."""

import pytest
from loop import ASSAY_YAML, rows, write_loop

AGAINST = ASSAY_YAML.replace("      data: gate.csv\n", "      data: gate.csv\n      against: [champion, archived]\n")


@pytest.fixture
def november(project):
    """r1 was right in January, r2 in July; now the world is January's again, and the new model is worse than both."""
    write_loop(project, slope=2.5)
    project.put("assay.yaml", AGAINST)
    for month, (slope, truth) in enumerate([(2.5, 2.5), (2.0, 2.0)]):
        project.put("slope.txt", str(slope))
        project.put("gate.csv", rows(200, truth, start=1000 * (month + 1)))
        answer = project.assay("run")
        assert answer.code == 0, answer.err
    project.put("slope.txt", "1.9")
    project.put("gate.csv", rows(200, 2.5, start=5000))
    return project


def verdict(project):
    return project.assay("gate", "--json").json


def test_the_earlier_champion_that_beats_the_live_one_is_named_with_the_command(november):
    answer = november.assay("run")
    assert answer.code == 3
    assert "r1, an earlier champion, passes the same sentences against r2" in answer.err
    assert "restore r1: assay rollback r1" in answer.err
    assert verdict(november)["restore"] == "r1"
    assert november.assay("rollback", "r1").code == 0
    assert november.assay("status", "--json").json["champion"]["release"] == "r1"


def test_each_archived_release_is_charged_to_the_rows(november):
    november.assay("run")
    november.put("slope.txt", "1.8")
    november.assay("run")
    assert verdict(november)["charge"]["before"] == 2


def test_a_release_that_was_rolled_back_is_not_brought_up_again(november):
    november.put("gate.csv", rows(200, 2.0, start=7000))
    november.assay("rollback", "r1")
    november.put("slope.txt", "3.5")
    november.assay("run")
    assert verdict(november)["archived"] == []


def test_an_archived_release_whose_bytes_are_gone_is_left_out_with_a_word(november):
    for folder in (november.root / ".assay/placed").iterdir():
        for file in folder.rglob("model.json"):
            file.unlink()
    bill = november.assay("release", "show", "r1", "--json").json["bill"]
    name = bill["model"]["digest"].removeprefix("b3:")
    for path in (november.root / ".assay/store").rglob("*"):
        if path.is_file() and name[4:] in path.name:
            path.chmod(0o600)
            path.unlink()
    answer = november.assay("run")
    assert answer.code == 3
    assert "r1 cannot be scored: its bytes are gone" in answer.out
    assert verdict(november)["restore"] is None


def test_without_asking_nobody_looks_back(november):
    november.put("assay.yaml", ASSAY_YAML)
    november.assay("run")
    assert verdict(november)["archived"] == []
