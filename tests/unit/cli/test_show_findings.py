"""How findings look in a terminal. Texts: tests/snapshots/findings."""

import re

import pytest
from click import unstyle
from msgspec.structs import replace

from assay.cli.findings import finding_lines, show_findings
from assay.cli.terminal_lines import cells, wrapped

NAMES = ("broken", "two ways", "warns", "holds", "one rule", "no rule", "several", "hostile", "drifted")


def lines(reports, width: int, **options) -> list[str]:
    return [unstyle(line) for line in finding_lines(reports, width, **options)]


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("name", NAMES)
def test_it_reads_as_agreed(reports, snapshot, name, width):
    snapshot(f"findings/{name.replace(' ', '_')}_{width}.txt", "\n".join(lines(reports[name], width)) + "\n")


def test_a_wide_terminal_and_all_rules(reports, snapshot):
    snapshot("findings/broken_all_160.txt", "\n".join(lines(reports["broken"], 160, all_rules=True)) + "\n")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 160])
@pytest.mark.parametrize("all_rules", [False, True])
def test_no_line_is_wider_than_the_terminal(reports, name, width, all_rules):
    told = lines(reports[name], width, all_rules=all_rules)
    assert max(cells(line) for line in told) <= width
    assert not any(line.endswith(" ") for line in told)


@pytest.mark.parametrize("name", NAMES)
def test_what_others_wrote_cannot_command_the_terminal(reports, name):
    assert all(line.isprintable() for line in lines(reports[name], 80, all_rules=True))


def test_the_first_line_is_the_answer(reports):
    assert lines(reports["broken"], 100)[0] == (
        " ✗ 3 of 7 rules are broken and 1 warns: up to 44 of 336,776 rows, flights@d6a1f2e0"
    )


def test_every_rule_has_its_icon_and_its_word(reports):
    text = "\n".join(lines(reports["broken"], 100, all_rules=True))
    assert re.findall(r"^ ([✗!✓]) (\w+) ", text, re.MULTILINE)[1:] == [
        *[("✗", "broken")] * 3,
        ("!", "warns"),
        *[("✓", "holds")] * 3,
    ]


def test_colours_are_there_to_be_taken_away(reports, capsys):
    assert any("\x1b" in line for line in finding_lines(reports["broken"], 80))
    show_findings(reports["broken"], 80)
    assert "\x1b" not in capsys.readouterr().out


def test_columns_that_tell_most_are_shown_and_never_all(reports):
    text = "\n".join(lines(reports["broken"], 160))
    heads = re.findall(r"^ +time_hour .*$", text, re.MULTILINE)
    assert [head.split() for head in heads] == [
        ["time_hour", "carrier", "flight", "sched_dep_time", "hour", "minute"],
        ["time_hour", "carrier", "flight", "month"],
        ["time_hour", "carrier", "flight", "dep_time", "tailnum"],
    ]
    assert "5 of 15 failing rows, 4 of 19 columns; --json has the first 10 rows whole" in text


def test_five_hundred_broken_rules_do_not_flood_a_terminal(reports):
    (report,) = reports["broken"]
    rule = next(finding for finding in report.findings if finding.column == "carrier")
    flood = replace(
        report, findings=tuple(replace(rule, rule=f"c{at}: int {'x' * 200}", column=f"c{at}") for at in range(500))
    )
    told = lines([flood], 100)
    assert sum(line.startswith(" ✗ broken") for line in told) == 52
    assert told[-1] == "   and 448 more rules: --json has them all"
    assert sum(line.startswith(" ✗ broken") for line in lines([flood], 100, all_rules=True)) == 500


def test_wide_letters_keep_their_columns(reports):
    (report,) = reports["two ways"]
    finding = replace(
        report.findings[0], sample=({"flight": 4, "tail": "東京"}, {"flight": 5, "tail": "N1"}), failing_rows=2
    )
    told = lines([replace(report, findings=(finding, *report.findings[2:]))], 80)
    rows = [line for line in told if "東京" in line or line.endswith(" N1")]
    assert [line.strip() for line in rows] == ["4  東京", "5  N1"]
    assert {cells(line.rstrip()[:-2]) for line in rows} <= {cells(rows[0].rstrip()) - 4, cells(rows[1].rstrip()) - 2}


@pytest.mark.parametrize("columns", [2, 3, 7, 40])
def test_wrapped_text_loses_nothing_and_fits(columns):
    text = "東京 is far from 12 % of averylongwordthatdoesnotfit anywhere"
    told = wrapped(text, columns)
    assert "".join(told).replace(" ", "") == text.replace(" ", "")
    assert all(cells(line) <= columns for line in told)
