"""kill -9 at any moment: the next command works, has lost nothing that was reported, and ends what was left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "flows"))
from fault_folder import Folder, wait_until
from loop import labels, rows, write_loop

pytestmark = pytest.mark.fault


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    return Folder(root)


def alive(token: str) -> list[str]:
    """Processes whose command line holds the token."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                command = (place / "cmdline").read_bytes()
                is_zombie = " Z " in (place / "stat").read_text()
            except OSError:
                continue
            if token.encode() in command and not is_zombie:
                found.append(place.name)
    return found


def kill_when(process: subprocess.Popen[str], ready) -> None:
    wait_until(lambda: process.poll() is not None or ready())
    assert process.poll() is None, process.stderr.read()
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()


def test_a_killed_run_leaves_nothing_running_and_is_closed_by_the_next_one(folder):
    folder.put(
        "assay.yaml",
        "name: p\nsteps:\n  - {name: first, run: 'echo done'}\n"
        "  - {name: slow, run: 'test -e again || { setsid env -i sleep 98761 & sleep 98762; }'}\n",
    )
    process = folder.start("run")
    kill_when(process, lambda: alive("98761") and alive("98762"))
    wait_until(lambda: alive("98761") == alive("98762") == [])
    assert "killed" in folder.assay("status").stdout
    folder.put("again", "")
    report = folder.json("run")
    assert (report["run"], report["outcome"], report["recovered"]) == (2, "ok", [1])
    assert folder.json("log")["runs"][1]["outcome"] == "interrupted"
    assert folder.json("log", "1")["steps"][0]["outcome"] == "ok"


def test_a_service_that_a_step_left_lives_after_an_orderly_run_even_one_that_failed(folder):
    folder.put(
        "assay.yaml",
        "name: p\nsteps:\n  - {name: serve, run: 'setsid sleep 98767 &'}\n  - {name: fails, run: 'setsid sleep 98768 & exit 1'}\n",
    )
    assert folder.assay("run").returncode == 1
    try:
        assert alive("98767")
        assert alive("98768") == []
    finally:
        for pid in alive("98767"):
            os.kill(int(pid), signal.SIGKILL)


@pytest.mark.parametrize("delay_s", [0.05, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5])
def test_a_loop_that_is_killed_at_any_moment_goes_on_and_loses_nothing_reported(folder, delay_s):
    write_loop(folder, slope=2.5)
    process = folder.start("run", "--json")
    time.sleep(delay_s)
    process.send_signal(signal.SIGKILL)
    reported, _ = process.communicate()
    good = [line for line in map(json.loads, reported.splitlines()) if line["event"] == "step-done"]
    assert folder.assay("ledger", "verify").returncode in (0, 1) if not good else True
    known = {}
    if good:
        log = folder.json("log", "1")
        known = {step["step"]: step["outcome"] for step in log["steps"]}
    for line in good:
        assert known[line["result"]["step"]] == line["result"]["outcome"]
    report = folder.json("run")
    assert report["outcome"] == "ok"
    status = folder.json("status")
    assert status["champion"]["release"] == status["live"]["release"] == "r1"
    assert folder.assay("release", "verify", "r1").returncode == 0
    assert folder.assay("ledger", "verify").returncode == 0


@pytest.mark.parametrize("delay_s", [0.3, 0.6, 0.9, 1.2, 1.6, 2.0])
def test_a_watch_that_is_killed_at_any_moment_takes_each_reading_once(folder, delay_s):
    write_loop(folder, slope=2.0)
    assert folder.assay("run").returncode == 0
    folder.put("gate.csv", rows(200, 3.0, start=1000))
    folder.put("slope.txt", "3.0")
    folder.put("arriving/one.csv", rows(200, 3.0, 2000, "2024-02-01", label=False))
    folder.put("labels/one.csv", labels(200, 3.0, 2000))
    process = folder.start("watch", "--once", "--json")
    time.sleep(delay_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for _ in range(2):
        assert folder.assay("watch", "--once").returncode == 0
    status = folder.json("status")
    assert status["champion"]["release"] == "r2"
    runs = folder.json("log")["runs"]
    assert [run["outcome"] for run in runs if run["trigger"]["kind"] == "decay"].count("ok") == 1
    assert folder.assay("ledger", "verify").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_polite_end_leaves_no_step_behind(folder, number):
    folder.put("assay.yaml", "name: p\nsteps:\n  - {name: slow, run: 'setsid sleep 98764 & sleep 98765'}\n")
    process = folder.start("run", "--json")
    wait_until(lambda: alive("98764") and alive("98765"))
    process.send_signal(number)
    lines, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(lines.splitlines()[-1])["outcome"] == "interrupted"
    assert alive("98764") == alive("98765") == []
    assert folder.json("log")["runs"][0]["outcome"] == "interrupted"


def test_a_killed_run_is_told_by_the_next_one(folder):
    folder.put("assay.yaml", "name: p\nsteps:\n  - {name: slow, run: 'test -e again || sleep 98766'}\n")
    kill_when(folder.start("run"), lambda: alive("98766"))
    wait_until(lambda: alive("98766") == [])
    folder.put("again", "")
    assert "run 1 had been killed" in folder.assay("run").stdout
    assert "killed before it ended" in folder.assay("why", "1").stdout


def test_the_second_run_is_told_who_holds_the_project_and_looking_works_meanwhile(folder):
    folder.put("assay.yaml", "name: p\nsteps:\n  - {name: slow, run: 'echo started; sleep 98763'}\n")
    process = folder.start("run")
    wait_until(lambda: alive("98763"))
    try:
        second = folder.assay("run")
        assert second.returncode == 1
        assert f"process {process.pid}" in second.stderr
        assert "running" in folder.assay("status").stdout
        assert folder.assay("log", "slow").stdout == "started\n"
        assert folder.assay("why").returncode == 0
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 130
    assert alive("98763") == []
    assert folder.json("log")["runs"][0]["outcome"] == "interrupted"


def test_a_project_that_cannot_be_written_says_so_and_can_still_be_looked_at(folder):
    write_loop(folder)
    assert folder.assay("run").returncode == 0
    mounted = (
        subprocess.run(["mount", "--bind", folder.root, folder.root], check=False, capture_output=True).returncode == 0
    )
    if not mounted:
        pytest.fail("this suite needs to be root: it mounts a folder read-only")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder.root], check=True)
        answer = folder.assay("run")
        assert answer.returncode == 1
        assert "writ" in answer.stderr
        assert "internal-error" not in answer.stderr
        assert folder.assay("status").returncode == 0
        assert folder.assay("log").returncode == 0
    finally:
        subprocess.run(["umount", folder.root], check=True)


@pytest.mark.parametrize("command", ["rm -rf .assay", "rm -rf .assay; sleep 1", "rm -rf .assay/runs; echo still here"])
def test_a_step_that_removes_the_state_ends_the_run_with_a_word(folder, command):
    folder.put(
        "assay.yaml", f"name: p\nsteps:\n  - {{name: clean, run: '{command}'}}\n  - {{name: next, run: 'true'}}\n"
    )
    answer = folder.assay("run")
    assert answer.returncode in (0, 1)
    assert "internal-error" not in answer.stderr
    assert folder.assay("run").returncode in (0, 1)
    assert folder.assay("status").returncode == 0


def test_ctrl_c_during_a_check_is_an_interruption(folder):
    folder.put("big.csv", "a\n" + "1\n" * 30_000_000)
    folder.put("assay.yaml", "name: p\nsteps:\n  - {name: Check, check: {big.csv: {unique: [a]}}}\n")
    process = folder.start("run")
    assert process.stderr is not None
    assert "Check" in process.stderr.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "internal-error" not in told
