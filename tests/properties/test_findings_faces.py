"""Whatever findings hold, every face can tell them: pages and XML are well formed, sizes are kept, and no text leaves its place."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from click import unstyle
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.cli.findings import finding_lines
from assay.cli.terminal_lines import cells
from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.finding import CheckReport, Finding, Proposal, SliceCount, ValueCount
from assay.core.profile import ColumnProfile, Frequent, Histogram, Profile
from assay.explain.findings import because, headline, summary
from assay.explain.findings.junit import findings_junit
from assay.explain.findings.markdown import MARKDOWN_BYTES, findings_markdown
from assay.explain.findings.page import PAGE_BYTES, findings_page

texts = st.text(max_size=30) | st.sampled_from(
    [
        "<b>",
        "]]>",
        "</style>",
        "</svg>",
        "&lt;",
        "`",
        "``",
        "|",
        "\\|",
        "\x00",
        "\ufffe",
        "\u202e",
        "-->",
        "a: b",
        "unique: [",
        '"',
        "<!--",
    ]
)
counts = st.integers(0, 10**12)
plain = st.none() | st.booleans() | counts | st.floats() | texts
rows = st.lists(st.dictionaries(texts, plain, max_size=5), max_size=3).map(tuple)
findings = st.builds(
    Finding,
    rule=texts,
    passed=st.booleans(),
    severity=st.sampled_from(["error", "warn"]),
    detail=texts,
    column=st.none() | texts,
    failing_rows=counts,
    rows=counts,
    sample=rows,
    values=st.lists(st.builds(ValueCount, plain, counts), max_size=3).map(tuple),
    slices=st.lists(st.builds(SliceCount, texts, plain, counts, counts), max_size=4).map(tuple),
    since=texts,
    proposal=st.none() | st.builds(Proposal, texts, st.none() | texts, texts, texts),
)
names = texts.map(lambda text: f"data/{text}.csv")
datasets = st.builds(Artifact, names, st.just(digest_of(b"rows")), st.just("file"), counts)
checked = st.lists(st.builds(CheckReport, datasets, counts, st.lists(findings, max_size=4).map(tuple)), max_size=2)
columns = st.builds(
    ColumnProfile,
    name=texts,
    type=st.none(),
    stored=texts,
    nulls=counts,
    distinct=st.none() | counts,
    least=plain,
    greatest=plain,
    frequent=st.lists(st.builds(Frequent, plain, counts), max_size=3).map(tuple),
    histogram=st.none()
    | st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6).map(
        lambda edges: Histogram(tuple(sorted(edges)), tuple(range(len(edges) - 1)))
    ),
)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)


OURS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "h3",
    "span",
    "p",
    "code",
    "section",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "caption",
    "dl",
    "dt",
    "dd",
    "details",
    "summary",
    "ul",
    "li",
    "a",
    "footer",
    "svg",
    "rect",
    "path",
    "desc",
}


@given(checked, columns)
@settings(max_examples=60)
def test_a_page_is_well_formed_and_all_its_tags_are_ours(reports, column):
    profile = Profile(name="x", rows=10, columns=(column, column), sampled_rows=10)
    text = findings_page(reports, profiles={report.dataset.path: profile for report in reports})
    tags = Tags(text)
    assert tags.open == []
    assert tags.seen <= OURS
    assert len(text.encode()) <= PAGE_BYTES


@given(checked)
@settings(max_examples=60)
def test_xml_is_well_formed_and_its_numbers_are_right(reports):
    root = ET.fromstring(findings_junit(reports).encode())
    assert len(root) == len(reports)
    assert int(root.get("failures")) == len(root.findall("testsuite/testcase/failure"))
    assert int(root.get("tests")) == len(root.findall("testsuite/testcase"))


@given(checked, st.integers(30, 180), st.booleans())
@settings(max_examples=60)
def test_a_terminal_shows_no_line_too_wide_and_nothing_that_commands_it(reports, width, all_rules):
    for line in map(unstyle, finding_lines(reports, width, all_rules=all_rules)):
        assert line.isprintable()
        assert cells(line) <= width


@given(checked)
@settings(max_examples=60)
def test_markdown_is_bounded_and_folds_what_it_opens(reports):
    text = findings_markdown(reports)
    assert len(text.encode()) <= MARKDOWN_BYTES
    bare = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert bare.count("<details>") == bare.count("</details>")
    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", bare)


@given(checked)
@settings(max_examples=60)
def test_a_run_tells_them_in_twelve_lines_and_a_step_in_one(reports):
    told = because(reports)
    assert len(told) <= 12
    assert all(line.isprintable() for line in (*told, headline(reports), *map(summary, reports)))
