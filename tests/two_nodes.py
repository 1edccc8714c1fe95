"""A real Ray cluster of two nodes on this machine."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NODE = {"num_cpus": 2, "object_store_memory": 80_000_000, "include_dashboard": False}


@contextmanager
def two_nodes(**head: Any) -> Iterator[Any]:
    """The cluster; RAY_ADDRESS names it meanwhile. Nothing of it is left. ``head``: what else its first node is started with."""
    import ray
    from ray.cluster_utils import Cluster

    place = tempfile.mkdtemp(prefix="ray-")  # short: it holds sockets
    Path(place, "ray").mkdir()  # where Ray writes the cluster's address, and does not make it itself
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", place)
        cluster = Cluster(initialize_head=True, head_node_args={**NODE, "temp_dir": place, **head})
        cluster.add_node(**NODE)
        patch.setenv("RAY_ADDRESS", cluster.address)
        try:
            yield cluster
        finally:
            ray.shutdown()  # of a test that asked the cluster from here
            cluster.shutdown()
            shutil.rmtree(place, ignore_errors=True)
