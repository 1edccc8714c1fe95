"""A node of the cluster is killed while a step runs on it: the run ends right, or says what was lost."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.testing.suites.executors import Leash
from two_nodes import NODE

pytestmark = pytest.mark.ray

ASSAY = (sys.executable, "-m", "assay")


class Scene:
    """A project whose step Train needs a GPU, which some nodes claim to have; it says where it runs, and waits."""

    def __init__(self, root: Path, cluster) -> None:
        self.root = root
        self.cluster = cluster
        self.leash = Leash(root / "leash")
        self.nodes = []
        (root / "predict.txt").write_text("x\n")

    def declare(self, train: str, **settings) -> None:
        step = {"name": "Train", "run": train, "inputs": ["predict.txt"], "outputs": ["model.txt"], **settings}
        other = {
            "name": "Report",
            "run": "echo done > report.txt",
            "inputs": ["predict.txt"],
            "outputs": ["report.txt"],
        }
        after = {"name": "Use", "run": "cat model.txt", "inputs": ["model.txt"]}
        (self.root / "assay.yaml").write_text(json.dumps({"name": "p", "steps": [step, other, after]}))

    def add_node(self):
        self.nodes.append(self.cluster.add_node(**NODE, num_gpus=1))

    def start(self) -> subprocess.Popen[str]:
        words = [*ASSAY, "run", "--on", "ray", "--json"]
        return subprocess.Popen(words, cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_step(self, run: subprocess.Popen[str]) -> None:
        """Until it holds the leash; where the run ends before, that is told."""
        while not (self.root / "pid").exists():
            assert run.poll() is None, run.communicate()
            time.sleep(0.05)  # the processors are Ray's, which starts meanwhile
        self.leash.wait_until_held()

    def kill_node_of_step(self, run: subprocess.Popen[str]) -> None:
        """The one among whose processes the step is."""
        self.wait_for_step(run)
        above = set(ancestors(int((self.root / "pid").read_text())))
        (node,) = [node for node in self.nodes if raylet_of(node) in above]
        os.kill(raylet_of(node), signal.SIGKILL)

    def close(self) -> None:
        self.leash.close()
        for node in self.nodes:
            self.cluster.remove_node(node, allow_graceful=False)


def raylet_of(node) -> int:
    return node.all_processes["raylet"][0].process.pid


def ancestors(pid: int):
    while pid > 1:
        yield pid
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def report_of(run: subprocess.Popen[str]) -> dict:
    out, err = run.communicate(timeout=240)
    assert out, err
    return [json.loads(line) for line in out.splitlines()][-1]


@pytest.fixture
def scene(tmp_path, cluster):
    scene = Scene(tmp_path, cluster)
    yield scene
    scene.close()


def waits(scene: Scene) -> str:
    return f"echo $$ > pid; {scene.leash.hold}; sleep 1000"


def test_the_lost_step_is_named_with_what_was_seen_and_the_others_end_right(scene):
    scene.add_node()
    scene.declare(waits(scene), resources={"gpus": 1})
    run = scene.start()
    scene.kill_node_of_step(run)
    report = report_of(run)
    results = {result["step"]: result for result in report["results"]}
    assert run.returncode == 1
    assert results["Train"]["problem"]["code"] == "job-lost"
    assert any("dead" in fact or "died" in fact.lower() for fact in results["Train"]["problem"]["because"])
    assert results["Report"]["outcome"] == "ok"
    assert results["Use"]["outcome"] == "held"
    assert scene.leash.is_let_go(), "what the step had started on the lost node is ended"
    assert list((scene.root / ".assay/jobs").iterdir()) == []


def test_a_step_that_is_tried_again_goes_to_another_node_and_the_run_ends_right(scene):
    scene.add_node()
    scene.add_node()
    once = f"if test -e pid; then echo trained > model.txt; else {waits(scene)}; fi"
    scene.declare(once, resources={"gpus": 1}, retries={"attempts": 2, "on": ["signal"]})
    run = scene.start()
    scene.kill_node_of_step(run)
    report = report_of(run)
    results = {result["step"]: result for result in report["results"]}
    assert run.returncode == 0
    assert report["outcome"] == "ok"
    assert results["Train"]["attempts"] == 2
    assert (scene.root / "model.txt").read_text() == "trained\n"


def test_where_no_other_node_has_what_it_needs_the_second_attempt_says_so_and_waits_for_nothing(scene):
    scene.add_node()
    scene.declare(waits(scene), resources={"gpus": 1}, retries={"attempts": 2, "on": ["signal"]})
    run = scene.start()
    scene.kill_node_of_step(run)
    report = report_of(run)
    results = {result["step"]: result for result in report["results"]}
    assert results["Train"]["problem"]["code"] == "resources-not-there"


def test_what_no_node_has_fails_at_once_by_name_before_anything_is_submitted(scene):
    scene.declare("echo", resources={"gpus": 8})
    report = report_of(scene.start())
    problem = next(result["problem"] for result in report["results"] if result["step"] == "Train")
    assert problem["what"] == "it asks for more than there is: gpus: 8"
    assert "node " in problem["because"][0]


def test_the_killed_run_leaves_nothing_on_the_cluster(scene):
    scene.declare(waits(scene))
    run = scene.start()
    scene.wait_for_step(run)
    run.kill()
    run.communicate()
    assert scene.leash.is_let_go()


def test_ctrl_c_stops_the_steps_on_the_cluster_in_good_order(scene):
    scene.declare(f"echo $$ > pid; trap 'echo saved; exit 3' INT; {scene.leash.hold}; while true; do sleep 0.1; done")
    run = scene.start()
    scene.wait_for_step(run)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=240)
    assert run.returncode == 130
    assert scene.leash.is_let_go()
    (log,) = (scene.root / ".assay/runs/1").glob("train-*.log")
    assert log.read_text() == "saved\n"
