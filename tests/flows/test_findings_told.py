"""What people get of a check that failed: lines in the run, a page in its folder, and files for CI."""

from xml.etree import ElementTree as ET

import pytest

RULES = """
steps:
  - name: check
    check:
      data/flights.csv:
        unique: [flight]
        columns: {flight: int, carrier: "str in [AA, UA]", delay: "int?"}
        rules:
          late: {if: delay is not null, then: delay < 1000, severity: warn}
        slices: [carrier]
"""
GOOD = "flight,carrier,delay\n1,AA,5\n2,UA,7\n"
BAD = "3,ZZ,5000\n4,<b>,\n"


@pytest.fixture
def broken(project):
    """The second version of the data breaks a rule that the first one held."""
    project.put("assay.yaml", RULES)
    project.put("data/flights.csv", GOOD)
    assert project.assay("run").code == 0
    project.put("data/flights.csv", GOOD + BAD)
    return project


def test_a_failed_run_says_what_one_asks_next_and_leaves_the_page(broken):
    answer = broken.assay("run")
    assert answer.code == 4
    assert "4 rows, 1 of 5 rules is broken and 1 warns" in answer.out
    told = answer.out + answer.err
    for line in (
        "new carrier",
        "first row: flight 3, carrier ZZ",
        "where carrier: ",
        "run 1",
        ".assay/runs/2/check.html",
    ):
        assert line in told
    page = (broken.root / ".assay/runs/2/check.html").read_text()
    assert "<h1" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_files_for_people_and_for_ci(broken):
    answer = broken.assay("data", "check", "--html", "f.html", "--junit", "f.xml", "--markdown", "f.md")
    assert answer.code == 4
    assert answer.out.splitlines()[0].startswith(" ✗ 1 of 5 rules is broken and 1 warns: 2 of 4 rows, flights@")
    page = (broken.root / "f.html").read_text()
    assert '<h2>The columns <span class="soft">3 columns, 4 rows</span></h2>' in page
    assert '<svg class="histogram"' in page
    (suite,) = ET.fromstring((broken.root / "f.xml").read_bytes())
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "1", "1")
    assert (broken.root / "f.md").read_text().startswith("### ✗ 1 of 5 rules is broken")
