"""How a verdict looks in a terminal. Texts: tests/snapshots/verdict."""

import re

import pytest
from msgspec.structs import replace

from assay.cli.verdict import show_verdict
from assay.core.verdict import SentenceVerdict, WeakSlice

NAMES = ("pass", "fail", "refuted", "undecided", "first", "sealed", "metrics file", "restore", "many slices", "hostile")


@pytest.mark.parametrize("name", NAMES)
def test_at_80_columns_it_reads_as_agreed(verdicts, snapshot, capsys, name):
    show_verdict(verdicts[name], 80)
    snapshot(f"verdict/{name.replace(' ', '_')}_80.txt", capsys.readouterr().out)


def test_a_wide_terminal_gets_a_table(verdicts, snapshot, capsys):
    show_verdict(verdicts["undecided"], 150)
    snapshot("verdict/undecided_150.txt", capsys.readouterr().out)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [30, 40, 72, 80, 100, 132, 200])
def test_no_line_is_wider_than_the_terminal(verdicts, capsys, name, width):
    show_verdict(verdicts[name], width)
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= width
    assert not any(line.endswith(" ") for line in lines)


def test_a_line_that_others_wrote_cannot_command_the_terminal(verdicts, capsys):
    show_verdict(verdicts["hostile"], 80)
    assert all(each.isprintable() or each == "\n" for each in capsys.readouterr().out)


def test_the_width_is_that_of_the_terminal(verdicts, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    show_verdict(verdicts["undecided"])
    assert 50 < max(len(line) for line in capsys.readouterr().out.splitlines()) <= 60


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_has_its_icon_and_its_word(verdicts, capsys, name):
    show_verdict(verdicts[name], 100)
    out = capsys.readouterr().out
    assert "\x1b" not in out  # no colour where there is no terminal
    marks = re.findall(r"^ ([✓✗!·]) (pass|fail|undecided|not applicable|sealed)\b", out, re.MULTILINE)
    icon = {"pass": "✓", "fail": "✗", "undecided": "!", "not applicable": "·", "sealed": "·"}
    assert [(icon[each.verdict], each.verdict) for each in verdicts[name].sentences] == marks


def test_twenty_slices_are_told_and_the_rest_is_counted(verdicts, capsys):
    show_verdict(verdicts["many slices"], 80)
    out = capsys.readouterr().out
    assert len(re.findall(r"^    [✓✗!] \w+ +carrier=", out, re.MULTILINE)) == 20
    assert "and 480 more slices" in out
    assert "carrier=other pools 3 values: HA, OO, YV" in out


def test_nothing_that_a_sealed_sentence_still_holds_is_told(verdicts, capsys):
    leaking = replace(verdicts["many slices"].sentences[0], verdict="sealed", reason="", sentence="mae < 3")
    show_verdict(replace(verdicts["sealed"], sentences=(leaking,), measured={"mae": 2.5}), 140)
    told = capsys.readouterr().out
    show_verdict(replace(verdicts["sealed"], sentences=(SentenceVerdict("mae < 3", "sealed", ""),)), 140)
    assert told == capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 80, 100])
def test_a_weak_part_is_told_whole_on_a_narrow_terminal(verdicts, capsys, width):
    part = WeakSlice("carrier=Endeavour Air and month 5..12", "accuracy", 1_204, 0.812, 0.925, 0.0003)
    show_verdict(replace(verdicts["fail"], weakest=(part,)), width)
    out = capsys.readouterr().out
    told = " ".join(out[out.index("weakest parts") :].split())
    assert "…" not in told
    for word in ("carrier=Endeavour Air and month 5..12", "81.20 %", "92.50 %", "1,204"):
        assert word in told
