"""How commands are told, and how what cannot be told is said."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from assay.adapters.couriers import local
from assay.adapters.couriers.local import LocalCourier

ENVIRON = {"PATH": os.environ["PATH"]}


@pytest.fixture
def run(tmp_path):
    return lambda command, timeout_s=30.0: LocalCourier().run(
        command, b'{"kind": "failed"}', ENVIRON, tmp_path, timeout_s
    )


def test_the_notice_comes_on_standard_input(run, tmp_path):
    assert run("cat > told.json") == ""
    assert (tmp_path / "told.json").read_bytes() == b'{"kind": "failed"}'


def test_a_command_that_reads_nothing_is_no_fault(run):
    assert run("exec 0<&-; true") == ""


def test_how_a_command_failed_is_told_in_its_own_words(run):
    assert run("echo no route >&2; exit 4") == "exit code 4: no route"


def test_a_command_that_hangs_is_ended_with_all_that_it_started(run):
    assert run("sleep 600 & sleep 600", 0.2) == "it did not end within 0.2 s"


@pytest.mark.parametrize(
    "timeout_s, ends, told", [(30.0, "exit 0", ""), (0.5, "sleep 30", "it did not end within 0.5 s")]
)
def test_what_a_command_leaves_behind_is_waited_for_by_nobody(run, tmp_path, monkeypatch, timeout_s, ends, told):
    """The command has its time from when it has left something; that is there still when the command is over."""
    started, left = local._started, tmp_path / "left.pid"

    def started_and_left(*words):
        child = started(*words)
        while not left.exists() or not left.read_text():
            time.sleep(0.01)
        return child

    monkeypatch.setattr(local, "_started", started_and_left)
    assert run(f"setsid sh -c 'echo $$ > left.pid; exec sleep 1000' & {ends}", timeout_s) == told
    os.kill(int(left.read_text()), signal.SIGKILL)


def test_a_long_talk_is_told_by_its_end(run):
    assert run("seq 100000 >&2; exit 4").endswith("99999\n100000")


def test_a_folder_that_is_gone_is_told(tmp_path):
    told = LocalCourier().run("true", b"", ENVIRON, tmp_path / "gone", 5.0)
    assert told == "it could not be started: No such file or directory"


@pytest.mark.parametrize("url", ["ftp://example.com/x", "file:///etc/passwd", "example.com"])
def test_only_http_is_posted_to(url):
    assert LocalCourier().post(url, b"{}", {}, 1.0) == "the address does not begin with http:// or https://"


def test_an_address_that_is_none_is_not_repeated():
    told = LocalCourier().post("http://exa mple/s3cret\n", b"{}", {}, 1.0)
    assert told == "it could not be posted: InvalidURL"


def test_a_program_is_left_to_itself_when_patience_is_over(tmp_path):
    waits = "import sys; open('here', 'w').close(); sys.stdin.read(); open(sys.argv[1]).read()"
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    LocalCourier().start((sys.executable, "-c", waits, str(fifo)), ENVIRON, tmp_path, 0.01)
    fifo.write_text("now end")  # returns only when the program, still there, reads it
    assert Path(tmp_path).exists()


def test_a_program_that_cannot_be_started_is_none(tmp_path):
    LocalCourier().start(("no-such-program",), ENVIRON, tmp_path, 1.0)
