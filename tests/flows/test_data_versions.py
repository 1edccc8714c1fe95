"""Versions of data are data too: they are shown and compared by their names, as long as their bytes are somewhere."""

import json
import sqlite3

import pytest

CHECKED = """\
steps:
  - name: Make
    run: cp raw.csv made.csv
    inputs: [raw.csv]
    outputs: [made.csv]
  - name: Check
    check: {day: {columns: {a: int}}, made.csv: {columns: {a: int}}}
"""


@pytest.fixture
def seen(project):
    """A project that has checked a folder, and a file that a step writes; then both change."""
    project.write(assay__yaml=CHECKED, raw__csv="a\n1\n2\n", day___1__csv="a\n1\n", day___2__csv="a\n2\n")
    assert project.assay("run").code == 0
    project.labels = labels(project)
    return project


def labels(project) -> dict[str, str]:
    """What was checked, by name: ``made`` -> ``made@9c41e0d2``."""
    with sqlite3.connect(project.root / ".assay/ledger.sqlite") as ledger:
        events = [json.loads(event) for (event,) in ledger.execute("SELECT event FROM event WHERE kind = 'checked'")]
    found = [event["report"]["dataset"] for event in events]
    names = {each["path"].removesuffix(".csv"): each["digest"][3:11] for each in found}
    return {name: f"{name}@{digits}" for name, digits in names.items()}


def test_a_version_that_a_step_wrote_is_compared_with_what_stands_there_now(seen):
    seen.put("raw.csv", "a\n1\n2\n3\n")
    assert seen.assay("run").code == 0
    found = seen.assay("data", "diff", seen.labels["made"], "made.csv", "--json")
    assert found.code == 0, found.err
    assert [found.json[side]["rows"] for side in ("before", "after")] == [2, 3]
    assert seen.assay("data", "show", seen.labels["made"], "--json").json["rows"] == 2


def test_a_version_of_a_folder_is_the_folder_while_it_stands_there_unchanged(seen):
    assert seen.assay("data", "show", seen.labels["day"], "--json").json["rows"] == 2
    seen.put("day/3.csv", "a\n3\n")
    gone = seen.assay("data", "diff", seen.labels["day"], "day")
    assert gone.code != 0
    assert "version-not-kept" in gone.err
    assert f"the rows of {seen.labels['day']} are not at hand" in gone.err


def test_a_version_that_nobody_saw_is_told_apart_from_a_file_that_is_not_there(seen):
    assert "no-such-version" in seen.assay("data", "show", "made@00000000").err
    assert "data-not-found" in seen.assay("data", "show", "made.parquet").err
    seen.put("odd@12345678", "a\n1\n")
    assert "no-such-version" not in seen.assay("data", "show", "odd@12345678").err
