"""What strace wrote becomes the lines of a trace, as the Python tracer would have written them."""

import msgspec
import pytest

from assay.adapters.executors import strace
from assay.core.ports import Task
from assay.execute.traces import read_trace


@pytest.fixture
def told(tmp_path):
    """What a report says of a task in this folder."""
    task = Task("step", "make it", str(tmp_path), {"PATH": "/usr/bin"}, "log", str(tmp_path / "step.trace"), "token")

    def of(*lines: str, project: str = ""):
        one = msgspec.structs.replace(task, project=project)
        (tmp_path / "step.trace").unlink(missing_ok=True)
        (tmp_path / "step.trace.strace").write_text("".join(f"{line}\n" for line in lines), encoding="latin-1")
        strace.translate(one)
        assert not (tmp_path / "step.trace.strace").exists()
        return read_trace((tmp_path / "step.trace").read_bytes(), project or str(tmp_path), "strace")

    return of


def test_what_was_opened_and_was_there_is_read_and_what_was_made_is_written(told, tmp_path):
    trace = told(
        f'7 openat(AT_FDCWD<{tmp_path}>, "in.txt", O_RDONLY|O_CLOEXEC) = 3<{tmp_path}/in.txt>',
        f'7 openat(AT_FDCWD<{tmp_path}>, "out.txt", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4<{tmp_path}/out.txt>',
        f'7 openat(AT_FDCWD<{tmp_path}>, "both.db", O_RDWR) = 5<{tmp_path}/both.db>',
        '7 creat("made.txt", 0666) = 6',
        '7 open("/models/m.pkl", O_WRONLY|O_CREAT, 0666) = 8',
    )
    assert (trace.traced, trace.how) == (True, "strace")
    assert trace.reads == ("in.txt", "both.db")
    assert trace.writes == ("out.txt", "both.db", "made.txt", "/models/m.pkl")


def test_what_was_looked_for_in_vain_is_missing_but_for_the_systems_folders(told, tmp_path):
    trace = told(
        '7 stat("gone/there", 0x7ffd) = -1 ENOENT (No such file or directory)',
        f'7 openat(AT_FDCWD<{tmp_path}>, "/models/model_v1.pkl", O_RDONLY) = -1 ENOENT (No such file or directory)',
        '7 access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)',
        '7 access("secret.txt", R_OK) = -1 EACCES (Permission denied)',
        f'7 openat(AT_FDCWD<{tmp_path}>, "no-folder/new.txt", O_WRONLY|O_CREAT, 0666) = -1 ENOENT (No such file or directory)',
    )
    assert trace.missing == ("gone/there", "/models/model_v1.pkl", "no-folder")


def test_what_was_renamed_or_removed_is_no_longer_written(told, tmp_path):
    trace = told(
        '7 creat("one.tmp", 0666) = 3',
        '7 rename("one.tmp", "one.txt") = 0',
        '7 creat("two.txt", 0666) = 3',
        f'7 unlinkat(AT_FDCWD<{tmp_path}>, "two.txt", 0) = 0',
        '7 mkdir("three", 0777) = 0',
        '7 creat("three/four.txt", 0666) = 3',
        '7 rmdir("three") = 0',
        '7 unlink("never.txt") = -1 ENOENT (No such file or directory)',
    )
    assert trace.writes == ("one.txt",)


def test_a_relative_path_is_where_its_process_is_and_children_begin_where_their_parent_was(told, tmp_path):
    trace = told(
        '7 chdir("sub") = 0',
        "7 vfork( <unfinished ...>",
        '8 stat("below.txt", 0x7ffd) = -1 ENOENT (No such file or directory)',
        "7 <... vfork resumed>) = 8",
        '8 chdir("..") = 0',
        '8 creat("beside.txt", 0666) = 3',
        '7 creat("below.txt", 0666) = 3',
        f'9 openat(5<{tmp_path}/other>, "from-a-descriptor.txt", O_RDONLY) = 3',
    )
    assert trace.writes == ("beside.txt", "sub/below.txt")
    assert trace.reads == ("other/from-a-descriptor.txt",)


def test_names_are_as_they_are_on_the_disk_and_a_module_from_its_cache_is_its_source(told):
    trace = told(
        r'7 creat("tab\there \303\251 \"quoted\".txt", 0666) = 3',
        '7 open("lib/__pycache__/helper.cpython-311.pyc", O_RDONLY) = 3',
        '7 creat("lib/__pycache__/helper.cpython-311.pyc.1234", 0666) = 3',
    )
    assert trace.writes == ('tab\there é "quoted".txt',)
    assert trace.reads == ("lib/helper.py",)


def test_calls_that_other_processes_interrupted_are_put_together(told, tmp_path):
    trace = told(
        f'7 openat(AT_FDCWD<{tmp_path}>, "slow.txt", O_RDONLY <unfinished ...>',
        '8 creat("quick.txt", 0666) = 3',
        f"7 <... openat resumed>) = 3<{tmp_path}/slow.txt>",
    )
    assert (trace.reads, trace.writes) == (("slow.txt",), ("quick.txt",))


def test_outside_the_project_only_writes_and_what_is_missing_count(told, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    trace = told(
        '7 open("/models/base.bin", O_RDONLY) = 3',
        '7 open("/models/new.bin", O_WRONLY|O_CREAT, 0666) = 3',
        '7 open("/tmp/scratch", O_WRONLY|O_CREAT, 0666) = 3',
        project="/models/project",
    )
    assert (trace.reads, trace.writes) == ((), ("/models/new.bin",))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "+++ exited with 0 +++",
        "7 open(",
        '7 open("half',
        "7 exit_group(0) = ?",
        "nonsense",
        "7 <... open resumed>) = 3",
    ],
)
def test_what_cannot_be_read_is_passed_over(told, line):
    assert told('7 creat("one.txt", 0666) = 3', line, '7 creat("two.txt", 0666) = 3').writes == ("one.txt", "two.txt")


def test_a_file_that_is_opened_for_update_is_read_unless_nothing_was_there(told):
    trace = told(
        '7 open("there.db", O_RDWR|O_CREAT, 0644) = 3',
        '7 lstat("new.db", 0x7ffd) = -1 ENOENT (No such file or directory)',
        '7 open("new.db", O_RDWR|O_CREAT, 0644) = 3',
        '7 unlink("old.db") = 0',
        '7 open("old.db", O_RDWR|O_CREAT, 0644) = 3',
        '7 open("only-new.db", O_RDWR|O_CREAT|O_EXCL, 0644) = 3',
        '7 open("emptied.db", O_RDWR|O_CREAT|O_TRUNC, 0644) = 3',
        '7 creat("made.db", 0644) = 3',
        '7 open("made.db", O_RDWR|O_CREAT, 0644) = 3',
    )
    assert trace.reads == ("there.db", "made.db")
    assert trace.updates == ("there.db",)
