"""Jobs of any scheduler pass the executors' suite, in the project and in a copy of it."""

import msgspec
import pytest
from detached import DetachedJobs

from assay import __version__
from assay.adapters.executors import jobs as job_executor
from assay.adapters.executors.jobs import JobExecutor
from assay.adapters.executors.runner import run_job
from assay.adapters.files.local import LocalFiles
from assay.adapters.stores.local import LocalStore
from assay.core.capacity import Capacity
from assay.core.pipeline import Resources
from assay.core.problem import NotFound, UsageError
from assay.testing.suites import ExecutorContract
from assay.testing.suites.executors import HANG_S, Leash, next_ended, python, run, task, trace_of


def jobs_of(tmp_path, jobs, place):
    """Steps as jobs of a project at ``tmp_path``, with its store in ``place``."""
    state = tmp_path / ".assay"
    state.mkdir()
    files = LocalFiles(tmp_path, state / "cache.sqlite")
    return JobExecutor(jobs, state / "jobs", place / "store", LocalStore(place / "store"), files)


class TestJobs(ExecutorContract):
    @pytest.fixture
    def executor(self, tmp_path):
        return jobs_of(tmp_path, DetachedJobs(), tmp_path / ".assay")


class TestJobsInACopy(ExecutorContract):
    @pytest.fixture
    def executor(self, tmp_path, tmp_path_factory):
        return jobs_of(tmp_path, DetachedJobs(blind_to=(tmp_path,)), tmp_path_factory.mktemp("shared"))

    def test_a_task_runs_in_its_folder_and_knows_the_projects(self, executor, tmp_path):
        """Both are the copy's."""
        (tmp_path / "sub").mkdir()
        one = msgspec.structs.replace(
            task(tmp_path, 'pwd; echo "$ASSAY_ROOT"'), folder=f"{tmp_path}/sub", project=str(tmp_path)
        )
        run(executor, one)
        folder, root = executor.output("step", 0).decode().split()
        assert folder == f"{root}/sub"
        assert root != str(tmp_path)

    # Their tasks, and this process, talk by named pipes in the project; a copy holds files alone.
    test_several_tasks_run_at_once = None
    test_two_processes_that_want_more_memory_together_than_their_task_may_have = None
    test_what_this_process_reads_itself_is_attributed_to_nobody = None

    def test_what_a_task_makes_changes_and_removes_is_so_at_home(self, executor, tmp_path):
        (tmp_path / "old.txt").write_text("old")
        (tmp_path / "changed.sh").write_text("#!/bin/sh\necho ran\n")
        (tmp_path / "changed.sh").chmod(0o755)
        command = (
            "./changed.sh; rm old.txt; mkdir -p out/deep; echo new > out/deep/new.txt; echo '# more' >> changed.sh"
        )
        assert run(executor, task(tmp_path, command)).exit_code == 0
        assert executor.output("step", 0) == b"ran\n"
        assert not (tmp_path / "old.txt").exists()
        assert (tmp_path / "out/deep/new.txt").read_text() == "new\n"
        assert (tmp_path / "changed.sh").read_text().endswith("# more\n")
        assert (tmp_path / "changed.sh").stat().st_mode & 0o777 == 0o755

    def test_the_trace_names_the_files_at_home(self, executor, tmp_path):
        (tmp_path / "in.txt").write_text("x")
        one = task(tmp_path, python("open('in.txt'); open('out.txt', 'w')"))
        run(executor, one)
        assert f"r\t{tmp_path}/in.txt" in trace_of(one)
        assert f"w\t{tmp_path}/out.txt" in trace_of(one)

    def test_what_only_other_tasks_declare_stays_at_home(self, executor, tmp_path):
        for name in ("mine.csv", "theirs.csv", "train.py"):
            (tmp_path / name).write_text("x")
        one = msgspec.structs.replace(task(tmp_path, "ls *.csv *.py"), inputs=("mine.csv",), foreign=("theirs.csv",))
        run(executor, one)
        assert executor.output("step", 0) == b"mine.csv\ntrain.py\n"

    def test_logged_metrics_come_home(self, executor, tmp_path):
        one = task(tmp_path, python("import assay; assay.log_metric('accuracy', 0.92)"))
        run(executor, one)
        assert b'"accuracy"' in (tmp_path / "step.trace.metrics").read_bytes()


@pytest.fixture
def jobs(tmp_path):
    """A scheduler, and its executor over a project."""
    scheduler = DetachedJobs()
    executor = jobs_of(tmp_path, scheduler, tmp_path / ".assay")
    yield scheduler, executor
    executor.close()


def test_machines_that_see_neither_project_nor_store_are_refused(tmp_path):
    executor = jobs_of(tmp_path, DetachedJobs(blind_to=(tmp_path,)), tmp_path / ".assay")
    with pytest.raises(UsageError) as refused:
        executor.start(task(tmp_path, "true"))
    assert refused.value.problem.code == "store-not-shared"


def test_a_job_that_is_killed_from_outside_is_lost_and_says_what_was_seen(jobs, tmp_path):
    scheduler, executor = jobs
    leash = Leash(tmp_path / "leash")
    executor.start(task(tmp_path, f"{leash.hold}; sleep 1000"))
    leash.wait_until_held()
    (process,) = scheduler.processes.values()
    process.kill()
    (ended,) = next_ended(executor)
    assert (ended.exit_code, ended.problem.code) == (-9, "job-lost")
    assert ended.problem.because[0] == "it exited with -9"
    assert leash.is_let_go()
    assert b"the step was lost" in executor.output("step", 0)
    leash.close()


def test_what_no_machine_has_ends_at_once_and_is_never_submitted(tmp_path):
    scheduler = DetachedJobs(has=(Capacity(2, 0, 10**9, "node small"),))
    executor = jobs_of(tmp_path, scheduler, tmp_path / ".assay")
    executor.start(msgspec.structs.replace(task(tmp_path, "true"), resources=Resources(gpus=1)))
    (ended,) = executor.wait(0.0)
    assert ended.problem.because == ("node small has 0",)
    assert scheduler.processes == {}


class QueueOnly(DetachedJobs):
    """Never comes to it."""

    def submit(self, folder, task):
        return str(folder)

    def _over(self, handles):
        return {}


def test_a_job_that_waits_for_a_machine_that_has_gone_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(job_executor, "LOOK_AT_MACHINES_S", 0.0)
    scheduler = QueueOnly(has=(Capacity(2, 1, 10**9, "node large"),))
    executor = jobs_of(tmp_path, scheduler, tmp_path / ".assay")
    executor.start(msgspec.structs.replace(task(tmp_path, "true"), resources=Resources(gpus=1)))
    scheduler.has = (Capacity(2, 0, 10**9, "node small"),)
    (ended,) = next_ended(executor)
    assert ended.problem.code == "resources-not-there"


def test_a_job_that_has_not_begun_is_withdrawn_when_it_is_stopped(tmp_path):
    executor = jobs_of(tmp_path, QueueOnly(), tmp_path / ".assay")
    executor.start(task(tmp_path, "true"))
    executor.stop(HANG_S)
    assert [end.exit_code for end in executor.wait(0.0)] == [-9]


def test_a_job_is_taken_once_and_its_secrets_do_not_stay_on_the_disk(tmp_path):
    executor = jobs_of(tmp_path, QueueOnly(), tmp_path / ".assay")
    executor.start(task(tmp_path, "echo once >> times.txt", environment={"PASSWORD": "hunter2"}))
    (folder,) = (tmp_path / ".assay/jobs").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    run_job(folder)
    assert not any(b"hunter2" in file.read_bytes() for file in folder.iterdir())
    with pytest.raises(NotFound, match="no job waits"):
        run_job(folder)
    assert (tmp_path / "times.txt").read_text() == "once\n"
    assert [end.exit_code for end in executor.wait(HANG_S)] == [0]


def test_a_job_of_another_version_is_not_run(tmp_path):
    executor = jobs_of(tmp_path, QueueOnly(), tmp_path / ".assay")
    executor.start(task(tmp_path, "touch ran"))
    (folder,) = (tmp_path / ".assay/jobs").iterdir()
    spec = folder / "spec.json"
    spec.write_bytes(spec.read_bytes().replace(f'"assay_version":"{__version__}"'.encode(), b'"assay_version":"0.0.1"'))
    run_job(folder)
    (ended,) = executor.wait(HANG_S)
    assert ended.problem.code == "other-assay-version"
    assert not (tmp_path / "ran").exists()


def test_what_the_scheduler_says_of_devices_stands_above_the_environment(tmp_path):
    executor = jobs_of(tmp_path, QueueOnly(), tmp_path / ".assay")
    executor.start(task(tmp_path, 'echo "$CUDA_VISIBLE_DEVICES"', environment={"CUDA_VISIBLE_DEVICES": "0,1"}))
    (folder,) = (tmp_path / ".assay/jobs").iterdir()
    run_job(folder, {"CUDA_VISIBLE_DEVICES": "3"})
    executor.wait(HANG_S)
    assert executor.output("step", 0) == b"3\n"


def test_jobs_that_a_killed_engine_left_are_ended_by_a_sweep(tmp_path):
    scheduler = DetachedJobs()
    killed = jobs_of(tmp_path, scheduler, tmp_path / ".assay")
    leash = Leash(tmp_path / "leash")
    killed.start(task(tmp_path, f"{leash.hold}; env -i sleep 1000", token=f"{tmp_path}/1/train"))
    leash.wait_until_held()
    state = tmp_path / ".assay"
    files = LocalFiles(tmp_path, state / "cache.sqlite")
    fresh = JobExecutor(DetachedJobs(), state / "jobs", state / "store", LocalStore(state / "store"), files)
    assert len(fresh.sweep(f"{tmp_path}/1/")) >= 1
    assert leash.is_let_go()
    assert list((state / "jobs").iterdir()) == []
    leash.close()
    killed.close()


class Refusing(DetachedJobs):
    """A scheduler that takes nothing, or a Ctrl-C while it is asked."""

    def submit(self, folder, task):
        raise KeyboardInterrupt


def test_a_task_that_could_not_be_submitted_leaves_nothing_behind_and_may_be_tried_again(tmp_path):
    executor = jobs_of(tmp_path, Refusing(), tmp_path / ".assay")
    one = task(tmp_path, "true", environment={"PASSWORD": "hunter2"})
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            executor.start(one)
        assert list((tmp_path / ".assay/jobs").iterdir()) == []
    assert executor.wait(0.0) == ()
