"""A real Ray cluster of two nodes on this machine."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NODE = {"num_cpus": 2, "object_store_memory": 80_000_000, "include_dashboard": False}


@contextmanager
def two_nodes() -> Iterator[Any]:
    """The cluster; RAY_ADDRESS names it meanwhile. Nothing of it is left."""
    from ray.cluster_utils import Cluster

    place = tempfile.mkdtemp(prefix="ray-")  # short: it holds sockets
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "temp_dir": place})
    cluster.add_node(**NODE)
    before = os.environ.get("RAY_ADDRESS")
    os.environ["RAY_ADDRESS"] = cluster.address
    try:
        yield cluster
    finally:
        os.environ.pop("RAY_ADDRESS")
        if before is not None:
            os.environ["RAY_ADDRESS"] = before
        cluster.shutdown()
        shutil.rmtree(place, ignore_errors=True)
