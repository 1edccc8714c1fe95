"""One cluster for all of these tests, and one connection to it."""

import pytest

from assay.adapters.executors.jobs import JobExecutor
from assay.adapters.files.local import LocalFiles
from assay.adapters.jobs.ray import RayJobs
from assay.adapters.stores.local import LocalStore
from two_nodes import two_nodes


@pytest.fixture(scope="session")
def cluster():
    """Two nodes, to which this process is connected."""
    import ray

    with two_nodes() as cluster:
        ray.init("auto", log_to_driver=False, configure_logging=False, logging_level="ERROR")
        yield cluster
        ray.shutdown()


@pytest.fixture
def executor(cluster, tmp_path):
    """Steps as jobs on the cluster."""
    store = tmp_path / ".assay" / "store"
    files = LocalFiles(tmp_path, tmp_path / ".assay" / "cache.sqlite")
    (tmp_path / ".assay").mkdir()
    return JobExecutor(RayJobs(), tmp_path / ".assay" / "jobs", store, LocalStore(store), files)
