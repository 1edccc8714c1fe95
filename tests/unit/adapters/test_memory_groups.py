"""Control groups of both versions tell the most memory and the kills, and are looked for where memory can be limited."""

import os
import subprocess
import time

import pytest

from assay.adapters.executors import memory

HYBRID = (
    "31 23 0:27 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "35 31 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "36 31 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
)
UNIFIED = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with these mounts below a folder, on which this process is in these groups."""

    def of(mounts: str, own: str):
        (tmp_path / "mountinfo").write_text(mounts.replace("/sys/fs/cgroup", str(tmp_path)))
        (tmp_path / "cgroup").write_text(own)
        monkeypatch.setattr(memory, "_MOUNTS", tmp_path / "mountinfo")
        monkeypatch.setattr(memory, "_OWN", tmp_path / "cgroup")
        return [str(place.relative_to(tmp_path)) for place in memory._candidates()]

    return of


def test_version_2_is_looked_for_from_the_own_group_upwards(machine):
    own = "0::/user.slice/app.slice/terminal.scope\n"
    assert machine(UNIFIED, own) == ["user.slice/app.slice/terminal.scope", "user.slice/app.slice", "user.slice", "."]


def test_version_1_is_found_beside_a_version_2_without_memory(machine):
    own = "9:name=systemd:/\n4:memory:/box/1\n3:cpuset:/\n0::/\n"
    assert machine(HYBRID, own) == ["memory/box/1", "memory/box", "memory", "unified"]


@pytest.mark.parametrize(("name", "limit"), [("memory.max", "2147483648"), ("memory.limit_in_bytes", "2147483648")])
def test_no_group_is_made_above_one_that_has_a_limit_itself(machine, tmp_path, name, limit):
    (tmp_path / "box/1").mkdir(parents=True)
    (tmp_path / "box" / name).write_text(f"{limit}\n")
    assert machine(UNIFIED, "0::/box/1\n") == ["box/1", "box"]


@pytest.mark.parametrize(("name", "limit"), [("memory.max", "max"), ("memory.limit_in_bytes", "9223372036854771712")])
def test_no_limit_is_no_limit_in_either_version(machine, tmp_path, name, limit):
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / name).write_text(f"{limit}\n")
    assert machine(UNIFIED, "0::/box\n") == ["box", "."]


def test_a_machine_without_control_groups_has_no_place(machine):
    assert machine("23 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "") == []


@pytest.mark.parametrize(
    ("files", "peak_bytes", "oom_kills"),
    [
        (
            {"memory.peak": "4096\n", "memory.events": "low 0\nhigh 0\nmax 7\noom 2\noom_kill 2\noom_group_kill 0\n"},
            4096,
            2,
        ),
        (
            {
                "memory.max_usage_in_bytes": "8192\n",
                "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
            },
            8192,
            1,
        ),
        ({}, 0, 0),
    ],
)
def test_the_peak_and_the_kills_are_read_in_either_version(tmp_path, files, peak_bytes, oom_kills):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    group = memory.Group(tmp_path)
    assert (group.peak_bytes(), group.oom_kills()) == (peak_bytes, oom_kills)


def test_groups_that_killed_processes_left_are_removed_and_no_others(tmp_path):
    ended = subprocess.Popen(["true"])
    ended.wait()
    old = time.time() - 3600
    names = {f"assay-{ended.pid}-0", f"assay-{ended.pid}-1", f"assay-{os.getpid()}-0", "assay-notes-1", "other"}
    for name in names:
        (tmp_path / name).mkdir()
    (tmp_path / f"assay-{ended.pid}-1" / "holds-a-process").mkdir()
    for name in names:
        os.utime(tmp_path / name, (old, old))
    (tmp_path / f"assay-{ended.pid}-2").mkdir()
    memory._remove_left(tmp_path)
    assert {place.name for place in tmp_path.iterdir()} == {*names, f"assay-{ended.pid}-2"} - {f"assay-{ended.pid}-0"}
