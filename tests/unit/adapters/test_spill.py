"""Folders that engines spill into: gone with their session, and after a kill with the next process."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from assay.adapters.engines.spill import spill_folder

SPILLING = """
import time
from assay.adapters.engines.spill import spill_folder
with spill_folder() as folder:
    (folder / "part").write_bytes(b"0" * 1000)
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def other_process(temporary):
    started = subprocess.Popen([sys.executable, "-c", SPILLING], stdout=subprocess.PIPE, text=True)
    started.stdout.readline()
    yield started
    started.kill()
    started.wait()
    started.stdout.close()


def test_a_folder_goes_with_its_session(temporary):
    with spill_folder() as folder:
        (folder / "part").write_bytes(b"0")
        assert folder.parent == temporary
    assert not any(temporary.iterdir())


def test_what_a_killed_process_left_goes_with_the_next_session(temporary, other_process):
    os.kill(other_process.pid, signal.SIGKILL)
    other_process.wait()
    assert len(list(temporary.iterdir())) == 1
    with spill_folder() as folder:
        assert list(temporary.iterdir()) == [folder]


def test_what_another_process_spills_into_stays(temporary, other_process):
    with spill_folder():
        assert len(list(temporary.glob("*/part"))) == 1


def test_a_link_with_such_a_name_leads_nowhere(temporary, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "mine").write_text("kept")
    (temporary / "assay-spill-link").symlink_to(elsewhere)
    with spill_folder():
        assert (elsewhere / "mine").read_text() == "kept"
