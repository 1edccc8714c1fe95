"""Jobs on a Ray cluster, one Ray task each. The only module that imports ray.

Ray schedules, and ends what it loses sight of; the rest it is not trusted with (docs/decisions/0012). It retries nothing. What a
cancelled task returns says nothing. A task that no node can take would wait for ever, so that is asked before. Only the
record of a job, some hundred bytes, goes through its object store.
"""

import signal
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assay.adapters.executors.runner import run_job
from assay.core.capacity import Capacity
from assay.core.job import RECORD
from assay.core.ports import Task
from assay.core.problem import Problem, StateError, UsageError

NODE = "node"
"""The file in a job's folder that says which node took it."""
LOOK_AT_NODES_S = 1.0
ANSWER_S = 60.0
"""So long a node may take to say what it sees: it starts a process for it."""
CONNECT_ATTEMPTS = 4
"""The server that a cluster starts for a client dies at birth now and then, one time in fifteen on a busy machine: it is forked
beside threads of gRPC (ray-project/ray#63202). The cluster says so, and nothing has begun."""
_BORN_DEAD = ("Starting Ray client server failed", "Proxy failed to Connect to backend")


class RayJobs:
    """Jobs on the cluster at ``host:port`` by Ray's client; without an address on the one that RAY_ADDRESS names, or that this
    machine belongs to. A connection that is there already is used, and left."""

    def __init__(self, address: str = "") -> None:
        self._address = f"ray://{address}" if address else "auto"
        self._is_ours = False
        self._tasks: dict[str, tuple[Any, Path]] = {}
        self._looked_s = 0.0

    def machines(self) -> tuple[Capacity, ...]:
        """The living nodes; memory is what Ray counts of it."""
        return tuple(
            Capacity(
                node["Resources"].get("CPU", 0.0),
                int(node["Resources"].get("GPU", 0)),
                int(node["Resources"].get("memory", 0)),
                f"node {node['NodeManagerHostname']} ({node['NodeManagerAddress']})",
            )
            for node in self._nodes()
        )

    def sees(self, folder: Path) -> bool:
        """Every living node is asked for a file that was made for this."""
        mark = folder / f".assay-{uuid.uuid4().hex}"
        mark.touch()
        try:
            asked = {
                node["NodeID"]: self._remote(_is_there, node["NodeID"]).remote(str(mark)) for node in self._nodes()
            }
            self._ray.wait(list(asked.values()), num_returns=len(asked), timeout=ANSWER_S)
            return all(self._answer(node, reference) for node, reference in asked.items())
        finally:
            mark.unlink()

    def submit(self, folder: Path, task: Task) -> str:
        """What claims nothing takes one CPU, so that steps spread over the nodes."""
        wanted = task.resources
        most = max((machine.cpus for machine in self.machines()), default=1.0)
        claimed = {
            "num_cpus": min(wanted.cpus or 1.0, most),
            "num_gpus": wanted.gpus,
            "memory": wanted.memory_bytes or 0,
            "name": f"assay: {task.name}",
            "scheduling_strategy": "SPREAD",
        }
        reference = self._remote(_run_job).options(**claimed).remote(str(folder))
        handle = str(reference.hex())
        self._tasks[handle] = (reference, folder)
        return handle

    def poll(self, handles: Collection[str], timeout_s: float) -> Mapping[str, str]:
        """The record of a job that is over stands in its folder here too, whatever a network disk shows of it yet."""
        known = [self._tasks[handle][0] for handle in handles if handle in self._tasks]
        if not known:
            return {}
        done, _ = self._ray.wait(known, num_returns=len(known), timeout=0.0)
        if not done:
            done, _ = self._ray.wait(known, num_returns=1, timeout=timeout_s)
        ended = {str(reference.hex()): self._outcome(str(reference.hex())) for reference in done}
        return ended | self._on_dead_nodes([handle for handle in handles if handle not in ended])

    def _on_dead_nodes(self, handles: Collection[str]) -> dict[str, str]:
        """A worker may outlive its node's raylet, and Ray then waits for it."""
        now_s = time.monotonic()
        if now_s - self._looked_s < LOOK_AT_NODES_S:
            return {}
        self._looked_s = now_s
        alive = {node["NodeID"] for node in self._nodes()}
        nodes = {handle: _node_in(self._tasks[handle][1]) for handle in handles if handle in self._tasks}
        return {handle: f"its node {node} is dead" for handle, node in nodes.items() if node and node not in alive}

    def cancel(self, handle: str) -> None:
        """By force: asked kindly, Ray does not interrupt a process that waits."""
        if handle in self._tasks:
            try:
                self._ray.cancel(self._tasks.pop(handle)[0], force=True)
            except self._ray.exceptions.RayError:
                pass  # it is over

    def logs(self, handle: str) -> str:
        """Nothing: the words with which a task ended say all that Ray kept."""
        return ""

    def close(self) -> None:
        """Disconnect, if this connected."""
        self._tasks.clear()
        if self._is_ours:
            self._is_ours = False
            self._ray.shutdown()

    def _answer(self, node: str, reference: Any) -> bool:
        try:
            return bool(self._ray.get(reference, timeout=0))
        except self._ray.exceptions.RayError as error:
            if all(node != living["NodeID"] for living in self._nodes()):
                return True  # it has died while it was asked, and no job will go there
            raise _not_answering(_said(error)) from error

    def _outcome(self, handle: str) -> str:
        reference, folder = self._tasks.pop(handle)
        try:
            record = self._ray.get(reference)
        except Exception as error:  # whatever a worker raises arrives here, in classes that Ray makes up
            return _said(error)
        if folder.exists():
            (folder / RECORD).write_bytes(record)
        return "it ended"

    @property
    def _ray(self) -> Any:
        """Ray, connected."""
        ray = _ray()
        if not ray.is_initialized():
            self._connect(ray)
            self._is_ours = True
            # What Ray has to say of a lost node it would print among the lines of --json; jobs say it by themselves.
            ray._private.worker.print_to_stdstream = _keep_quiet  # noqa: SLF001 -- there is no other way
        return ray

    def _connect(self, ray: Any) -> None:
        for more in reversed(range(CONNECT_ATTEMPTS)):
            try:
                with _signals_kept():
                    ray.init(
                        self._address,
                        log_to_driver=False,
                        configure_logging=False,
                        logging_level="ERROR",
                        namespace="assay",
                    )
                return
            except (ConnectionError, RuntimeError, ValueError) as error:
                if not (more and any(words in str(error) for words in _BORN_DEAD)):
                    raise _no_cluster(self._address, error) from error

    def _nodes(self) -> list[dict[str, Any]]:
        return [node for node in self._ray.nodes() if node["Alive"]]

    def _remote(self, function: Any, node: str | None = None) -> Any:
        """The function as a Ray task that is never tried again by Ray; on that node, taking nothing of it."""
        remote = self._ray.remote(max_retries=0)(function)
        if node is None:
            return remote
        strategy = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node, soft=False)
        return remote.options(num_cpus=0, scheduling_strategy=strategy)


def _run_job(folder: str) -> bytes:
    """In a worker of Ray, and in its process group: what ends the worker ends the job, and the guard ends the rest."""
    (Path(folder) / NODE).write_text(_ray().get_runtime_context().get_node_id())
    return run_job(Path(folder))


def _keep_quiet(*_: Any, **__: Any) -> None:
    pass


def _node_in(folder: Path) -> str:
    try:
        return (folder / NODE).read_text()
    except OSError:
        return ""


def _is_there(path: str) -> bool:
    return Path(path).exists()


def _ray() -> Any:
    try:
        import ray
        import ray.util.scheduling_strategies
    except ImportError as error:
        raise UsageError(
            Problem(
                "no-ray",
                "steps cannot run on Ray: it is not installed beside Assay",
                (str(error),),
                'pip install "assay[ray]", with the same versions of Python and Ray as the cluster has',
            )
        ) from error
    return ray


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray takes SIGTERM for itself; for Assay it is as good as Ctrl-C."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _no_cluster(address: str, error: Exception) -> UsageError:
    where = "no Ray cluster is found on this machine" if address == "auto" else f"no Ray cluster answers at {address}"
    return UsageError(
        Problem(
            "no-cluster",
            where,
            (_said(error),),
            "start one (ray start --head), set RAY_ADDRESS, or name its client port: --on ray://host:10001",
        )
    )


def _not_answering(fact: str) -> StateError:
    return StateError(
        Problem(
            "cluster-not-answering",
            "the Ray cluster does not answer",
            (fact,),
            "look at it: ray status, ray list nodes",
        )
    )


def _said(error: Exception) -> str:
    """The kind of the error, and its first words; of what was raised in a worker the last ones."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    is_traceback = bool(lines) and "Traceback" in str(error)
    line = (lines[-1] if is_traceback else lines[0]) if lines else ""
    return f"{type(error).__name__}: {line}"
