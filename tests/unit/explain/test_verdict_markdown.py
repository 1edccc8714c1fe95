"""A verdict as Markdown: the answer first, one table, the rest folded. Texts: tests/snapshots/verdict."""

import re

import pytest
from msgspec.structs import replace

from assay.core.verdict import ArchivedVerdict, WeakSlice
from assay.explain.verdict import headline, verdict_markdown

NAMES = ("pass", "fail", "refuted", "undecided", "first", "sealed", "metrics file", "restore", "many slices", "hostile")


@pytest.mark.parametrize("name", NAMES)
def test_a_verdict_reads_as_agreed(verdicts, snapshot, name):
    snapshot(f"verdict/{name.replace(' ', '_')}.md", verdict_markdown(verdicts[name]))


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_is_the_answer_and_details_are_folded(verdicts, name):
    text = verdict_markdown(verdicts[name], "Delays")
    first, _, second = text.splitlines()[:3]
    assert first.startswith("### ")
    assert verdicts[name].outcome.upper() in first
    assert second.startswith("**Delays**. ")
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>") >= 2


def test_what_stands_in_the_heading_is_the_headline(verdicts):
    verdict = verdicts["fail"]
    assert verdict_markdown(verdict).splitlines()[0] == f"### ✗ {headline(verdict)}"


def outside_code(text: str) -> str:
    """What Markdown reads: without code spans."""
    return re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


def test_nothing_that_others_wrote_is_read_as_markup(verdicts):
    read = outside_code(verdict_markdown(verdicts["hostile"], "<b>@all</b>"))
    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", read)
    assert not re.search(r"(?<!\\)[\[\]]", read)
    assert not re.search(r"@\w", read)
    assert "://" not in read
    assert "\x1b" not in read


def test_every_row_of_a_table_has_as_many_cells_as_its_head(verdicts):
    for name in NAMES:
        for block in verdict_markdown(verdicts[name]).split("\n\n"):
            lines = [line for line in block.splitlines() if line.startswith("| ")]
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) <= 1


def test_at_most_twenty_slices_are_told_and_the_rest_is_counted(verdicts):
    text = verdict_markdown(verdicts["many slices"])
    assert len(re.findall(r"`carrier=\w+` \|", text)) == 20
    assert "480 more slices, all of them stronger, are not shown here." in text


def test_it_fits_into_a_comment_whatever_it_holds(verdicts):
    hostile = verdicts["hostile"]
    full = replace(
        hostile,
        sentences=hostile.sentences * 50 + verdicts["many slices"].sentences * 50,
        weakest=(WeakSlice("<" * 500, "`" * 500, 10, 0.1, 0.2, 0.3),) * 500,
        archived=(ArchivedVerdict("|" * 500, "fail", hostile.sentences),) * 500,
    )
    text = verdict_markdown(full, "<" * 1000)
    assert len(text) < 65_536
    assert "more sentences are not shown here" in text


def test_a_sealed_verdict_has_no_column_for_numbers(verdicts):
    assert "|  | sentence |\n|---|---|\n" in verdict_markdown(verdicts["sealed"])
