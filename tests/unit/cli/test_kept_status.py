"""The kept answer of `status --json` holds while nothing has happened, and not a moment longer."""

import json
import os
import time

import pytest

from assay.cli.quick import KEPT, SETTLED_NS, keep_status, kept_status

PATHS = ("assay.yaml", ".assay/ledger.sqlite", ".assay/ledger.sqlite-wal")


@pytest.fixture
def root(tmp_path):
    (tmp_path / ".assay").mkdir()
    (tmp_path / "assay.yaml").write_text("steps: []")
    (tmp_path / ".assay/ledger.sqlite").write_text("events")
    return tmp_path


def keep(root, later_ns: int = 10 * SETTLED_NS) -> None:
    keep_status(str(root), PATHS, "the answer", time.time_ns() + later_ns)


def test_the_answer_holds_while_the_files_are_the_same_also_from_below(root):
    keep(root)
    (root / "src").mkdir()
    assert kept_status(str(root)) == "the answer"
    assert kept_status(str(root / "src")) == "the answer"


@pytest.mark.parametrize("path", PATHS)
def test_a_change_of_any_file_ends_it(root, path):
    keep(root)
    (root / path).write_text("something else")
    assert kept_status(str(root)) is None


def test_a_change_that_keeps_size_and_time_of_modification_ends_it_too(root):
    keep(root)
    place = root / ".assay/ledger.sqlite"
    before = place.stat()
    place.write_text("EVENTS")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert kept_status(str(root)) is None


def test_a_file_that_has_only_just_changed_is_not_trusted(root):
    keep(root, later_ns=0)
    assert not (root / KEPT).exists()


@pytest.mark.parametrize(
    "garbage", ["", "no json", "[]", '{"files": 3}', json.dumps({"files": {"assay.yaml": [1]}, "answer": "x"})]
)
def test_garbage_is_no_answer(root, garbage):
    (root / KEPT).write_text(garbage)
    assert kept_status(str(root)) is None


def test_without_a_project_there_is_no_answer(tmp_path):
    assert kept_status(str(tmp_path)) is None
