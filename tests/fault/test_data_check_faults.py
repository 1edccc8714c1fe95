"""Data checks under faults: disks are full, processes are killed, data and rules change while they are read."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from fault_folder import Folder, disk_of, fill, wait_until

pytestmark = pytest.mark.fault

CHILD = (sys.executable, Path(__file__).with_name("check_child.py"))
LITTLE_MEMORY = (*CHILD, "with_memory", "40MB")
KEYS = "unique: [[k, s]]\ncolumns: {k: int 0..}\n"
CHECK_KEYS = ("data", "check", "keys.parquet", "--rules", "keys.yaml", "--json")
FLIGHTS = "flight,origin,delay\n1,EWR,5\n2,JFK,7\n3,LGA,180\n"
RULES = "columns: {flight: int, origin: 'str in [EWR, JFK]', delay: 'int? 0..100'}\n"
ACCEPTED = "columns: {flight: int, origin: 'str in [EWR, JFK, LGA]', delay: int? 0..180}\n"
ACCEPT = ("data", "check", "--accept")


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    return Folder(root)


def declare(folder, **checks):
    """A pipeline that checks these files of flights by rules in a file of their own, or where it says RULES, in place."""
    lines = "".join(f"      {name}.csv: {rules.strip()}\n" for name, rules in checks.items())
    folder.put("assay.yaml", f"steps:\n  - name: Check\n    check:\n{lines}")
    for name in checks:
        folder.put(f"{name}.csv", FLIGHTS)


def ended(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


# --- spilling --------------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(folder):
    """Keys that must be spilled to be told apart in little memory, the second time after half a second."""
    folder.put("keys.yaml", KEYS)
    write_keys(folder.root / "keys.parquet")
    return folder


def write_keys(path):
    duckdb.sql(f"COPY (SELECT range AS k, 'key number ' || range AS s FROM range(1500000)) TO '{path}'")


def spilled(temporary):
    return [path for path in temporary.glob("assay-spill-*/*") if path.stat().st_size]


def demand_all_keys(answer):
    code, out, err = answer
    assert (code, err) == (0, "")
    report = json.loads(out)["reports"][0]
    assert report["rows"] == 1_500_000
    assert all(finding["passed"] for finding in report["findings"])


def demand_no_room(answer):
    code, out, err = answer
    problem = json.loads(out)["problems"][0]
    assert (code, problem["code"], err) == (1, "out-of-memory", "")
    assert "keys.parquet" in problem["what"]
    assert problem["because"]
    assert "free space in the temporary folder (TMPDIR)" in problem["fix"]


def test_where_the_disk_is_too_small_to_spill_it_is_told_and_nothing_is_left(keys, tmp_path):
    with disk_of("4m", tmp_path / "disk") as temporary:
        keys.environ["TMPDIR"] = str(temporary)
        demand_no_room(ended(keys.start(*CHECK_KEYS, program=LITTLE_MEMORY)))
        assert list(temporary.iterdir()) == []
    keys.environ["TMPDIR"] = str(tmp_path)
    demand_all_keys(ended(keys.start(*CHECK_KEYS, program=LITTLE_MEMORY)))


def test_where_others_fill_the_disk_meanwhile_it_is_told_the_same(keys, tmp_path):
    with disk_of("200m", tmp_path / "disk") as temporary:
        keys.environ["TMPDIR"] = str(temporary)
        process = keys.start(*CHECK_KEYS, program=LITTLE_MEMORY)
        wait_until(lambda: process.poll() is not None or list(temporary.glob("assay-spill-*/*")))
        process.send_signal(signal.SIGSTOP)
        ballast = fill(temporary)
        process.send_signal(signal.SIGCONT)
        demand_no_room(ended(process))
        assert list(temporary.iterdir()) == [ballast]
        ballast.unlink()
        demand_all_keys(ended(keys.start(*CHECK_KEYS, program=LITTLE_MEMORY)))
        assert list(temporary.iterdir()) == []


def test_what_a_check_spilled_that_was_killed_goes_with_the_next(keys, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    keys.environ["TMPDIR"] = str(temporary)
    process = keys.start(*CHECK_KEYS, program=LITTLE_MEMORY)
    wait_until(lambda: process.poll() is not None or spilled(temporary))
    process.kill()
    assert ended(process)[0] == -signal.SIGKILL
    assert spilled(temporary)
    demand_all_keys(ended(keys.start(*CHECK_KEYS, program=LITTLE_MEMORY)))
    assert list(temporary.iterdir()) == []


# --- accepting -------------------------------------------------------------------------------------------------------


def test_rules_are_the_old_or_the_new_ones_wherever_their_accepting_was_killed(folder):
    """Killed before each line of what writes, in turn: each file is whole, with all its changes or none, and nothing is left that stays."""
    declare(folder, one="checks/one.yaml", two="{" + RULES.strip() + "}")
    folder.put("checks/one.yaml", "# ours\n" + RULES)
    old, new = RULES.strip(), ACCEPTED.strip()
    told = [json.loads(line) for line in answer_of(folder, "accept_and_die").splitlines()]
    assert len(told) > 60
    assert [each["lived"] for each in told] == [False] * (len(told) - 1) + [True]
    for each in told:
        assert len(each["rules"]) == 2
        assert all((old in text) != (new in text) for text in each["rules"].values())
        assert len(each["beside"]) <= 2
    assert {old in text for each in told[:-1] for text in each["rules"].values()} == {True, False}
    assert any(each["beside"] for each in told)
    assert all(new in text for text in told[-1]["rules"].values())
    assert told[-1]["beside"] == []
    assert folder.assay("data", "check").returncode == 0


def answer_of(folder, *words):
    code, out, err = ended(folder.start(*words, program=CHILD))
    assert code == 0, err
    return out


@pytest.mark.parametrize("delay_s", [0.15, 0.25, 0.35, 0.45])
def test_a_command_that_accepts_and_is_killed_at_any_moment_can_be_typed_again(folder, delay_s):
    declare(folder, one="checks/one.yaml")
    folder.put("checks/one.yaml", RULES)
    process = folder.start(*ACCEPT)
    time.sleep(delay_s)
    process.kill()
    ended(process)
    assert folder.read("checks/one.yaml") in (RULES, ACCEPTED)
    assert folder.assay(*ACCEPT).returncode in (0, 4)
    assert folder.read("checks/one.yaml") == ACCEPTED
    assert [path.name for path in (folder.root / "checks").iterdir()] == ["one.yaml"]


class HeldUp:
    """Whoever writes a file whole waits, so that several stand before it at once."""

    def __init__(self, path):
        self.beside = path.with_name(f".{path.name}.new")

    def __enter__(self):
        self.file = self.beside.open("ab")
        fcntl.flock(self.file, fcntl.LOCK_EX)
        return self

    def until_all_wait(self, processes):
        wait_until(lambda: all(self._is_open_in(process.pid) for process in processes))

    def __exit__(self, *_):
        self.beside.unlink()
        self.file.close()

    def _is_open_in(self, pid):
        for place in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if place.readlink() == self.beside:
                    return True
            except FileNotFoundError:
                continue  # closed since
        return False


def accepted_at_once(folder, file, names):
    with HeldUp(folder.root / file) as held_up:
        processes = [folder.start("data", "check", f"{name}.csv", "--accept") for name in names]
        held_up.until_all_wait(processes)
    return [ended(process) for process in processes]


def test_commands_that_accept_at_once_lose_nothing(folder):
    names = ["one", "two", "three", "four"]
    declare(folder, **dict.fromkeys(names, "{" + RULES.strip() + "}"))
    answers = accepted_at_once(folder, "assay.yaml", names)
    assert [(code, out.count(" accepted: "), err) for code, out, err in answers] == [(4, 2, "")] * 4
    assert folder.read("assay.yaml").count(ACCEPTED.strip()) == 4
    assert folder.assay("data", "check").returncode == 0


def test_of_two_commands_that_change_one_rule_at_once_the_second_is_told_to_check_again(folder):
    declare(folder, one="checks/both.yaml", two="checks/both.yaml")
    folder.put("checks/both.yaml", RULES)
    folder.put("two.csv", FLIGHTS.replace("LGA", "BOS").replace("180", "9"))
    answers = accepted_at_once(folder, "checks/both.yaml", ["one", "two"])
    assert [code for code, _, _ in answers] == [4, 4]
    (late,) = [out for _, out, _ in answers if "not accepted" in out]
    assert "checks/both.yaml:1:24 origin has changed since it was checked: check again" in late
    assert ("LGA" in folder.read("checks/both.yaml")) != ("BOS" in folder.read("checks/both.yaml"))
    folder.assay(*ACCEPT)
    assert folder.assay("data", "check").returncode == 0
    assert all(origin in folder.read("checks/both.yaml") for origin in ("EWR", "JFK", "LGA", "BOS"))


def test_rules_that_a_person_moved_meanwhile_are_changed_where_they_stand_now(folder):
    declare(folder, one="checks/one.yaml")
    rules = folder.put("checks/one.yaml", RULES)
    with HeldUp(rules) as held_up:
        process = folder.start(*ACCEPT)
        held_up.until_all_wait([process])
        rules.write_text("# ours\nrows: 3\n" + RULES.replace("0..100", "0..200"))
    _, out, _ = ended(process)
    assert "accepted: new origin LGA (1 row): checks/one.yaml:3:24 origin" in out
    assert "not accepted: delay up to 180" in out
    assert rules.read_text() == "# ours\nrows: 3\n" + RULES.replace("JFK]", "JFK, LGA]").replace("0..100", "0..200")


# --- full disks ------------------------------------------------------------------------------------------------------


@pytest.fixture
def full(folder, tmp_path):
    """A project on a disk that is full, but for what a test clears."""
    with disk_of("400k", tmp_path / "disk") as disk:
        full = Folder(disk)
        declare(full, one="checks/one.yaml")
        full.put("checks/one.yaml", RULES)
        yield full


def demand_refusal(answer, file):
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert f"No space left on device: {file}" in answer.stderr
    assert "code     system-refused" in answer.stderr


def test_a_full_disk_leaves_the_rules_as_they_were(full):
    ballast = fill(full.root)
    demand_refusal(full.assay(*ACCEPT), full.root / "checks/one.yaml")
    assert full.read("checks/one.yaml") == RULES
    assert [path.name for path in (full.root / "checks").iterdir()] == ["one.yaml"]
    ballast.unlink()
    assert full.assay(*ACCEPT).returncode == 4
    assert full.read("checks/one.yaml") == ACCEPTED


@pytest.mark.parametrize(("face", "room_bytes"), [("html", 0), ("html", 8192), ("junit", 0), ("markdown", 0)])
def test_a_full_disk_leaves_the_page_as_it_was(full, face, room_bytes):
    full.put("findings", "of yesterday")
    fill(full.root, but_bytes=room_bytes)
    demand_refusal(full.assay("data", "check", f"--{face}", "findings"), "findings")
    assert full.read("findings") == "of yesterday"
    assert not list(full.root.glob(".findings*"))


@pytest.mark.parametrize("form", ["--json", "--all"])
def test_a_full_disk_under_the_answer_itself_is_told_on_stderr_and_costs_no_page(full, form, tmp_path):
    page = tmp_path / "page.html"
    fill(full.root)
    with (full.root / "answer").open("w") as answer:
        told = subprocess.run(
            [sys.executable, "-m", "assay", "data", "check", form, "--html", page],
            cwd=full.root,
            env=full.environ,
            stdout=answer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    demand_refusal(told, "standard output")
    assert "LGA" in page.read_text()


@pytest.mark.parametrize("room_bytes", [0, 4096, 12288, 24576])
def test_a_full_disk_costs_what_is_kept_and_no_finding(full, room_bytes):
    ballast = fill(full.root, but_bytes=room_bytes)
    answers = [full.assay("data", "check", "--json") for _ in range(2)]
    ballast.unlink()
    answers += [full.assay("data", "check", "--json") for _ in range(2)]
    assert [(answer.returncode, answer.stderr) for answer in answers] == [(4, "")] * 4
    assert len({answer.stdout for answer in answers}) == 1
    assert (full.root / ".assay" / "cache.sqlite").stat().st_size > 0


# --- at once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("fault", ["cut", "replaced"])
def test_data_that_changes_while_it_is_checked_is_told_or_is_one_version(folder, tmp_path, form, fault):
    folder.put("keys.yaml", KEYS)
    data = folder.root / f"keys.{form}"
    write_keys(data)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    folder.environ["TMPDIR"] = str(temporary)
    process = folder.start("data", "check", data.name, "--rules", "keys.yaml", "--json")
    wait_until(lambda: process.poll() is not None or any(temporary.iterdir()))
    process.send_signal(signal.SIGSTOP)
    if fault == "cut":
        os.truncate(data, data.stat().st_size // 2)
    else:
        folder.put("other", "k,s\n1,a\n").replace(data)
    process.send_signal(signal.SIGCONT)
    code, out, err = ended(process)
    if code == 0:  # it was through before
        demand_all_keys((code, out, err))
    else:
        problem = json.loads(out)["problems"][0]
        assert (code, problem["code"], err) == (1, "data-changed", "")
        assert problem["what"] == f"keys.{form} changed while it was checked"


def test_an_arrow_file_that_is_cut_short_while_it_is_read_ends_no_process(folder):
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"k": list(range(400_000))})
    path = folder.root / "keys.arrow"
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=4000)
    assert "is damaged" in json.loads(answer_of(folder, "cut_while_read", "keys.arrow"))["said"]


def test_checks_at_once_without_a_cache_answer_alike(folder):
    declare(folder, one="checks/one.yaml", two="{" + RULES.strip() + "}")
    folder.put("checks/one.yaml", RULES)
    answers = [ended(process) for process in [folder.start("data", "check", "--json") for _ in range(4)]]
    assert [(code, err) for code, _, err in answers] == [(4, "")] * 4
    assert len({out for _, out, _ in answers}) == 1
    failing = [
        [finding["failing_rows"] for finding in report["findings"] if not finding["passed"]]
        for report in json.loads(answers[0][1])["reports"]
    ]
    assert failing == [[1, 1], [1, 1]]
    assert folder.assay("data", "check", "--json").stdout == answers[0][1]
