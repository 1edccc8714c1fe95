"""Findings as JUnit XML: what is broken fails, what warns does not, and every number is right."""

import re
from xml.etree import ElementTree as ET

import pytest

from assay.explain.findings import told_rules
from assay.explain.findings.junit import findings_junit

NAMES = ("broken", "two ways", "warns", "holds", "one rule", "no rule", "several", "hostile", "drifted")
ALLOWED = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time", "group"},
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
}
"""As junit-10.xsd has it."""
INSIDE = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "skipped"},
}
REQUIRED = {"testsuite": {"name", "tests", "failures", "errors"}, "testcase": {"name"}, "property": {"name", "value"}}


def suites(reports) -> ET.Element:
    return ET.fromstring(findings_junit(reports).encode())


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_form_that_its_readers_know(reports, name):
    for element in suites(reports[name]).iter():
        assert set(element.attrib) <= ALLOWED[element.tag]
        assert set(element.attrib) >= REQUIRED.get(element.tag, set())
        assert {child.tag for child in element} <= INSIDE.get(element.tag, set())
        assert len([child for child in element if element.tag == "testcase"]) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_those_of_the_rules(reports, name):
    root = suites(reports[name])
    for suite, report in zip(root, reports[name], strict=True):
        rules = told_rules(report)
        cases = suite.findall("testcase")
        assert suite.get("name")
        assert (int(suite.get("tests")), len(cases)) == (len(rules), len(rules))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("failures")) == sum(rule.outcome == "broken" for rule in rules)
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
        assert int(suite.get("skipped")) == sum(rule.outcome == "warns" for rule in rules)
    assert int(root.get("tests")) == len(root.findall("testsuite/testcase"))
    assert int(root.get("failures")) == len(root.findall("testsuite/testcase/failure"))


def test_it_reads_as_agreed(reports, snapshot):
    snapshot("findings/several.xml", findings_junit(reports["several"], "Data Validation"))
    snapshot("findings/hostile.xml", findings_junit(reports["hostile"]))


def test_a_warning_is_told_and_fails_nothing(reports):
    root = suites(reports["warns"])
    assert root.get("failures") == "0"
    (skipped,) = root.findall("testsuite/testcase/skipped")
    assert skipped.get("message") == "warning: 2,512 of 336,776 rows (0.7 %) break it"
    assert skipped.text.startswith("warning: 2,512 of")  # GitLab shows the text alone


def test_a_failure_says_in_its_text_what_its_message_says(reports):
    for failure in suites(reports["several"]).iter("failure"):
        assert failure.get("type") == "check-failed"
        assert failure.text.splitlines()[0] in failure.get("message")


def test_names_of_classes_make_no_packages_of_a_files_ending(reports):
    names = [case.get("classname") for case in suites(reports["several"]).iter("testcase")]
    assert set(names) == {"data.airports_csv", "data.small_csv", "data.flights_parquet"}


def test_no_data_is_in_it_but_what_a_finding_shows(reports):
    (case,) = [case for case in suites(reports["broken"]).iter("testcase") if case.get("name").startswith("carrier")]
    rows = [line for line in case[0].text.splitlines() if line.startswith("row: ")]
    assert len(rows) == 10
    assert rows[1] == "row: time_hour 2013-01-02T10:00:00, carrier ZZ, flight 1547, month 1"


def test_what_xml_cannot_hold_is_told_in_words(reports):
    text = findings_junit(reports["hostile"])
    assert not re.search(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    assert "\\x1b[2J" in text
    assert "<script" not in text
