"""Findings as a page: well formed, alone, small, readable in both themes, and nothing in it that others wrote is read as markup."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from msgspec.structs import replace

from assay.core.finding import CheckReport, Finding, Proposal, SliceCount, ValueCount
from assay.core.problem import Problem
from assay.core.profile import ColumnProfile, Frequent, Histogram, Profile, Quantile
from assay.explain.findings import headline, told_rules
from assay.explain.findings.page import PAGE_BYTES, findings_page
from assay.explain.findings.picture import draw_bar, draw_histogram
from assay.explain.findings.style import FINDINGS
from assay.explain.style import STYLE

NAMES = ("broken", "two ways", "warns", "holds", "one rule", "no rule", "several", "hostile", "drifted")
HOSTILE = "<script>alert(1)</script>\x1b[2J\"'&</style></title>"
VOID = {"meta"}
FORBIDDEN = {"script", "img", "link", "iframe", "object", "embed", "form", "base", "input"}


class Page(HTMLParser):
    """Follows the tags of a page, and fails where one is closed that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.headings: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def column(name: str, **fields: object) -> ColumnProfile:
    return ColumnProfile(**{"name": name, "type": "int", "stored": "BIGINT", "nulls": 0, "distinct": 9, **fields})


NUMBERS = column(
    "arr_delay",
    nulls=9430,
    least=-86,
    greatest=1272,
    distinct=569,
    quantiles=(Quantile(0.5, -5, is_exact=False),),
    histogram=Histogram((-86, -45, -20, 5, 1272), (2_000, 200_000, 100_000, 25_346)),
)
NAMES_OF_CARRIERS = column(
    "carrier", type="str", is_distinct_exact=True, frequent=(Frequent("UA", 58_665), Frequent("B6", 54_635))
)
MOMENTS = column(
    "time_hour",
    type="time",
    least="2013-01-01T10:00:00",
    greatest="2014-01-01T04:00:00",
    histogram=Histogram(("2013-01-01T10:00:00", "2013-07-03T13:00:00", "2014-01-01T04:00:00"), (100, 90)),
)
NESTED = column("nested", type=None, stored="STRUCT(a INTEGER)", distinct=None)


def profile(*columns: ColumnProfile, rows: int = 336_776) -> Profile:
    return Profile(name="flights", rows=rows, columns=columns, sampled_rows=20_000)


FLIGHTS = {"data/flights.parquet": profile(NUMBERS, MOMENTS, NESTED, NAMES_OF_CARRIERS)}


@pytest.mark.parametrize("name", NAMES)
def test_every_tag_is_closed_in_order(reports, name):
    page = Page(findings_page(reports[name], "Check <1>", "2026-10-01 12:00 UTC", {"run": "<18>"}, FLIGHTS))
    assert page.open == []
    assert "Check <1>" in page.text
    assert "<18>" in page.text


def test_where_the_columns_could_not_be_counted_the_page_says_why(reports):
    problem = Problem("query-failed", "what is asked cannot be computed", ("Out of <memory>",), "look at the values")
    page = Page(findings_page(reports["broken"], profiles={"data/flights.parquet": problem}))
    assert "The columns" in page.text
    assert "They are not shown: what is asked cannot be computed; Out of <memory>" in page.text


@pytest.mark.parametrize("name", NAMES)
def test_the_page_needs_nothing_from_elsewhere(reports, name):
    text = findings_page(reports[name], profiles=FLIGHTS)
    page = Page(text)
    assert FORBIDDEN.isdisjoint(page.tags)
    assert not {
        key for key, _ in page.attributes if key.startswith("on") or key in {"src", "style", "action", "xlink:href"}
    }
    assert all(value.startswith("#") for key, value in page.attributes if key == "href")
    assert not re.search(r"url\(|@import|https?:", re.findall("<style>(.*?)</style>", text, re.DOTALL)[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_first_heading_is_the_answer(reports, name):
    text = findings_page(reports[name])
    first = Page(re.findall("<h1[^>]*>.*?</h1>", text, re.DOTALL)[0]).text
    assert first[2:] == headline(reports[name])
    assert text.index("<h1") < text.index("<p")


def test_every_link_leads_to_a_rule_that_is_there_once(reports):
    (report,) = reports["broken"]
    page = Page(findings_page([report, replace(report)]))
    names = [value for key, value in page.attributes if key == "id"]
    assert len(names) == len(set(names)) == 8
    assert {value[1:] for key, value in page.attributes if key == "href"} == set(names)


@pytest.mark.parametrize("name", NAMES)
def test_a_colour_never_stands_alone(reports, name):
    """Whatever is coloured by how it fared says so: in the answer by its icon and its words, elsewhere by both."""
    text = findings_page(reports[name], profiles=FLIGHTS)
    told = re.findall(r'<span class="word[^"]*">(.*?)</span>', text)
    assert set(told) <= {"✗ broken", "! warns", "✗", "!", "✓"}
    for section in re.findall(r'<section class="(?:fail|open)[^"]*"[^>]*>(.*?)</section>', text, re.DOTALL):
        assert re.search("✗ broken|! warns", section)


def test_a_finding_is_told_with_its_values_places_rows_and_what_could_be_accepted(reports):
    text = Page(findings_page(reports["broken"])).text
    for told in (
        "15 of 336,776 rows (<0.1 %) not in data/airlines.parquet:carrier",
        "flights@7f3a9c1e, run 17",
        "by carrier",
        "14 of 14 (100 %)",
        "9 of 27,004 (<0.1 %)",
        "failing values",
        "the first 10 failing rows",
        "new carrier ZZ, 14 rows: accept it? assay data check --accept",
        "the rule would read carrier: str in [AA, MQ, UA, ZZ]",
        "3 rules hold",
    ):
        assert told in text


def test_the_columns_of_broken_rules_come_first_and_say_so(reports):
    text = findings_page(reports["broken"], profiles=FLIGHTS)
    heads = [Page(each).text for each in re.findall(r"<h3><code>.*?</h3>", text[text.index("The columns") :])]
    assert heads == ["carrierstr✗ broken", "arr_delayint", "time_hourtime", "nestedSTRUCT(a INTEGER)"]


def test_a_column_of_numbers_is_drawn_and_described(reports):
    text = findings_page(reports["broken"], profiles=FLIGHTS)
    assert "<title>arr_delay from -86 to 1,272</title>" in text
    assert "<desc>61.1 % of 327,346 values lie between -45 and -20, the fullest of 4 bins</desc>" in text
    told = Page(text).text
    assert "2.8 % NULL · about 569 distinct" in told
    assert "median ~-5" in told
    assert "first bar from -86 to -45, last bar from 5 to 1,272" in told
    assert "2013-01-01 10:00" in told
    assert "other values66.4 %" in told


def test_every_picture_of_its_own_is_told_to_those_who_hear_it(reports):
    text = findings_page(reports["broken"], profiles=FLIGHTS)
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        assert 'aria-hidden="true"' in svg or re.search(r'role="img"><title>.+</title><desc>.+</desc>', svg)


def test_many_bins_are_drawn_together():
    drawn = draw_histogram("n", [str(at) for at in range(257)], [1] * 256)
    assert drawn.count("z") == 37  # 256 bins, seven in each bar
    assert "of 37 bins" in drawn
    assert "from 0 to 256" in drawn


@pytest.mark.parametrize("counts", [[], [0, 0]])
def test_nothing_is_drawn_of_nothing(counts):
    assert not draw_histogram("n", ["0"] * (len(counts) + 1), counts)


@pytest.mark.parametrize(("part", "width"), [(0, 0), (1e-9, 1), (0.5, 45), (1, 90), (7, 90)])
def test_the_smallest_part_can_be_seen(part, width):
    assert f'width="{width}" height="10"/>' in draw_bar(part)


def wide_finding(at: int, cell: str, columns: int) -> Finding:
    row = {f"column {each} {cell[:30]}": cell for each in range(columns)}
    return Finding(
        f"c{at}: str in [{cell}]",
        False,
        "error" if at % 5 else "warn",
        f"{at} of 1,000,000 rows are not: {cell}",
        f"c{at}",
        at + 1,
        1_000_000,
        (row,) * 10,
        (ValueCount(cell, 3),) * 10,
        tuple(SliceCount(f"{cell}{each}", cell, 1, 2) for each in range(3) for _ in range(10)),
        cell,
        Proposal(cell, f"c{at}", cell),
    )


def wide_profile(columns: int, cell: str) -> Profile:
    texts = (Frequent(cell, 5),) * 10
    bins = Histogram(tuple(range(65)), tuple(range(64)))
    return profile(
        *(
            column(f"column {at} {cell}", type=None, stored=cell, frequent=texts, histogram=bins if at % 2 else None)
            for at in range(columns)
        )
    )


MARKUP = '&<é"`|' * 33


@pytest.mark.parametrize(
    ("rules", "columns", "datasets", "cell"),
    [
        (0, 2000, 1, MARKUP),
        (1, 2000, 1, "東" * 200),
        (30, 200, 1, "x" * 200),
        (500, 2000, 1, MARKUP),
        (40, 100, 60, MARKUP),
    ],
)
def test_it_stays_below_300_kb_whatever_it_holds(reports, rules, columns, datasets, cell):
    (report,) = reports["holds"]
    found = (*(wide_finding(at, cell, min(columns, 100)) for at in range(rules)), *report.findings * 100)
    full: CheckReport = replace(report, findings=found)
    text = findings_page(
        [full] * datasets,
        cell * 50,
        cell * 50,
        {f"{at}{cell}": cell for at in range(99)},
        {report.dataset.path: wide_profile(columns, cell)},
    )
    assert len(text.encode()) <= PAGE_BYTES < 300_000
    assert Page(text).open == []
    if rules:
        assert "failing row" in text  # of the worst rule at least, its rows are there


def test_all_of_an_ordinary_check_is_on_the_page(reports):
    finding = wide_finding(1, "x" * 20, 20)
    full = replace(
        reports["holds"][0], findings=tuple(replace(finding, rule=f"c{at}: int", column=f"c{at}") for at in range(24))
    )
    text = findings_page(
        [full], profiles={full.dataset.path: profile(*(replace(NUMBERS, name=f"c{at}") for at in range(40)))}
    )
    assert "left out" not in text
    assert text.count("<tbody><tr><td>") >= 24
    assert text.count('class="histogram"') == 40


def test_what_others_wrote_is_never_markup(reports):
    hostile = profile(
        column(HOSTILE, type=None, stored=HOSTILE, frequent=(Frequent(HOSTILE, 3),)),
        replace(NUMBERS, name=HOSTILE, least=HOSTILE, histogram=Histogram((HOSTILE, HOSTILE), (3,))),
    )
    (report,) = reports["hostile"]
    text = findings_page([report], HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, {report.dataset.path: hostile})
    assert set(Page(text).tags) <= set(Page(findings_page(reports["broken"], profiles=FLIGHTS)).tags)
    assert "<script" not in text
    assert text.count("</style>") == 1
    assert "\x1b" not in text


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})\b", block))


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def themes() -> dict[str, dict[str, str]]:
    light, dark, paper = re.findall(r":root\{(.*?)\}", STYLE, re.DOTALL)
    return {"light": colours(light), "dark": colours(dark), "paper": colours(paper)}


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_every_text_stands_out_from_its_ground(theme):
    of = themes()[theme]
    for ink in ("ink", "soft", "pass", "fail", "open", "none"):
        for ground in ("ground", "card"):
            assert contrast(of[ink], of[ground]) >= 4.5, (ink, ground)


def test_all_that_the_style_speaks_of_is_on_some_page(reports):
    pages = "".join(findings_page(reports[name], profiles=FLIGHTS) for name in NAMES)
    spoken = set(re.findall(r"\.([a-z]+)", re.sub(r"[\d.]+(rem|em|px)|\d*\.\d+", "", FINDINGS)))
    used = {each for value in re.findall(r'class="([^"]*)"', pages) for each in value.split()}
    assert spoken <= used


def test_headings_leave_out_no_level(reports):
    text = findings_page(reports["several"], profiles=FLIGHTS)
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_column_that_drifted_shows_then_and_now(reports):
    text = findings_page(reports["drifted"])
    assert "<title>tip then and now</title>" in text
    assert "filled: then; outlined: now" in text
    rows = re.findall(
        r"<tr><td><code>(.*?)</code></td><td>.*?</td><td class=\"n\">(.*?)</td><td>.*?</td><td class=\"n\">(.*?)</td>",
        text,
    )
    assert [row[1:] for row in rows] == [("0.00 %", "12.00 %"), ("40.00 %", "28.00 %"), ("0.00 %", "3.00 %")]
    assert [row[0] for row in rows][1:] == ["other values", "NULL"]


def test_each_column_that_drifted_is_named_first_on_every_line(reports):
    told = [rule.rule for rule in told_rules(reports["drifted"][0])][:2]
    assert told == ["tip: drift", "zone: drift"]


def test_tables_are_whole_and_show_where_they_scroll():
    (frame,) = re.findall(r"^\.wide\{(.*?)\}", FINDINGS, re.DOTALL | re.MULTILINE)
    assert "max-height:none" in frame
    assert {"local", "scroll"} <= set(re.findall(r"local|scroll", frame))
