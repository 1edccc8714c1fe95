"""The table of causes has each rule once, in the order in which they are asked, with codes that exist."""

import re
from pathlib import Path

from assay.explain.codes import pages
from assay.explain.failure.notices import NOTICES
from assay.explain.failure.rules import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "causes.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.split(" |")] for line in PAGE.splitlines() if line.startswith("| `")]


def names(cell: str) -> list[str]:
    return re.findall(r"`([\w-]+)`", cell)


def test_each_rule_has_its_row_in_the_order_of_the_table():
    assert [names(row[0])[0] for row in ROWS] == [rule.__name__ for rule in (*RULES, *NOTICES)]


def test_every_cell_but_the_last_is_filled_and_each_code_has_a_page():
    for row in ROWS:
        assert all(row[:6]), row
        assert names(row[5]), row
        assert [code for code in names(row[5]) if code not in pages()] == []


def test_threads_are_named_by_repository_and_number():
    threads = [row[6] for row in ROWS if row[6].strip("| ")]
    assert [each for each in threads if not re.fullmatch(r"[\w.-]+/[\w.-]+#\d+ ?\|?", each)] == []
    assert len(threads) >= 15


def test_threads_in_docstrings_stand_in_the_table_too():
    for rule in RULES:
        thread = re.search(r"\(([\w.-]+/[\w.-]+#\d+)\)", rule.__doc__ or "")
        assert thread is None or thread[1] in PAGE, rule
