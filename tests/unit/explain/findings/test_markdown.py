"""Findings as Markdown: the answer first, a table of what does not hold, the rest folded. Texts: tests/snapshots/findings."""

import re

import pytest
from msgspec.structs import replace

from assay.explain.findings import headline
from assay.explain.findings.markdown import MARKDOWN_BYTES, findings_markdown

NAMES = ("broken", "two ways", "warns", "holds", "one rule", "no rule", "several", "hostile", "drifted")


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_as_agreed(reports, snapshot, name):
    snapshot(f"findings/{name.replace(' ', '_')}.md", findings_markdown(reports[name]))


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_is_the_answer_and_details_are_folded(reports, name):
    text = findings_markdown(reports[name], "Data Validation")
    assert text.splitlines()[0].replace("`", "")[6:] == headline(reports[name])
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>")


def outside_code(text: str) -> str:
    """What Markdown reads: without code spans."""
    return re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


def test_nothing_that_others_wrote_is_read_as_markup(reports):
    read = outside_code(findings_markdown(reports["hostile"], "<b>@all</b>"))
    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", read)
    assert not re.search(r"(?<!\\)[\[\]]", read)
    assert not re.search(r"@\w", read)
    assert "://" not in read
    assert "\x1b" not in read


def test_every_row_of_a_table_has_as_many_cells_as_its_head(reports):
    for name in NAMES:
        for block in findings_markdown(reports[name]).split("\n\n"):
            lines = [line for line in block.splitlines() if line.startswith("| ")]
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) <= 1


def test_what_one_copies_has_nothing_between_its_letters(reports):
    assert "flights@d6a1f2e0" in findings_markdown(reports["broken"])
    assert "`flights@7f3a9c1e, run 17`" in findings_markdown(reports["broken"])
    assert "`assay data check --accept`" in findings_markdown(reports["broken"])


@pytest.mark.parametrize(("rules", "datasets"), [(500, 1), (80, 12), (20, 100)])
def test_a_comment_holds_it_whatever_it_holds(reports, rules, datasets):
    (hostile,) = reports["hostile"]
    broken = hostile.findings[0]
    full = replace(hostile, findings=tuple(replace(broken, rule=f"c{at}: {'<&' * 100}") for at in range(rules)))
    text = findings_markdown([full] * datasets, "&" * 10_000)
    assert len(text.encode()) <= MARKDOWN_BYTES
    assert text.count("<details>") == text.count("</details>")
    assert "not shown here" in text
