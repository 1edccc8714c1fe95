"""What a step with secrets prints reaches its log with stars in place of the values, and everything else untouched."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.adapters.executors import masker

PROGRAM = Path(masker.__file__)


def run(command: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    words = [sys.executable, "-I", "-S", "-E", str(PROGRAM), "TOKEN,OTHER", "bash", "-c", command]
    return subprocess.run(words, env={**os.environ, **environ}, stdout=subprocess.PIPE, check=False, timeout=60)


def test_values_become_stars_in_both_streams():
    done = run("echo a $TOKEN b; echo $OTHER >&2", TOKEN="hunter22", OTHER="swordfish")
    assert (done.stdout, done.returncode) == (b"a ***** b\n*****\n", 0)


@pytest.mark.parametrize("code", [0, 1, 3, 127])
def test_it_ends_with_the_commands_code(code):
    assert run(f"exit {code}", TOKEN="hunter22").returncode == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_it_ends_by_the_signal_that_ended_the_command(number):
    assert run(f"kill -{int(number)} $$", TOKEN="hunter22").returncode == -number


def test_what_is_left_behind_is_not_waited_for_and_still_masked(tmp_path):
    log = tmp_path / "log"
    words = [sys.executable, "-I", "-S", "-E", str(PROGRAM), "TOKEN", "bash", "-c"]
    words += ["echo now; (while [ ! -e go ]; do sleep 0.02; done; echo late $TOKEN) &"]
    with log.open("wb") as target:
        done = subprocess.run(
            words, env={**os.environ, "TOKEN": "hunter22"}, stdout=target, cwd=tmp_path, check=False, timeout=60
        )
    assert (done.returncode, log.read_bytes()) == (0, b"now\n")
    (tmp_path / "go").touch()
    for _ in range(500):
        if b"late" in log.read_bytes():
            break
        time.sleep(0.02)
    assert log.read_bytes() == b"now\nlate *****\n"


def test_binary_output_comes_byte_for_byte():
    done = run("head -c 300000 /dev/zero; printf '\\xff\\xfe'", TOKEN="hunter22")
    assert done.stdout == bytes(300000) + b"\xff\xfe"


LETTERS = st.binary(max_size=12).map(lambda data: bytes(97 + byte % 2 for byte in data))


@given(st.lists(LETTERS), st.lists(LETTERS.filter(lambda value: len(value) >= 4), max_size=3))
def test_no_value_gets_through_however_the_output_is_cut(pieces, values):
    """Two letters only, so that values overlap and begin alike."""
    whole = masker.Stream(values)
    expected = whole.take(b"".join(pieces)) + whole.rest()
    stream = masker.Stream(values)
    assert b"".join(map(stream.take, pieces)) + stream.rest() == expected
    assert not any(value in expected for value in values)
    if not any(value in b"".join(pieces) for value in values):
        assert expected == b"".join(pieces)


def test_the_longer_of_two_values_that_begin_alike_is_not_cut():
    stream = masker.Stream([b"abcd", b"abcdef"])
    assert [stream.take(b"x abcd"), stream.take(b"ef"), stream.take(b" abcd!"), stream.rest()] == [
        b"x ",
        b"*****",
        b" *****!",
        b"",
    ]
