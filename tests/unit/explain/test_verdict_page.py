"""A verdict as a page: well formed, alone, small, and nothing in it that others wrote is read as markup."""

import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from assay.core.verdict import ArchivedVerdict, SentenceVerdict, WeakSlice
from assay.explain.verdict import verdict_facts, verdict_markdown, verdict_page

NAMES = ("pass", "fail", "refuted", "undecided", "first", "sealed", "metrics file", "restore", "many slices", "hostile")
VOID = {"meta"}


class Page(HTMLParser):
    """Follows the tags of a page, and fails where one is closed that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
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


@pytest.mark.parametrize("name", NAMES)
def test_every_tag_is_closed_in_order(verdicts, name):
    page = Page(verdict_page(verdicts[name], "Gate <1>", "2026-10-01 12:00 UTC", {"run": "<18>"}))
    assert page.open == []
    assert "Gate <1>" in page.text
    assert "<18>" in page.text


@pytest.mark.parametrize("name", NAMES)
def test_the_page_needs_nothing_from_elsewhere(verdicts, name):
    text = verdict_page(verdicts[name])
    page = Page(text)
    assert set(page.tags).isdisjoint({"script", "img", "link", "iframe", "object", "embed", "a", "form", "base"})
    assert not {
        key for key, _ in page.attributes if key.startswith("on") or key in {"src", "style", "action", "xlink:href"}
    }
    assert all(value.startswith("#") for key, value in page.attributes if key == "href")
    assert not re.search(r"url\(|@import", re.findall("<style>(.*?)</style>", text, re.DOTALL)[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_first_heading_is_the_answer(verdicts, name):
    text = verdict_page(verdicts[name])
    first = re.findall("<h1[^>]*>(.*?)</h1>", text, re.DOTALL)[0]
    assert f"{verdicts[name].outcome.upper()}: " in first
    assert text.index("<h1") < text.index("<p")


def test_every_drawn_row_refers_to_a_ground_that_is_there_once(verdicts):
    page = Page(verdict_page(replace(verdicts["undecided"], sentences=verdicts["undecided"].sentences * 2)))
    names = [value for key, value in page.attributes if key == "id"]
    assert len(names) == len(set(names)) == 2
    assert {value[1:] for key, value in page.attributes if key == "href"} == set(names)


def test_two_hundred_slices_are_told_and_the_rest_is_counted(verdicts):
    text = verdict_page(verdicts["many slices"])
    assert text.count("<code>carrier=") == 200
    assert "300 more slices, all of them stronger, are left out here." in text
    assert "carrier=other pools 3 values: HA, OO, YV" in text


@pytest.mark.parametrize("repeats", [1, 3, 20, 200])
def test_it_stays_below_300_kb_whatever_it_holds(verdicts, repeats):
    hostile = verdicts["hostile"]
    loud = hostile.sentences[0]
    full = replace(
        hostile,
        sentences=(replace(loud, slices=loud.slices * 500), *verdicts["many slices"].sentences) * repeats,
        weakest=(WeakSlice("<" * 500, "&" * 500, 10, 0.1, 0.2, 0.3),) * 500,
        archived=(ArchivedVerdict("&" * 500, "fail", hostile.sentences),) * 500,
        measured={f"{at}{'&' * 500}": 0.5 for at in range(500)},
    )
    text = verdict_page(full, "&" * 10_000, "&" * 10_000, {f"{at}{'&' * 500}": "&" * 500 for at in range(500)})
    assert len(text.encode()) < 300_000
    assert Page(text).open == []


@pytest.mark.parametrize("face", [verdict_page, verdict_markdown])
def test_nothing_that_a_sealed_sentence_still_holds_is_told(verdicts, face):
    open_sentence = verdicts["many slices"].sentences[0]
    leaking = replace(open_sentence, verdict="sealed", reason="", sentence="accuracy > champion.accuracy")
    quiet = SentenceVerdict("accuracy > champion.accuracy", "sealed", "")
    verdict = replace(verdicts["sealed"], measured={}, calibration_error=None)
    said = face(replace(verdict, sentences=(leaking,), measured={"accuracy": 0.7654}, calibration_error=0.4321))
    assert said == face(replace(verdict, sentences=(quiet,)))


def test_a_verdict_without_numbers_has_no_picture(verdicts):
    assert "<svg" not in verdict_page(verdicts["sealed"])


def test_the_facts_are_those_of_every_other_face(verdicts):
    text = Page(verdict_page(verdicts["undecided"])).text
    assert all(label in text and said in text for label, said in verdict_facts(verdicts["undecided"]))


def test_three_sentences_of_two_hundred_slices_are_told_whole(verdicts):
    sentence = verdicts["many slices"].sentences[0]
    text = verdict_page(
        replace(verdicts["many slices"], sentences=(replace(sentence, slices=sentence.slices[:200]),) * 3)
    )
    assert text.count("<code>carrier=") == 600
    assert "left out" not in text


def test_earlier_champions_are_told_with_their_estimates(verdicts):
    text = Page(verdict_page(verdicts["restore"])).text
    assert "✓ accuracy > champion.accuracy at 99%: +2.00 points [+0.65, +3.31]" in text
