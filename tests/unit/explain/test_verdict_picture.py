"""The intervals are drawn where their numbers are: to scale, with the bar that was asked for and the side that passes."""

import re

import pytest
from msgspec.structs import replace

from assay.core.verdict import SentenceVerdict
from assay.explain.verdict.asked import asked_by
from assay.explain.verdict.picture import EDGE, WIDTH, draw_sentences, draw_slice, draw_slice_axis, slice_axis


def picture(verdict, *sentences) -> str:
    drawn, _ = draw_sentences(replace(verdict, sentences=sentences))
    assert len(drawn) == 1
    return drawn[0]


def sentence(text: str, estimate: float, interval=None, verdict="pass") -> SentenceVerdict:
    return SentenceVerdict(text, verdict, "", estimate=estimate, interval=interval, rows=2000)


def place(svg: str, pattern: str) -> list[float]:
    found = re.search(pattern, svg)
    assert found, pattern
    return [float(each) for each in found.groups()]


def test_dot_whisker_and_bar_are_to_scale(verdicts):
    svg = picture(verdicts["pass"], sentence("accuracy > champion.accuracy", 0.02, (0.01, 0.04)))
    (bar,) = place(svg, r'class="bar" d="M([\d.]+) ')
    (dot,) = place(svg, r'class="dot" cx="([\d.]+)"')
    low, high = place(svg, r'class="whisker" d="M([\d.]+) [\d.]+H([\d.]+)')
    unit = low - bar
    assert dot - bar == pytest.approx(2 * unit, abs=0.5)
    assert high - bar == pytest.approx(4 * unit, abs=0.5)
    assert EDGE < bar < low < dot < high < WIDTH - EDGE


@pytest.mark.parametrize(
    "text, is_above",
    [
        ("accuracy > champion.accuracy", True),
        ("mae < champion.mae", False),
        ("no accuracy < champion.accuracy - 0.05", True),
        ("accuracy >= 0.1", True),
        ("violations(missing a) <= 20%", False),
    ],
)
def test_the_shaded_side_is_the_one_that_passes(verdicts, text, is_above):
    svg = picture(verdicts["pass"], sentence(text, 0.15, (0.05, 0.3)))
    (bar,) = place(svg, r'class="bar" d="M([\d.]+) ')
    x, width = place(svg, r'class="side" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"')
    assert (x, x + width) == pytest.approx((bar, WIDTH - EDGE) if is_above else (EDGE, bar), abs=0.2)


def test_what_did_not_pass_is_hollow_and_says_so_in_words(verdicts):
    svg = picture(verdicts["pass"], sentence("accuracy > champion.accuracy", 0.02, (-0.01, 0.05), "undecided"))
    assert 'class="dot hollow"' in svg
    assert ">! undecided</tspan>" in svg
    assert 'class="zero"' in svg


def test_sentences_of_one_unit_share_an_axis_and_others_have_their_own(verdicts):
    drawn, left_out = draw_sentences(verdicts["pass"])
    assert len(drawn) == 3
    assert left_out == 0
    assert ["in points" in each for each in drawn] == [True, False, False]
    both = picture(verdicts["pass"], sentence("accuracy >= 0.8", 0.9), sentence("recall >= 0.7", 0.8))
    assert both.count('class="dot"') == 2


@pytest.mark.parametrize(
    "interval", [(float("-inf"), float("inf")), (float("nan"), float("nan")), (0.02, 0.02), None, (-1e300, 1e300)]
)
@pytest.mark.parametrize("estimate", [0.02, 0.0, -1e-300])
def test_odd_numbers_still_give_a_picture_within_its_frame(verdicts, interval, estimate):
    svg = picture(verdicts["pass"], sentence("mae < champion.mae", estimate, interval))
    places = [float(each) for each in re.findall(r'(?:cx|x)="([-\d.e+]+)"', svg)]
    assert all(0 <= each <= WIDTH for each in places)
    assert "nan" not in svg


def test_an_estimate_that_is_no_number_is_not_drawn(verdicts):
    sentences = (
        sentence("mae < 3", float("nan")),
        sentence("mae < 3", float("inf")),
        SentenceVerdict("mae < 3", "undecided", ""),
    )
    assert draw_sentences(replace(verdicts["pass"], sentences=sentences)) == ([], 0)


def test_too_many_sentences_to_draw_are_counted(verdicts):
    drawn, left_out = draw_sentences(replace(verdicts["pass"], sentences=(sentence("mae < 3", 2.0),) * 100))
    assert (len(drawn), drawn[0].count('class="dot"'), left_out) == (1, 40, 60)


def test_slices_stand_on_one_axis(verdicts):
    told = verdicts["undecided"].sentences[1]
    asked = asked_by(told.sentence)
    axis = slice_axis(told.slices, asked)
    assert axis is not None
    rows = [draw_slice(each, axis, "s1") for each in told.slices]
    assert 'id="s1"' in draw_slice_axis(axis, asked, "s1")
    assert rows[4] == ""  # no row has this value
    dots = [place(row, r'cx="([\d.]+)"')[0] for row in rows if row]
    assert dots == sorted(dots[:4]) + dots[4:]


def test_slices_without_an_estimate_have_no_axis(verdicts):
    assert slice_axis(verdicts["undecided"].sentences[1].slices[4:5], asked_by("accuracy > 0.5")) is None
