"""A table of PostgreSQL is copied to be looked at: the disk is full, the process is killed, the server goes."""

import json
import signal

import pytest
from fault_folder import Folder, disk_of, wait_until

pytestmark = pytest.mark.fault

SHOW = ("data", "show", "${WAREHOUSE}#many", "--json")


@pytest.fixture
def folder(tmp_path, database):
    root = tmp_path / "project"
    root.mkdir()
    folder = Folder(root)
    folder.environ["WAREHOUSE"] = database.address
    database.execute("CREATE TABLE many AS SELECT g AS id, repeat('x', 100) AS t FROM generate_series(1, 300000) g")
    return folder


def test_a_full_disk_is_told_and_nothing_of_the_copy_stays(folder, tmp_path):
    with disk_of("4m", tmp_path / "temporary") as temporary:
        folder.environ["TMPDIR"] = str(temporary)
        answer = folder.assay(*SHOW)
        assert list(temporary.iterdir()) == []
    problem = json.loads(answer.stdout)["problems"][0]
    assert (answer.returncode, problem["code"], answer.stderr) == (1, "out-of-memory", "")
    assert problem["what"] == "many cannot be copied here"
    assert "free space in the temporary folder (TMPDIR)" in problem["fix"]


def test_what_a_killed_copy_left_goes_with_the_next_one(folder, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    folder.environ["TMPDIR"] = str(temporary)
    process = folder.start(*SHOW)
    wait_until(lambda: list(temporary.rglob("*.csv")) or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    answer = folder.assay(*SHOW)
    assert json.loads(answer.stdout)["rows"] == 300_000
    assert list(temporary.iterdir()) == []


def test_a_server_that_ends_the_session_is_told(folder, database, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    folder.environ["TMPDIR"] = str(temporary)
    database.execute(
        "CREATE VIEW slow AS SELECT g AS id, CAST(pg_sleep(0.001) AS text) AS s FROM generate_series(1, 300000) g"
    )
    process = folder.start("data", "show", "${WAREHOUSE}#slow", "--json")
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND pid <> pg_backend_pid()"
    wait_until(lambda: database.execute(ends) or process.poll() is not None)
    out, err = process.communicate(timeout=60)
    problem = json.loads(out)["problems"][0]
    assert (process.returncode, err) == (1, "")
    assert "terminat" in " ".join(problem["because"])
    assert list(temporary.iterdir()) == []
