"""A verdict as files in the folder of its run."""

import pytest

from assay.core.digest import digest_of
from assay.core.verdict import SentenceVerdict, Verdict
from assay.flows.verdict_report import write_ids, write_reports

NAME = digest_of(b"rows")
SENTENCE = SentenceVerdict("accuracy >= 0.8", "pass", "accuracy 90.00 %", challenger=0.9, estimate=0.9, rows=500)
VERDICT = Verdict("pass", (SENTENCE,), NAME, NAME, NAME, None, None, 500)


def test_a_run_keeps_the_page_and_the_markdown_of_its_gate(tmp_path):
    page, markdown = write_reports(tmp_path / "runs" / "18", "Gate", VERDICT)
    assert (page.name, markdown.name) == ("gate.html", "gate.md")
    assert "PASS" in page.read_text("utf-8")
    assert ">18<" in page.read_text("utf-8") or "18" in page.read_text("utf-8")
    assert markdown.read_text("utf-8").startswith("### ")


def test_of_several_gates_each_has_its_files(tmp_path):
    names = [
        path.name
        for step in ("quality", "Fairness!")
        for path in write_reports(tmp_path, step, VERDICT, is_only_gate=False)
    ]
    assert names[:2] == ["gate-quality.html", "gate-quality.md"]
    assert names[2].startswith("gate-fairness")
    assert len({path.name for path in tmp_path.iterdir()}) == 4


def test_what_is_there_is_replaced(tmp_path):
    write_reports(tmp_path, "Gate", VERDICT)
    page, _ = write_reports(tmp_path, "Gate", VERDICT, when="2026-11-23 18:52 UTC")
    assert "2026-11-23 18:52 UTC" in page.read_text("utf-8")


def test_a_folder_that_cannot_be_made_is_the_systems_word(tmp_path):
    (tmp_path / "runs").write_text("no folder")
    with pytest.raises(OSError, match="runs"):
        write_reports(tmp_path / "runs" / "18", "Gate", VERDICT)


def test_ids_stand_one_a_line(tmp_path):
    assert write_ids(tmp_path / "ids.txt", ("7", "späť")).read_text("utf-8") == "7\nspäť\n"
    assert write_ids(tmp_path / "none.txt", ()).read_text("utf-8") == ""
